"""The members' page, seen with a login that lasts as long as the look, and its policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from chatkit_gateway.doctor.findings import Level
from chatkit_gateway.testkit.emulator import Emulator
from tests.conftest import create_user
from tests.doctor.conftest import Report, examine
from tests.doctor.servers import Said, http_server

Serve = Callable[[], str]


def visit(address: str, **case: Any) -> Report:
    return examine(address=f"{address}/assistant/", with_session=False, **case)


class TestMember:
    def test_outsider(self, serve: Serve) -> None:
        report = visit(serve(), member=create_user("otto"))

        assert "403" in report.the("site.member", Level.WARNING).found

    def test_nobody(self, serve: Serve) -> None:
        report = visit(serve())

        assert "--member" in report.the("site.member", Level.INFO).to_do

    def test_inactive(self, serve: Serve) -> None:
        report = visit(serve(), member=create_user("ines", member=True, is_active=False))

        assert "active" in report.the("site.member", Level.WARNING).to_do

    @pytest.mark.parametrize("said", [Said(500), None])
    def test_fails_for_members_only(
        self, said: Said | None, healthy: Emulator, maria: User
    ) -> None:
        def fragile(asked: Any) -> Said:
            if "Cookie" not in asked.headers:
                return Said(200, {"Content-Type": "text/html"})
            if said is None:
                raise ConnectionAbortedError
            return said

        with http_server(fragile) as address:
            report = visit(address, member=maria)

        assert "site's log" in report.the("site.member", Level.PROBLEM).to_do

    def test_other_page(self, serve: Serve, maria: User) -> None:
        report = examine(address=f"{serve()}/", with_session=False, member=maria)

        assert "/assistant/" in report.the("site.member", Level.WARNING).to_do

    def test_other_site_at_this_address(self, serve: Serve, maria: User) -> None:
        def other(asked: Any) -> Said:
            if asked.path.startswith("/accounts/login/"):
                return Said(200, {"Content-Type": "text/html"}, b"<title>Log in</title>")
            return Said(302, {"Location": "/accounts/login/?next=/assistant/"})

        with http_server(other) as address:
            report = visit(address, member=maria)

        assert "another database" in report.the("site.member", Level.PROBLEM).to_do

    def test_login_is_not_shown_to_strangers(
        self, healthy: Emulator, settings: Any, maria: User
    ) -> None:
        settings.ALLOWED_HOSTS = ["*"]
        cookies = []

        def curious(asked: Any) -> Said:
            cookies.append(asked.headers.get("Cookie"))
            return Said(200, {"Content-Type": "text/html"})

        with http_server(curious) as stranger:
            report = visit(stranger.replace("127.0.0.1", "localhost"), member=maria)
            # With nothing but "*" our own names are this machine's.
            report.the("site.member", Level.WARNING)
            settings.ALLOWED_HOSTS = ["*", "portal.example.org"]
            cookies.clear()
            report = visit(stranger, member=maria)

        assert "ALLOWED_HOSTS" in report.the("site.member", Level.WARNING).to_do
        assert set(cookies) == {None}

    def test_running_with_other_settings(self, serve: Serve, maria: User, settings: Any) -> None:
        address = serve()
        with http_server(lambda asked: Said(200, {}, b'<div data-chatkit="x">')) as other:
            settings.ALLOWED_HOSTS = ["127.0.0.1"]
            report = visit(other, member=maria)
        assert address != other

        assert "other settings" in report.the("site.member", Level.WARNING).to_do


class TestPolicy:
    def test_there_is_none(self, maria: User, healthy: Emulator) -> None:
        script = f"{healthy.url}/deployments/chatkit/chatkit.js"
        page = f'<div data-chatkit="x"></div><script src="{script}">'.encode()
        with http_server(lambda asked: Said(200, {}, page)) as address:
            report = visit(address, member=maria)

        assert "blocks nothing" in report.the("site.policy", Level.OK).found

    def test_blocks_the_script(
        self, serve: Serve, maria: User, healthy: Emulator, settings: Any
    ) -> None:
        settings.CHATKIT_GATEWAY |= {"SCRIPT_URL": "http://127.0.0.1:1/chatkit.js"}
        page = b'<div data-chatkit="x"></div><script src="http://127.0.0.1:1/chatkit.js">'
        headers = {"Content-Security-Policy": "default-src 'self'"}
        with http_server(lambda asked: Said(200, headers, page)) as address:
            finding = visit(address, member=maria).the("site.policy", Level.PROBLEM)

        assert "script-src http://127.0.0.1:1" in finding.found
        assert "stays blank" in finding.found

    def test_blocks_openais_frame(
        self, maria: User, healthy: Emulator, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", Emulator.unused_url())
        settings.CHATKIT_GATEWAY |= {"SCRIPT_URL": None}
        script = "https://cdn.platform.openai.com/deployments/chatkit/chatkit.js"
        headers = {
            "Content-Security-Policy": "default-src 'self'; script-src 'self' https:",
            "Cross-Origin-Embedder-Policy": "require-corp",
        }
        page = f'<div data-chatkit="x"></div><script src="{script}">'.encode()
        with http_server(lambda asked: Said(200, headers, page)) as address:
            report = visit(address, member=maria)

        finding = report.the("site.policy", Level.PROBLEM)
        assert "frame-src https://cdn.platform.openai.com" in finding.found
        assert "script-src" not in finding.found
        report.the("site.isolation", Level.PROBLEM)
