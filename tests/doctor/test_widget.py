"""The widget script and its options, and the list of domains at OpenAI."""

from __future__ import annotations

from typing import Any

import pytest

from chatkit_gateway import conf
from chatkit_gateway.doctor.findings import Level
from chatkit_gateway.testkit.emulator import Emulator
from chatkit_gateway.testkit.faults import Fault
from tests.doctor.conftest import Configure, Report, examine
from tests.doctor.servers import Said, http_server

SCRIPTS = "/deployments/*"


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes to OpenAI's CDN ends at a proxy that is not there: nothing leaves the machine."""
    monkeypatch.setenv("HTTPS_PROXY", Emulator.unused_url())


def look() -> Report:
    return examine(with_session=False)


class TestScript:
    def test_loads(self, healthy: Emulator) -> None:
        report = look()

        assert "bytes" in report.the("widget.script", Level.OK).found
        report.the("widget.kind", Level.INFO)
        report.the("widget.allow_list", Level.OK)

    def test_page_in_its_place(self, healthy: Emulator) -> None:
        html = Fault(body="<!doctype html><title>Log in</title>")
        healthy.fail(html, path=SCRIPTS)

        finding = look().the("widget.script", Level.PROBLEM)

        assert "the chat stays blank" in finding.found
        assert "SCRIPT_URL" in finding.to_do

    @pytest.mark.parametrize("status", [403, 404, 500])
    def test_other_status(self, status: int, healthy: Emulator) -> None:
        healthy.fail(status, path=SCRIPTS)

        assert f"answers {status}" in look().the("widget.script", Level.PROBLEM).found

    def test_empty(self, healthy: Emulator) -> None:
        healthy.fail(Fault(body=""), path=SCRIPTS)

        look().the("widget.script", Level.PROBLEM)

    def test_very_large(self, healthy: Emulator, configure: Configure) -> None:
        """No more of it is read than 4 MiB."""
        javascript = Said(200, {"Content-Type": "text/javascript"}, b" " * 5 * 2**20)
        with http_server(lambda asked: javascript) as address:
            configure(SCRIPT_URL=f"{address}/chatkit.js")
            report = look()

        assert "4.0\xa0MB" in report.the("widget.script", Level.OK).found

    def test_wrong_type(self, healthy: Emulator) -> None:
        healthy.fail(Fault(body="globalThis.x = 1"), path=SCRIPTS)

        assert "application/json" in look().the("widget.script", Level.WARNING).found

    def test_cannot_be_reached(self, healthy: Emulator, configure: Configure) -> None:
        configure(SCRIPT_URL=f"{Emulator.unused_url()}/chatkit.js")

        finding = look().the("widget.script", Level.WARNING)

        assert "(TCP): the connection is refused" in finding.found
        assert "stays blank" in finding.to_do

    def test_our_own_for_a_hosted_assistant(self, healthy: Emulator, configure: Configure) -> None:
        configure(SCRIPT_URL=f"/static/{conf.OWN_SCRIPT}")

        report = look()

        report.the("widget.script", Level.INFO)
        assert "private to OpenAI's script" in report.the("widget.kind", Level.WARNING).to_do


@pytest.mark.usefixtures("offline")
class TestAllowList:
    @pytest.fixture(autouse=True)
    def openais_script(self, healthy: Emulator, configure: Configure) -> None:
        configure(SCRIPT_URL=None)

    def test_from_the_settings(self, settings: Any) -> None:
        settings.ALLOWED_HOSTS = ["localhost", "portal.example.org", ".club.example.org", "*"]
        settings.CORS_ALLOWED_ORIGINS = ["https://app.example.org", "http://localhost:5173"]

        report = look()

        finding = report.the("widget.allow_list", Level.INFO)
        assert "club.example.org, portal.example.org, app.example.org" in finding.found
        assert "vanishes after a second or two" in finding.found
        assert "domain-allowlist" in finding.to_do
        assert report.the("widget.kind", Level.OK)

    def test_from_the_public_address(self, settings: Any) -> None:
        settings.ALLOWED_HOSTS = ["*"]

        report = examine(with_session=False, address="https://portal.invalid/assistant/")

        assert "portal.invalid" in report.the("widget.allow_list", Level.INFO).found

    def test_of_this_machine(self, settings: Any) -> None:
        settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]

        assert "--url" in look().the("widget.allow_list", Level.INFO).to_do


def test_options_that_are_no_json(healthy: Emulator, settings: Any) -> None:
    default = settings.CHATKIT_GATEWAY["ASSISTANTS"]["default"] | {"WIDGET": {"theme": print}}
    settings.CHATKIT_GATEWAY |= {"ASSISTANTS": {"default": default}}

    assert "error 500" in look().the("widget.options", Level.PROBLEM).found


def test_options(healthy: Emulator) -> None:
    assert "startScreen" in look().the("widget.options", Level.OK).found
