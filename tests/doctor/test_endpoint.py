"""The session endpoint from outside: who answers it, CSRF, CORS, cookies, static files."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable
from typing import Any

import pytest

from chatkit_gateway.doctor.findings import Level
from chatkit_gateway.testkit.emulator import Emulator
from tests.doctor.conftest import Report, examine
from tests.doctor.servers import Asked, Said, http_server, tls_front

pytestmark = pytest.mark.usefixtures("trusted")

FRONT_END = "https://app.example.org"
OURS = json.dumps(
    {"code": "not_authenticated", "login_url": "http://127.0.0.1/accounts/login/"}
).encode()
HANGS_UP = Said(0)
Serve = Callable[[], str]


def visit(address: str, **case: Any) -> Report:
    return examine(address=f"{address}/assistant/", with_session=False, **case)


def visit_a_site_that(**answers: Said) -> Report:
    """Visit a site that answers these methods (``post=``, ``options=``) so, and 200 else."""

    def answer(asked: Asked) -> Said:
        said = answers.get(asked.method.lower(), Said(200, {"Content-Type": "text/html"}))
        if said is HANGS_UP:
            raise ConnectionAbortedError
        return said

    with http_server(answer) as address:
        return visit(address)


class TestEndpoint:
    @pytest.mark.parametrize(
        ("said", "advice"),
        [
            (Said(302, {"Location": "/accounts/login/"}), "sends strangers to the login"),
            (Said(301, {"Location": "/chatkit/session/"}), "adds or drops slashes"),
            (Said(404), "Let the proxy pass this path on"),
            (Said(200, {"Content-Type": "text/html"}, b"<html>"), "another application"),
            (Said(403, {}, b"<html>Forbidden</html>"), "a firewall"),
            (Said(401, {}, b'{"detail": "Authentication credentials"}'), "expect JSON"),
            (Said(401, {}, b'["not", "an", "object"]'), "expect JSON"),
        ],
    )
    def test_somebody_else_answers(self, said: Said, advice: str, healthy: Emulator) -> None:
        report = visit_a_site_that(post=said)

        assert advice in report.the("site.endpoint", Level.PROBLEM).to_do
        assert report.of("site.csrf") == []

    def test_nobody_answers(self, healthy: Emulator) -> None:
        report = visit_a_site_that(post=HANGS_UP)

        assert "let the proxy pass POSTs" in report.the("site.endpoint", Level.PROBLEM).to_do

    def test_not_hooked_up(self, healthy: Emulator, settings: Any) -> None:
        settings.ROOT_URLCONF = "django.contrib.auth.urls"

        report = visit_a_site_that()

        assert "include('chatkit_gateway.urls')" in report.the("site.endpoint", Level.PROBLEM).to_do
        assert report.of("site.cors") == []


class TestCsrf:
    def test_django_does_not_know_of_https(self, serve: Serve, certificate: ssl.SSLContext) -> None:
        with tls_front(serve(), certificate) as address:
            finding = visit(address).the("site.csrf", Level.PROBLEM)

        assert f"takes the site for {address.replace('https', 'http')}" in finding.found
        assert "X-Forwarded-Proto" in finding.to_do

    def test_proxy_changes_the_host(self, healthy: Emulator) -> None:
        finding = visit_a_site_that(post=Said(401, {}, OURS)).the("site.csrf", Level.PROBLEM)

        assert "pass Host on" in finding.to_do

    def test_trusted_all_the_same(
        self, serve: Serve, certificate: ssl.SSLContext, settings: Any
    ) -> None:
        with tls_front(serve(), certificate) as address:
            settings.CSRF_TRUSTED_ORIGINS = [address]
            report = visit(address)

        report.the("site.csrf", Level.INFO)


class TestCors:
    def test_listed(self, serve: Serve, settings: Any) -> None:
        settings.CORS_ALLOWED_ORIGINS = settings.CSRF_TRUSTED_ORIGINS = [FRONT_END]

        strangers, listed = visit(serve()).of("site.cors")

        assert (strangers.level, listed.level) == (Level.OK, Level.OK)
        assert FRONT_END in listed.found

    def test_anybody(self, serve: Serve, settings: Any) -> None:
        settings.CORS_ALLOW_ALL_ORIGINS = True

        assert "Any origin" in visit(serve()).the("site.cors", Level.PROBLEM).found

    def test_anybody_without_cookies(self, serve: Serve, settings: Any) -> None:
        settings.CORS_ALLOW_ALL_ORIGINS = True
        settings.CORS_ALLOW_CREDENTIALS = False

        visit(serve()).the("site.cors", Level.WARNING)

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"CORS_URLS_REGEX": r"^/elsewhere/"}, "its preflight is refused"),
            ({"CORS_ALLOW_CREDENTIALS": False}, "without cookies"),
            ({"CORS_ALLOW_HEADERS": ["content-type"]}, "may not send x-csrftoken"),
        ],
    )
    def test_half_listed(
        self, change: dict[str, Any], words: str, serve: Serve, settings: Any
    ) -> None:
        settings.CORS_ALLOWED_ORIGINS = settings.CSRF_TRUSTED_ORIGINS = [FRONT_END]
        for name, value in change.items():
            setattr(settings, name, value)

        _strangers, listed = visit(serve()).of("site.cors")

        assert listed.level is Level.PROBLEM
        assert words in listed.found

    def test_preflight_is_not_answered(self, healthy: Emulator, settings: Any) -> None:
        settings.CORS_ALLOWED_ORIGINS = settings.CSRF_TRUSTED_ORIGINS = [FRONT_END]

        for finding in visit_a_site_that(options=HANGS_UP).of("site.cors"):
            assert finding.level is Level.WARNING
            assert "pass OPTIONS on" in finding.to_do


class TestCookies:
    def test_not_secure(self, serve: Serve, certificate: ssl.SSLContext) -> None:
        with tls_front(serve(), certificate) as address:
            report = visit(address)

        assert "SESSION_COOKIE_SECURE" in report.the("site.session_cookie", Level.WARNING).to_do
        assert "CSRF_COOKIE_SECURE" in report.the("site.csrf_cookie", Level.WARNING).to_do

    def test_secure_over_plain_http(self, serve: Serve, settings: Any) -> None:
        settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
        report = visit(serve())

        found = report.the("site.session_cookie", Level.PROBLEM).found
        assert "browsers do not send it" in found
        report.the("site.csrf_cookie", Level.PROBLEM)

    def test_for_other_sites_and_not_secure(self, serve: Serve, settings: Any) -> None:
        settings.SESSION_COOKIE_SAMESITE = "None"

        assert "browsers drop it" in visit(serve()).the("site.session_cookie", Level.PROBLEM).found

    def test_readable_by_scripts(self, serve: Serve, settings: Any) -> None:
        settings.SESSION_COOKIE_HTTPONLY = False

        finding = visit(serve()).the("site.session_cookie", Level.WARNING)

        assert "SESSION_COOKIE_HTTPONLY" in finding.to_do

    def test_as_sent_before_as_set(self, healthy: Emulator) -> None:
        """The running site may have other settings than the command."""
        cookie = "csrftoken=x; Path=/; SameSite=Strict"
        report = visit_a_site_that(
            get=Said(200, {"Content-Type": "text/html", "Set-Cookie": cookie})
        )

        assert report.the("site.csrf_cookie", Level.OK).found == "csrftoken: SameSite=Strict."

    def test_that_make_no_sense(self, healthy: Emulator) -> None:
        headers = {"Content-Type": "text/html", "Set-Cookie": "csrf\x7ftoken@=;;=x"}
        report = visit_a_site_that(get=Said(200, headers))

        assert "SameSite=Lax" in report.the("site.csrf_cookie", Level.OK).found

    def test_csrf_in_the_session(self, serve: Serve, settings: Any) -> None:
        settings.CSRF_USE_SESSIONS = True

        assert visit(serve()).of("site.csrf_cookie") == []


class TestStatic:
    @pytest.mark.parametrize(
        "said", [Said(404), Said(200, {"Content-Type": "text/html"}, b"<html>")]
    )
    def test_not_served(self, said: Said, healthy: Emulator) -> None:
        finding = visit_a_site_that(get=said).the("site.static", Level.PROBLEM)

        assert "collectstatic" in finding.to_do

    def test_elsewhere_and_not_there(self, serve: Serve, settings: Any) -> None:
        address = serve()
        settings.STATIC_URL = f"{Emulator.unused_url()}/static/"

        visit(address).the("site.static", Level.PROBLEM)
