"""What a front end of its own is told about an assistant, by whom it is asked, and what is not."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from chatkit_gateway import conf
from chatkit_gateway.backends.hosted import HostedBackend
from chatkit_gateway.models import Issuance, Pause, QuotaWindow
from chatkit_gateway.page_texts import page_texts
from chatkit_gateway.testkit.emulator import Emulator
from chatkit_gateway.widget_texts import widget_texts
from tests.conftest import API_KEY, WORKFLOW
from tests.database_faults import audit_refuses_rows
from tests.test_assistant_page import config_of
from tests.visitor import Visitor

pytestmark = pytest.mark.database

Visit = Callable[..., Visitor]
Configure = Callable[..., None]

ADDRESSES = ["/chatkit/config", "/chatkit/config/", "/api/chatkit/config", "/api/chatkit/config/"]


class SelfHosted(HostedBackend):
    """A backend that browsers meet on the site itself."""

    mode = "self_hosted"


@pytest.mark.parametrize("address", ADDRESSES)
def test_answer(address: str, emulator: Emulator, member: User, visit: Visit) -> None:
    visitor = visit(member)
    answer = visitor.http.get(address)

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "application/json"
    config = answer.json()
    assert re.fullmatch(r"\w{64}", config.pop("csrf_token"))
    assert re.fullmatch(r"[0-9a-f]{12}", config.pop("reference"))
    assert config.pop("widget")["startScreen"]["prompts"][0]["label"] == "Review my pitch"
    assert config.pop("texts") == page_texts()
    assert config.pop("widget_texts") == widget_texts("en")
    prefix = address.partition("config")[0]
    assert config == {
        "assistant": "default",
        "title": "Pitch assistant",
        "mode": "hosted",
        "endpoint": f"{visitor.base_url}{prefix}session",
        "login_url": f"{visitor.base_url}/accounts/login/",
        "script_url": conf.OPENAI_SCRIPT,
        "domain_key": None,
        "language": "en-gb",
    }


def test_it_is_what_the_page_is_told(emulator: Emulator, member: User, visit: Visit) -> None:
    visitor = visit(member)
    page = config_of(visitor.http.get("/assistant/"))
    config = visitor.http.get("/chatkit/config").json()

    assert set(page) - set(config) == {"csrf_cookie_name"}
    alike = set(config) - {"csrf_token", "reference", "endpoint", "login_url"}
    assert {name: page[name] for name in alike} == {name: config[name] for name in alike}


def test_a_self_hosted_assistant(
    emulator: Emulator, member: User, visit: Visit, settings: Any
) -> None:
    settings.CHATKIT_GATEWAY["ASSISTANTS"]["default"] |= {
        "BACKEND": f"{__name__}.SelfHosted",
        "DOMAIN_KEY": "dk_club",
    }
    visitor = visit(member)
    config = visitor.http.get("/chatkit/config").json()

    assert (config["mode"], config["domain_key"]) == ("self_hosted", "dk_club")
    assert config["script_url"] == f"{visitor.base_url}/static/{conf.OWN_SCRIPT}"


def test_its_token_is_good_for_the_session(emulator: Emulator, member: User, visit: Visit) -> None:
    visitor = visit(member)
    config = visitor.http.get("/api/chatkit/config").json()
    answer = visitor.http.post(config["endpoint"], headers={"X-CSRFToken": config["csrf_token"]})

    assert answer.status_code == 200


def test_the_assistant_it_is_asked_for(
    emulator: Emulator, member: User, visit: Visit, settings: Any, configure: Configure
) -> None:
    default = settings.CHATKIT_GATEWAY["ASSISTANTS"]["default"]
    configure(ASSISTANTS={"default": default, "board & co": default | {"TITLE": "Board"}})
    answer = visit(member).http.get("/chatkit/config", params={"assistant": "board & co"})

    assert (answer.json()["assistant"], answer.json()["title"]) == ("board & co", "Board")


def test_it_holds_no_secret(emulator: Emulator, member: User, visit: Visit) -> None:
    answer = visit(member).http.get("/chatkit/config").text

    for hidden in (API_KEY, WORKFLOW, "client_secret", "HostedBackend", member.get_username()):
        assert hidden not in answer


def test_it_costs_nothing(emulator: Emulator, member: User, visit: Visit) -> None:
    visitor = visit(member)
    Pause.objects.create(reason="Exams")

    assert visitor.http.get("/chatkit/config").status_code == 200
    assert visitor.http.get("/chatkit/config?assistant=nobody").status_code == 404
    assert emulator.requests == []
    assert not Issuance.objects.exists()
    assert not QuotaWindow.objects.exists()


def test_head(emulator: Emulator, member: User, visit: Visit) -> None:
    answer = visit(member).http.head("/chatkit/config")

    assert (answer.status_code, answer.content) == (200, b"")


class TestRefusals:
    """The first that applies answers; the shape is the error table's."""

    @pytest.mark.parametrize("address", ADDRESSES)
    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
    def test_other_methods(
        self, method: str, address: str, db: None, visit: Visit, emulator: Emulator
    ) -> None:
        answer = visit().http.request(method, address)

        assert answer.status_code == 405
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Allow"] == "GET, HEAD"
        assert answer.json()["code"] == "method_not_allowed"
        assert answer.json()["detail"] == "This address only answers GET requests."

    @pytest.mark.parametrize("address", ADDRESSES)
    def test_strangers(self, address: str, db: None, visit: Visit, emulator: Emulator) -> None:
        visitor = visit()
        answer = visitor.http.get(f"{address}?assistant=nobody")

        assert answer.status_code == 401
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.json().keys() == {"detail", "code", "reference", "login_url"}
        assert answer.json()["code"] == "not_authenticated"
        assert answer.json()["login_url"] == f"{visitor.base_url}/accounts/login/"

    def test_an_account_that_was_made_inactive(
        self, member: User, visit: Visit, emulator: Emulator
    ) -> None:
        visitor = visit(member)
        User.objects.filter(pk=member.pk).update(is_active=False)

        assert visitor.http.get("/chatkit/config").json()["code"] == "not_authenticated"

    def test_outsiders_learn_no_names(
        self, outsider: User, visit: Visit, emulator: Emulator
    ) -> None:
        visitor = visit(outsider)
        for alias in ("default", "nobody"):
            answer = visitor.http.get("/chatkit/config", params={"assistant": alias})
            assert (answer.status_code, answer.json()["code"]) == (403, "not_a_member")
            assert "hint" not in answer.json()

    @pytest.mark.parametrize("alias", ["nobody", "", "Default", "default\0", "x" * 9000])
    def test_unknown_assistants(
        self, alias: str, staff: User, visit: Visit, emulator: Emulator
    ) -> None:
        answer = visit(staff).http.get("/chatkit/config", params={"assistant": alias})

        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_assistant")
        assert "ASSISTANTS" in answer.json()["hint"]

    def test_an_assistants_own_permission(
        self, member: User, visit: Visit, emulator: Emulator, settings: Any, configure: Configure
    ) -> None:
        default = settings.CHATKIT_GATEWAY["ASSISTANTS"]["default"]
        board = default | {"PERMISSION": "auth.add_user"}
        configure(ASSISTANTS={"default": default, "board": board})

        answer = visit(member).http.get("/chatkit/config?assistant=board")

        assert (answer.status_code, answer.json()["code"]) == (403, "not_a_member")

    def test_pages_that_csrf_protection_does_not_trust(
        self, staff: User, visit: Visit, emulator: Emulator, settings: Any
    ) -> None:
        settings.CSRF_TRUSTED_ORIGINS = ["https://*.example.org"]
        visitor = visit(staff)

        def ask(origin: str) -> Any:
            return visitor.http.get("/chatkit/config?assistant=x", headers={"Origin": origin})

        for origin in (visitor.base_url, "https://app.example.org"):
            assert ask(origin).json()["code"] == "unknown_assistant"
        for origin in ("https://evil.example", "http://app.example.org", "null", "https://["):
            answer = ask(origin)
            assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
            assert f"Origin checking failed - {origin} " in answer.json()["hint"]
        assert not Issuance.objects.exists()

    def test_a_database_that_fails(self, member: User, visit: Visit, emulator: Emulator) -> None:
        visitor = visit(member)
        # The audit is not asked here, so its faults change nothing.
        with audit_refuses_rows():
            assert visitor.http.get("/chatkit/config").status_code == 200
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE auth_group_permissions RENAME TO gone")
        try:
            answer = visitor.http.get("/chatkit/config")
        finally:
            with connection.cursor() as cursor:
                cursor.execute("ALTER TABLE gone RENAME TO auth_group_permissions")

        assert (answer.status_code, answer.json()["code"]) == (503, "audit_unavailable")
