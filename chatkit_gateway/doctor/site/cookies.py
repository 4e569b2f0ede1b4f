"""How the cookies of login and CSRF are marked, by the settings and as they are really sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chatkit_gateway import conf
from chatkit_gateway.cross_origin import Cookie
from chatkit_gateway.doctor.findings import Finding, Subject
from chatkit_gateway.doctor.wire import Answer

SESSION = Subject("site.session_cookie", gettext_lazy("Cookie of the login"))
CSRF = Subject("site.csrf_cookie", gettext_lazy("Cookie of CSRF protection"))
_SUBJECTS = {"SESSION_COOKIE": SESSION, "CSRF_COOKIE": CSRF}


def examine(answers: Iterable[Answer], url: str) -> Iterator[Finding]:
    """Judge each cookie as it was sent; one that was not seen, as the settings have it."""
    headers = [header for answer in answers for header in answer.every("Set-Cookie")]
    for cookie in conf.cross_origin_sites().cookies:
        yield _judge(_as_sent(cookie, headers), urlsplit(url).scheme == "https")


def _as_sent(cookie: Cookie, headers: Iterable[str]) -> Cookie:
    for header in headers:
        try:
            sent = SimpleCookie(header).get(cookie.name)
        except CookieError:
            continue
        if sent is not None:
            return replace(
                cookie,
                secure=bool(sent["secure"]),
                http_only=bool(sent["httponly"]),
                same_site=sent["samesite"],
            )
    return cookie


def _judge(cookie: Cookie, is_https: bool) -> Finding:
    subject = _SUBJECTS[cookie.setting]
    details = {
        "name": cookie.name,
        "flags": ", ".join(_marks(cookie)) or "-",
        "setting": cookie.setting,
    }
    found = _("%(name)s: %(flags)s.") % details
    if cookie.crosses_sites and not cookie.secure:
        return subject.problem(
            _("%(name)s is SameSite=None and not Secure: browsers drop it.") % details,
            _("Set %(setting)s_SECURE = True, or %(setting)s_SAMESITE back to 'Lax'.") % details,
        )
    if cookie.secure and not is_https:
        return subject.problem(
            _("%(name)s is Secure, and this address is plain HTTP: browsers do not send it.")
            % details,
            _("Serve the site by HTTPS. On your own machine: DJANGO_SECURE=false in the portal."),
        )
    if is_https and not cookie.secure:
        return subject.warning(
            found, _("Set %(setting)s_SECURE = True: it goes over plain HTTP as well.") % details
        )
    if subject is SESSION and not cookie.http_only:
        return subject.warning(
            found, _("Set SESSION_COOKIE_HTTPONLY = True: any script can read the login.")
        )
    return subject.ok(found)


def _marks(cookie: Cookie) -> Iterator[str]:
    if cookie.secure:
        yield "Secure"
    if cookie.http_only:
        yield "HttpOnly"
    if cookie.same_site:
        yield f"SameSite={cookie.same_site}"
