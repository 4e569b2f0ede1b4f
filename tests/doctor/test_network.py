"""Reaching the API: each layer fails for real, and the finding names it."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from chatkit_gateway.doctor.case import Budget
from chatkit_gateway.doctor.findings import Level
from chatkit_gateway.testkit.emulator import Emulator
from chatkit_gateway.testkit.faults import Fault
from tests.doctor.conftest import Configure, Report, examine
from tests.doctor.servers import Said, deaf_port, http_server, raw_server

ANYWHERE = "https://nowhere.invalid/v1"
REFUSED = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture(autouse=True)
def without_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the proxies of the machine that runs the tests."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def silent(healthy: Emulator) -> Iterator[str]:
    """Host and port of a server that takes connections and says nothing."""
    with raw_server(None) as address:
        yield address


def ask(configure: Configure, base_url: str, seconds: float = 20) -> Report:
    """Examine with this address of the API."""
    configure(options={"base_url": base_url})
    return examine(budget=Budget(seconds), with_session=False)


def test_all_layers_pass(healthy: Emulator) -> None:
    report = examine()

    for layer in ("dns", "tcp", "http", "clock"):
        report.the(f"network.{layer}", Level.OK)
    assert report.of("network.proxy") == report.of("network.tls") == []


def test_the_key_is_not_sent(healthy: Emulator) -> None:
    examine(with_session=False)

    [request] = healthy.requests
    assert request.path == "/v1/models"
    assert "authorization" not in {name.lower() for name in request.headers}


class TestLost:
    def test_name(self, healthy: Emulator, configure: Configure) -> None:
        report = ask(configure, ANYWHERE)

        found = report.the("network.dns", Level.PROBLEM)
        assert found.found == "nowhere.invalid: the name does not resolve."
        assert "resolver" in found.to_do
        assert report.of("network.tcp") == []
        # It cannot come about, so it is not tried.
        assert report.the("session.examination", Level.INFO)

    def test_connection_refused(self, healthy: Emulator, configure: Configure) -> None:
        report = ask(configure, f"{Emulator.unused_url()}/v1")

        report.the("network.dns", Level.OK)
        found = report.the("network.tcp", Level.PROBLEM)
        assert found.found == "127.0.0.1: the connection is refused."
        assert "firewall" in found.to_do

    def test_connection_refused_at_each_of_its_addresses(
        self, healthy: Emulator, configure: Configure
    ) -> None:
        report = ask(configure, f"{Emulator.unused_url()}/v1".replace("127.0.0.1", "localhost"))

        assert "refused" in report.the("network.tcp", Level.PROBLEM).found

    def test_connection_that_the_system_does_not_even_try(
        self, healthy: Emulator, configure: Configure
    ) -> None:
        """In the system's own words, which differ with the machine's network."""
        report = ask(configure, "http://255.255.255.255/v1")

        found = report.the("network.tcp", Level.PROBLEM).found
        assert re.fullmatch(r"255\.255\.255\.255: [A-Z][a-z]+ [a-z ]+\.", str(found))

    def test_connection_never_comes_about(self, healthy: Emulator, configure: Configure) -> None:
        with deaf_port() as address:
            report = ask(configure, f"http://{address}/v1", seconds=1.5)

        assert "no answer within" in report.the("network.tcp", Level.PROBLEM).found

    def test_certificate_of_nobody_known(
        self, healthy: Emulator, configure: Configure, certificate: ssl.SSLContext
    ) -> None:
        with http_server(lambda asked: Said(), certificate) as address:
            report = ask(configure, f"{address}/v1")

        report.the("network.tcp", Level.OK)
        found = report.the("network.tls", Level.PROBLEM)
        assert "the certificate is not trusted (unable to get local issuer" in found.found
        assert "SSL_CERT_FILE" in found.to_do
        assert "Never switch" in found.to_do

    @pytest.mark.usefixtures("trusted")
    def test_certificate_that_this_machine_trusts(
        self, healthy: Emulator, configure: Configure, certificate: ssl.SSLContext
    ) -> None:
        with http_server(lambda asked: Said(404, {}, b"{}"), certificate) as address:
            report = ask(configure, f"{address}/v1")

        report.the("network.tls", Level.OK)
        report.the("network.http", Level.OK)

    def test_file_of_certificates_that_is_not_there(
        self, healthy: Emulator, configure: Configure, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/at/all.pem")
        report = ask(configure, ANYWHERE)

        assert "(SSL_CERT_FILE) cannot be read" in report.the("network.tls", Level.PROBLEM).found
        # Nothing was sent, so nothing is said of what comes before.
        assert report.of("network.dns") == report.of("network.tcp") == []

    def test_address_that_no_client_takes(self, healthy: Emulator, configure: Configure) -> None:
        report = ask(configure, f"http://{'x' * 64}.invalid:80/\x00v1")

        assert "malformed" in report.the("network.dns", Level.PROBLEM).found

    def test_no_tls_at_all(self, healthy: Emulator, configure: Configure) -> None:
        report = ask(configure, healthy.api_url.replace("http://", "https://"))

        assert "does not speak TLS" in report.the("network.tls", Level.PROBLEM).found

    def test_silence(self, silent: str, configure: Configure) -> None:
        report = ask(configure, f"http://{silent}/v1", seconds=1.5)

        report.the("network.tcp", Level.OK)
        assert "no answer within" in report.the("network.http", Level.PROBLEM).found

    def test_silence_in_the_middle_of_tls(self, silent: str, configure: Configure) -> None:
        report = ask(configure, f"https://{silent}/v1", seconds=1.5)

        assert "no answer within" in report.the("network.tls", Level.PROBLEM).found

    def test_something_that_is_no_http(self, healthy: Emulator, configure: Configure) -> None:
        with raw_server(b"220 mail.example.org ESMTP\r\n") as address:
            report = ask(configure, f"http://{address}/v1")

        assert "no HTTP" in report.the("network.http", Level.PROBLEM).found

    @pytest.mark.parametrize("fault", ["reset", "hang", "trickle"])
    def test_faults_on_the_connection(
        self, fault: str, healthy: Emulator, configure: Configure
    ) -> None:
        healthy.fail(fault)

        report = ask(configure, healthy.api_url, seconds=1.5)

        report.the("network.http", Level.PROBLEM)


class TestProxy:
    def test_that_refuses(
        self, healthy: Emulator, configure: Configure, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with raw_server(REFUSED) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", f"http://ada:hunter2@{proxy}")
            report = ask(configure, ANYWHERE)

        found = report.the("network.proxy", Level.PROBLEM)
        assert found.found == f"Proxy {proxy}, for nowhere.invalid: the proxy answers 407."
        assert "HTTPS_PROXY" in found.to_do
        assert "hunter2" not in report.text
        assert report.of("network.dns") == []

    def test_that_refuses_without_tls(
        self, healthy: Emulator, configure: Configure, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with raw_server(REFUSED) as proxy:
            monkeypatch.setenv("HTTP_PROXY", f"http://{proxy}")
            report = ask(configure, "http://nowhere.invalid/v1")

        assert "answers 407" in report.the("network.proxy", Level.PROBLEM).found

    def test_that_is_not_there(
        self, healthy: Emulator, configure: Configure, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", Emulator.unused_url())
        report = ask(configure, ANYWHERE)

        assert "the connection is refused" in report.the("network.proxy", Level.PROBLEM).found

    @pytest.mark.parametrize("address", ["socks5://127.0.0.1:1080", "gopher://127.0.0.1:70"])
    def test_of_a_kind_that_cannot_be_used(
        self,
        address: str,
        healthy: Emulator,
        configure: Configure,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", address)
        report = ask(configure, ANYWHERE)

        assert "of a kind" in report.the("network.proxy", Level.PROBLEM).found
        assert report.of("network.dns") == report.of("network.tcp") == []

    def test_that_lets_through(
        self, healthy: Emulator, configure: Configure, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # The emulator reads an address in absolute form as any server does: it plays the proxy.
        monkeypatch.setenv("HTTP_PROXY", healthy.url)
        report = ask(configure, "http://nowhere.invalid/v1")

        assert healthy.url.partition("//")[2] in report.the("network.proxy", Level.INFO).found
        report.the("network.http", Level.OK)

    def test_that_is_excepted(
        self, healthy: Emulator, configure: Configure, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTP_PROXY", Emulator.unused_url())
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")

        examine().the("network.tcp", Level.OK)


class TestAnswer:
    def test_page_of_something_in_between(self, healthy: Emulator) -> None:
        healthy.fail("not_json")

        found = examine().the("network.http", Level.PROBLEM)

        assert "HTML" in found.found
        assert "login page" in found.to_do

    def test_redirect(self, healthy: Emulator) -> None:
        healthy.fail("redirect")

        assert "base_url" in examine().the("network.http", Level.PROBLEM).to_do

    @pytest.mark.parametrize("fault", ["server_error", "overloaded"])
    def test_upstream_is_ill(self, fault: str, healthy: Emulator) -> None:
        healthy.fail(fault)

        assert "status.openai.com" in examine().the("network.http", Level.WARNING).to_do


class TestClock:
    @pytest.mark.parametrize(
        ("theirs", "words"),
        [(timedelta(minutes=5), "seconds slow"), (timedelta(minutes=-5), "seconds fast")],
    )
    def test_skewed(self, theirs: timedelta, words: str, healthy: Emulator) -> None:
        date = format_datetime(datetime.now(UTC) + theirs, usegmt=True)
        healthy.fail(Fault(headers={"Date": date}))

        found = examine().the("network.clock", Level.WARNING)

        assert words in found.found
        assert "NTP" in found.to_do

    def test_without_a_date(self, healthy: Emulator, configure: Configure) -> None:
        reply = b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}"
        with raw_server(reply) as address:
            report = ask(configure, f"http://{address}/v1")

        report.the("network.clock", Level.INFO)


def test_time_is_bounded_as_a_whole(healthy: Emulator) -> None:
    """What comes after the time is used up is told as not examined, and asks nobody."""
    report = examine(budget=Budget(0), address=healthy.url)

    for area in ("installation", "network", "session", "widget", "site"):
        found = report.the(f"{area}.examination", Level.WARNING)
        assert found.found.startswith("Not examined")
    assert healthy.requests == []
