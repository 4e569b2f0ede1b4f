"""The doctor's page in the admin: for superusers, by POST, in bounded time."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections
from django.test import Client

from chatkit_gateway.admin import doctor as page
from chatkit_gateway.testkit.emulator import Emulator
from tests.conftest import API_KEY, create_user
from tests.visitor import Visitor

URL = "/admin/chatkit_gateway/issuance/doctor/"
EVERYTHING = {"session": "on", "visit": "on"}


@pytest.fixture
def admin(client: Client, superuser: User) -> Client:
    """The browser of a superuser."""
    client.force_login(superuser)
    return client


def levels(html: str) -> dict[str, str]:
    """Return the level of each finding on the page, by id."""
    return dict(re.findall(r'data-finding="([\w.]+)" data-level="(\w+)"', html))


class TestWho:
    def test_stranger_is_sent_to_the_login(self, client: Client, db: None) -> None:
        for answer in (client.get(URL), client.post(URL)):
            assert answer.status_code == 302
            assert "/admin/login/" in answer.headers["Location"]

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_staff_is_refused(self, method: str, client: Client, healthy: Emulator) -> None:
        stefan = create_user("stefan", is_staff=True)
        stefan.user_permissions.set(Permission.objects.all())
        client.force_login(stefan)

        assert getattr(client, method)(URL).status_code == 403
        assert healthy.requests == []
        assert URL not in client.get("/admin/chatkit_gateway/issuance/").content.decode()

    def test_superuser_finds_it(self, admin: Client) -> None:
        assert URL in admin.get("/admin/chatkit_gateway/issuance/").content.decode()


class TestPage:
    def test_looking_asks_nobody(self, admin: Client, healthy: Emulator) -> None:
        answer = admin.get(URL)

        assert answer.status_code == 200
        assert levels(answer.content.decode()) == {}
        assert healthy.requests == []

    def test_examines(self, admin: Client, healthy: Emulator) -> None:
        answer = admin.post(URL, {"session": "on"})

        found = levels(answer.content.decode())
        assert found["session.create"] == "ok"
        assert found["site.visit"] == "info"
        assert "problem" not in found.values()
        assert "no-store" in answer.headers["Cache-Control"]

    def test_without_a_session(self, admin: Client, healthy: Emulator) -> None:
        found = levels(admin.post(URL, {}).content.decode())

        assert found["session.create"] == "info"
        assert healthy.sessions == {}

    def test_says_what_the_command_says(self, admin: Client, healthy: Emulator) -> None:
        healthy.fail("workflow_not_found", path="/v1/chatkit/*")
        printed = io.StringIO()
        with pytest.raises(CommandError, match="to repair"):
            call_command("chatkit_doctor", "--json", stdout=printed)

        shown = levels(admin.post(URL, {"session": "on"}).content.decode())

        findings = json.loads(printed.getvalue())["findings"]
        assert shown == {finding["id"]: finding["level"] for finding in findings}

    def test_needs_the_csrf_token(self, superuser: User, healthy: Emulator) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(superuser)

        assert strict.post(URL, EVERYTHING).status_code == 403
        assert healthy.requests == []

    def test_no_secret_and_no_key(self, admin: Client, healthy: Emulator) -> None:
        html = admin.post(URL, {"session": "on"}).content.decode()

        [session] = healthy.sessions.values()
        assert session.client_secret not in html
        assert API_KEY not in html
        assert "sk-test…QK0e" in html

    def test_what_others_wrote_is_escaped(
        self, admin: Client, healthy: Emulator, configure: Callable[..., None]
    ) -> None:
        configure(options={"organization": "<script>alert(1)</script>"})

        assert "<script>alert(1)" not in admin.post(URL, {}).content.decode()


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/v1/models", "/v1/chatkit/sessions"])
@pytest.mark.parametrize("atomic", [False, True])
def test_holds_no_connection_while_it_asks(
    atomic: bool, path: str, admin: Client, healthy: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even on a site with ATOMIC_REQUESTS."""
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", atomic)
    of_the_view = connections["default"]
    healthy.hold(path=path)

    def look() -> object:
        healthy.wait_for_request(path=path)
        held = of_the_view.connection
        healthy.release()
        return held

    with ThreadPoolExecutor(1) as executor:
        looking = executor.submit(look)
        assert admin.post(URL, {"session": "on"}).status_code == 200
        assert looking.result() is None


def test_visits_the_site_it_is_on(
    visit: Callable[..., Visitor], healthy: Emulator, superuser: User
) -> None:
    visitor = visit(superuser)
    form = visitor.http.get(URL)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form.text)
    assert token

    answer = visitor.http.post(URL, data={**EVERYTHING, "csrfmiddlewaretoken": token[1]})

    found = levels(answer.text)
    assert found["site.reach"] == found["site.endpoint"] == found["site.static"] == "ok"
    assert found["session.create"] == "ok"


def test_takes_less_time_than_servers_allow(admin: Client) -> None:
    assert page._SECONDS < 30
