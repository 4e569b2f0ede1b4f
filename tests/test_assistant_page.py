"""The members' page as the server sends it: who gets it, what is in it, and what is not."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import Http404, HttpResponse
from django.template import Context, Template
from django.test import Client

from chatkit_gateway import conf
from chatkit_gateway.page_texts import page_texts
from chatkit_gateway.pages import AssistantView
from chatkit_gateway.widget_texts import widget_texts
from tests.conftest import API_KEY, WORKFLOW
from tests.visitor import PASSWORD

pytestmark = pytest.mark.database

PAGE = "/assistant/"
OPENAI = "https://cdn.platform.openai.com"

Configure = Callable[..., None]


@pytest.fixture(autouse=True)
def configured(configure: Configure) -> None:
    """Configure a key and a workflow that must not show."""
    configure(options={"api_key": API_KEY, "workflow_id": WORKFLOW, "organization": "org-hidden"})


@pytest.fixture
def as_member(client: Client, member: User) -> Client:
    """The browser of a member."""
    client.force_login(member)
    return client


def config_of(response: HttpResponse) -> dict[str, Any]:
    """Return what the page tells its scripts."""
    found = re.search(
        r'<script id="chatkit-config-default" type="application/json">(.*?)</script>',
        response.content.decode(),
    )
    assert found
    config: dict[str, Any] = json.loads(found[1])
    return config


def policy_of(response: HttpResponse) -> dict[str, set[str]]:
    """Return the Content-Security-Policy by directive."""
    directives = response.headers["Content-Security-Policy"].split("; ")
    return {
        name: set(sources.split()) for name, _, sources in (d.partition(" ") for d in directives)
    }


class TestWhoGetsIt:
    def test_anonymous_visitors_log_in_and_come_back(self, client: Client, member: User) -> None:
        away = client.get(PAGE)
        assert away.headers["Location"] == "/accounts/login/?next=/assistant/"

        back = client.post(
            away.headers["Location"], {"username": member.username, "password": PASSWORD}
        )

        assert back.headers["Location"] == PAGE
        assert client.get(PAGE).status_code == 200

    def test_outsiders_are_told_whom_to_ask(
        self, client: Client, outsider: User, settings: Any
    ) -> None:
        client.force_login(outsider)

        page = client.get(PAGE)

        assert page.status_code == 403
        assert "You cannot use this assistant yet" in page.content.decode()
        assert f'href="mailto:{settings.DEFAULT_FROM_EMAIL}"' in page.content.decode()
        assert f"<strong>{outsider.username}</strong>" in page.content.decode()
        assert "data-chatkit" not in page.content.decode()

    def test_an_inactive_member_is_no_visitor_any_more(
        self, as_member: Client, member: User
    ) -> None:
        User.objects.filter(pk=member.pk).update(is_active=False)

        assert as_member.get(PAGE).headers["Location"].startswith("/accounts/login/")

    def test_members_whose_permission_is_taken_away_are_out_at_once(
        self, as_member: Client, member: User
    ) -> None:
        assert as_member.get(PAGE).status_code == 200

        member.groups.clear()

        assert as_member.get(PAGE).status_code == 403

    def test_the_assistants_own_permission_counts(self, as_member: Client, settings: Any) -> None:
        settings.CHATKIT_GATEWAY["ASSISTANTS"]["default"]["PERMISSION"] = "auth.add_user"

        assert as_member.get(PAGE).status_code == 403

    def test_an_assistant_that_is_not_configured_is_not_found(
        self, as_member: Client, configure: Configure, rf: Any, member: User
    ) -> None:
        configure()
        request = rf.get("/")
        request.user = member

        with pytest.raises(Http404):
            AssistantView.as_view(assistant="nobody")(request)

    def test_a_site_without_assistants_has_no_page(self, as_member: Client, settings: Any) -> None:
        settings.CHATKIT_GATEWAY = {}

        page = as_member.get(PAGE)

        assert page.status_code == 404
        assert "There is nothing here" in page.content.decode()

    @pytest.mark.parametrize("method", ["post", "put", "delete"])
    def test_it_is_only_for_reading(self, method: str, as_member: Client) -> None:
        assert getattr(as_member, method)(PAGE).status_code == 405


class TestConfig:
    def test_shape(self, as_member: Client) -> None:
        config = config_of(as_member.get(PAGE))

        token = config.pop("csrf_token")
        assert re.fullmatch(r"\w{64}", token)
        assert config.pop("widget")["startScreen"]["prompts"][0]["label"] == "Review my pitch"
        assert config.pop("texts") == page_texts()
        assert config.pop("widget_texts") == widget_texts("en")
        assert config.pop("language") == "en-gb"
        assert re.fullmatch(r"[0-9a-f]{12}", config.pop("reference"))
        assert config == {
            "assistant": "default",
            "title": "Pitch assistant",
            "endpoint": "/chatkit/session",
            "mode": "hosted",
            "domain_key": None,
            "csrf_cookie_name": "csrftoken",
            "script_url": conf.OPENAI_SCRIPT,
            "login_url": "/accounts/login/?next=/assistant/",
        }

    def test_the_widgets_language_is_its_own_if_it_has_one(
        self, as_member: Client, settings: Any
    ) -> None:
        gateway = copy.deepcopy(settings.CHATKIT_GATEWAY)
        gateway["ASSISTANTS"]["default"]["WIDGET"]["locale"] = "de-AT"
        settings.CHATKIT_GATEWAY = gateway

        assert config_of(as_member.get(PAGE))["language"] == "de-AT"

    def test_login_leads_back_to_the_very_page(self, as_member: Client) -> None:
        config = config_of(as_member.get(PAGE, {"thread": "a&b"}))

        assert config["login_url"] == "/accounts/login/?next=/assistant/%3Fthread%3Da%2526b"

    def test_token_in_it_is_good_for_the_endpoint(self, member: User) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(member)
        token = config_of(strict.get(PAGE))["csrf_token"]

        answer = strict.post(
            "/chatkit/session",
            {"assistant": "nobody"},
            content_type="application/json",
            headers={"X-CSRFToken": token},
        )

        assert answer.json()["code"] == "unknown_assistant"

    @pytest.mark.parametrize("hidden", ["CSRF_USE_SESSIONS", "CSRF_COOKIE_HTTPONLY"])
    def test_names_no_cookie_that_scripts_cannot_read(
        self, hidden: str, as_member: Client, settings: Any
    ) -> None:
        setattr(settings, hidden, True)

        assert config_of(as_member.get(PAGE))["csrf_cookie_name"] is None

    def test_holds_no_secret(self, as_member: Client) -> None:
        page = as_member.get(PAGE).content.decode()

        assert config_of(as_member.get(PAGE))["assistant"] == "default"
        for hidden in (API_KEY, WORKFLOW, "org-hidden", "client_secret", "HostedBackend"):
            assert hidden not in page

    def test_words_cannot_break_out(self, as_member: Client, settings: Any) -> None:
        words = "</script><script>alert(1)</script>"
        settings.CHATKIT_GATEWAY["ASSISTANTS"]["default"]["TITLE"] = words

        page = as_member.get(PAGE)

        assert config_of(page)["title"] == words
        assert "<script>alert" not in page.content.decode()


class TestTag:
    def test_in_any_template(self, rf: Any, member: User) -> None:
        request = rf.get("/club/")
        request.user = member

        rendered = Template("{% load chatkit %}{% chatkit_widget %}").render(
            Context({"request": request})
        )

        assert 'data-chatkit="chatkit-config-default"' in rendered
        assert 'id="chatkit-config-default"' in rendered
        assert f'<script async src="{conf.OPENAI_SCRIPT}"></script>' in rendered
        assert "next=/club/" in rendered

    def test_two_on_a_page_do_not_meet(
        self, rf: Any, member: User, settings: Any, configure: Configure
    ) -> None:
        default = settings.CHATKIT_GATEWAY["ASSISTANTS"]["default"]
        configure(ASSISTANTS={"default": default, "board": default})

        rendered = Template(
            '{% load chatkit %}{% chatkit_widget %}{% chatkit_widget "board" %}'
        ).render(Context({"request": rf.get("/")}))

        assert re.findall(r'<script id="([\w-]+)"', rendered) == [
            "chatkit-config-default",
            "chatkit-config-board",
        ]

    def test_of_an_assistant_that_is_not_configured(self, rf: Any) -> None:
        with pytest.raises(KeyError, match="nobody"):
            Template('{% load chatkit %}{% chatkit_widget "nobody" %}').render(
                Context({"request": rf.get("/")})
            )


class TestWithoutThePortalsTemplates:
    """What another site shows before it has dressed anything."""

    @pytest.fixture(autouse=True)
    def bare(self, settings: Any) -> None:
        [engine] = settings.TEMPLATES
        settings.TEMPLATES = [engine | {"DIRS": []}]

    def test_page(self, as_member: Client) -> None:
        page = as_member.get(PAGE)

        assert page.status_code == 200
        assert "<title>Pitch assistant</title>" in page.content.decode()
        assert config_of(page)["assistant"] == "default"

    def test_refusal(self, client: Client, outsider: User) -> None:
        client.force_login(outsider)

        page = client.get(PAGE)

        assert page.status_code == 403
        assert "ask the people who run this site" in page.content.decode()


class TestHeaders:
    def test_no_cache_keeps_the_page(self, as_member: Client) -> None:
        assert "no-store" in as_member.get(PAGE).headers["Cache-Control"]
        assert "private" in as_member.get(PAGE).headers["Cache-Control"]

    def test_nor_the_refusal(self, client: Client, outsider: User) -> None:
        client.force_login(outsider)

        assert "no-store" in client.get(PAGE).headers["Cache-Control"]

    def test_cookies(self, client: Client, member: User, settings: Any) -> None:
        settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True

        client.post("/accounts/login/", {"username": member.username, "password": PASSWORD})
        client.get(PAGE)

        login, token = client.cookies["sessionid"], client.cookies["csrftoken"]
        assert (login["httponly"], login["secure"], login["samesite"]) == (True, True, "Lax")
        assert (token["httponly"], token["secure"], token["samesite"]) == ("", True, "Lax")

    def test_policy_lets_openais_script_and_frame_in(self, as_member: Client) -> None:
        policy = policy_of(as_member.get(PAGE))

        assert policy["script-src"] == policy["frame-src"] == {"'self'", OPENAI}
        assert policy["default-src"] == {"'self'"}
        assert "connect-src" not in policy
        assert policy["frame-ancestors"] == policy["object-src"] == {"'none'"}

    def test_policy_lets_the_emulator_in(
        self, as_member: Client, configure: Configure, settings: Any
    ) -> None:
        settings.EMULATOR_URL = "http://127.0.0.1:8787"
        configure(SCRIPT_URL="http://127.0.0.1:8787/deployments/chatkit/chatkit.js")

        policy = policy_of(as_member.get(PAGE))

        assert policy["script-src"] == policy["connect-src"] == {"'self'", "http://127.0.0.1:8787"}
        assert OPENAI not in str(policy)

    def test_policy_lets_nobody_in_for_our_own_script(
        self, as_member: Client, configure: Configure
    ) -> None:
        configure(SCRIPT_URL=f"/static/{conf.OWN_SCRIPT}")

        assert "http" not in as_member.get(PAGE).headers["Content-Security-Policy"]

    def test_policy_lets_nobody_in_where_the_widget_is_not(
        self, client: Client, outsider: User
    ) -> None:
        assert OPENAI not in client.get(PAGE).headers["Content-Security-Policy"]
        client.force_login(outsider)
        assert OPENAI not in client.get(PAGE).headers["Content-Security-Policy"]
