"""The portal at its public address: healthy, and wrong in every way a proxy can be."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session

from chatkit_gateway.doctor.case import Budget
from chatkit_gateway.doctor.findings import Level
from chatkit_gateway.models import Issuance
from chatkit_gateway.testkit.emulator import Emulator
from tests.doctor.conftest import Report, examine
from tests.doctor.servers import Said, http_server, raw_server, tls_front

pytestmark = pytest.mark.usefixtures("trusted")

FORWARDED = "X-Forwarded-Proto: https"
FRONT_END = "https://localhost:5173"
Serve = Callable[[], str]


def visit(address: str, **case: Any) -> Report:
    return examine(address=f"{address}/assistant/", with_session=False, **case)


@pytest.fixture
def deployed(settings: Any) -> Any:
    """Settings as a deployment has them, behind a proxy that says so."""
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 3600
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    return settings


class TestHealthy:
    def test_on_this_machine(self, serve: Serve, maria: User) -> None:
        report = visit(serve(), member=maria)

        assert report.problems() == []
        for subject in ("reach", "https", "page", "endpoint", "csrf", "cors", "static", "member"):
            report.the(f"site.{subject}", Level.OK)
        report.the("site.policy", Level.OK)
        report.the("site.isolation", Level.OK)

    def test_by_https(
        self, serve: Serve, deployed: Any, maria: User, certificate: ssl.SSLContext
    ) -> None:
        deployed.CORS_ALLOWED_ORIGINS = deployed.CSRF_TRUSTED_ORIGINS = [FRONT_END]
        with tls_front(serve(), certificate, FORWARDED) as address:
            report = visit(address, member=maria)

        assert report.problems() == []
        assert not [f for f in report.findings if f.level is Level.WARNING]
        for subject in ("https", "certificate", "hsts", "session_cookie", "csrf_cookie", "member"):
            report.the(f"site.{subject}", Level.OK)
        assert [finding.level for finding in report.of("site.cors")] == [Level.OK, Level.OK]

    def test_leaves_nothing_behind(self, serve: Serve, maria: User) -> None:
        visit(serve(), member=maria)

        assert Session.objects.count() == 0
        assert Issuance.objects.count() == 0
        maria.refresh_from_db()
        assert maria.last_login is None

    def test_not_visited(self, healthy: Emulator) -> None:
        report = examine(with_session=False)

        assert "--url" in report.the("site.visit", Level.INFO).to_do


class TestReach:
    def test_name(self, healthy: Emulator) -> None:
        finding = visit("https://nowhere.invalid").the("site.reach", Level.PROBLEM)

        assert finding.found == (
            "https://nowhere.invalid/assistant/ (DNS): the name does not resolve."
        )
        assert "DNS records" in finding.to_do

    def test_nobody_listens(self, healthy: Emulator) -> None:
        assert "(TCP)" in visit(Emulator.unused_url()).the("site.reach", Level.PROBLEM).found

    def test_never_answers(self, healthy: Emulator) -> None:
        with raw_server(None) as address:
            report = visit(f"http://{address}", budget=Budget(4))

        assert "single worker" in report.the("site.reach", Level.PROBLEM).to_do

    def test_certificate_for_another_name(self, serve: Serve, certificate: ssl.SSLContext) -> None:
        with tls_front(serve(), certificate) as address:
            report = visit(address.replace("127.0.0.1", "localhost"))

        finding = report.the("site.reach", Level.PROBLEM)
        assert "(TLS): the certificate is not trusted (Hostname mismatch" in finding.found
        assert "this very name" in finding.to_do

    def test_through_a_proxy(self, healthy: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
        with http_server(lambda asked: Said(200, {"Content-Type": "text/html"})) as proxy:
            monkeypatch.setenv("HTTP_PROXY", proxy)
            report = visit("http://portal.invalid")

        assert "NO_PROXY" in report.the("site.reach", Level.INFO).to_do

    def test_proxy_that_is_not_there(
        self, healthy: Emulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", Emulator.unused_url())

        assert "(PROXY)" in visit("https://portal.invalid").the("site.reach", Level.PROBLEM).found


class TestHTTPS:
    def test_plain_http(self, healthy: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
        # A name that is not this machine's own, reached through a proxy that plays the site.
        with http_server(lambda asked: Said(200, {"Content-Type": "text/html"})) as proxy:
            monkeypatch.setenv("HTTP_PROXY", proxy)
            finding = visit("http://portal.invalid").the("site.https", Level.PROBLEM)

        assert "crypto.randomUUID is not a function" in finding.found
        assert "Serve the site by HTTPS" in finding.to_do

    def test_redirected_to_https(
        self, serve: Serve, deployed: Any, certificate: ssl.SSLContext
    ) -> None:
        with (
            tls_front(serve(), certificate, FORWARDED) as address,
            http_server(lambda asked: Said(301, {"Location": address + asked.path})) as plain,
        ):
            report = visit(plain)

        report.the("site.https", Level.OK)
        report.the("site.endpoint", Level.OK)
        assert report.problems() == []

    def test_without_hsts(self, serve: Serve, certificate: ssl.SSLContext) -> None:
        with tls_front(serve(), certificate) as address:
            report = visit(address)

        assert "SECURE_HSTS_SECONDS" in report.the("site.hsts", Level.WARNING).to_do

    def test_certificate_that_ends_soon(self, serve: Serve, authority: Any) -> None:
        from datetime import timedelta

        from tests.doctor.conftest import LAST_DAY

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ends = LAST_DAY + timedelta(days=5, hours=1)
        authority.issue_cert("127.0.0.1", not_after=ends).configure_cert(context)
        with tls_front(serve(), context) as address:
            report = visit(address)

        finding = report.the("site.certificate", Level.WARNING)
        assert finding.found == "Trusted, for 5 more days."


class TestPage:
    def test_redirects_in_a_circle(
        self, serve: Serve, deployed: Any, certificate: ssl.SSLContext
    ) -> None:
        """The proxy does not say that members come by HTTPS, so Django sends them there again."""
        with tls_front(serve(), certificate) as address:
            report = visit(address)

        finding = report.the("site.page", Level.PROBLEM)
        assert "in a circle" in finding.found
        assert "X-Forwarded-Proto" in finding.to_do
        assert report.of("site.endpoint") == []

    def test_host_that_is_not_allowed(self, serve: Serve, settings: Any) -> None:
        address = serve()
        settings.ALLOWED_HOSTS = ["portal.example.org"]

        finding = visit(address).the("site.page", Level.PROBLEM)

        assert "Add 127.0.0.1 to ALLOWED_HOSTS" in finding.to_do

    @pytest.mark.parametrize(
        ("status", "level", "advice"),
        [
            (404, Level.WARNING, "address of the assistant's page"),
            (500, Level.PROBLEM, "site's log"),
            (502, Level.PROBLEM, "a proxy that misses it"),
        ],
    )
    def test_other_status(self, status: int, level: Level, advice: str, healthy: Emulator) -> None:
        with http_server(lambda asked: Said(status)) as address:
            report = visit(address)

        assert advice in report.the("site.page", level).to_do

    def test_login_elsewhere_is_not_followed(self, healthy: Emulator) -> None:
        asked = []

        def elsewhere(request: Any) -> Said:
            asked.append(request)
            return Said()

        with (
            http_server(elsewhere) as login,
            http_server(lambda _: Said(302, {"Location": f"{login}/sso"})) as address,
        ):
            report = visit(address)

        assert login in report.the("site.page", Level.INFO).found
        assert asked == []
