"""How the cookies of login and CSRF are marked, by the settings and as they are really sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chatkit_gateway import conf
from chatkit_gateway.conf import CookieFlags
from chatkit_gateway.doctor.findings import Finding, Subject
from chatkit_gateway.doctor.wire import Answer

SUBJECTS = {
    "session": Subject("site.session_cookie", gettext_lazy("Cookie of the login")),
    "csrf": Subject("site.csrf_cookie", gettext_lazy("Cookie of CSRF protection")),
}


def examine(answers: Iterable[Answer], url: str) -> Iterator[Finding]:
    """Judge each cookie as it was sent; one that was not seen, as the settings have it."""
    headers = [header for answer in answers for header in answer.every("Set-Cookie")]
    for kind, flags in conf.cookie_flags().items():
        seen = _seen(flags.name, headers)
        yield _judge(SUBJECTS[kind], seen or flags, urlsplit(url).scheme == "https")


def _seen(name: str, headers: Iterable[str]) -> CookieFlags | None:
    for header in headers:
        try:
            cookie = SimpleCookie(header).get(name)
        except CookieError:
            continue
        if cookie is not None:
            return CookieFlags(
                name=name,
                secure=bool(cookie["secure"]),
                http_only=bool(cookie["httponly"]),
                same_site=cookie["samesite"],
            )
    return None


def _judge(subject: Subject, flags: CookieFlags, is_https: bool) -> Finding:
    setting = "SESSION_COOKIE" if subject.id == "site.session_cookie" else "CSRF_COOKIE"
    details = {
        "name": flags.name,
        "flags": ", ".join(_marks(flags)) or "-",
        "setting": setting,
    }
    found = _("%(name)s: %(flags)s.") % details
    if flags.same_site.lower() == "none" and not flags.secure:
        return subject.problem(
            _("%(name)s is SameSite=None and not Secure: browsers drop it.") % details,
            _("Set %(setting)s_SECURE = True, or %(setting)s_SAMESITE back to 'Lax'.") % details,
        )
    if flags.secure and not is_https:
        return subject.problem(
            _("%(name)s is Secure, and this address is plain HTTP: browsers do not send it.")
            % details,
            _("Serve the site by HTTPS. On your own machine: DJANGO_SECURE=false in the portal."),
        )
    if is_https and not flags.secure:
        return subject.warning(
            found, _("Set %(setting)s_SECURE = True: it goes over plain HTTP as well.") % details
        )
    if setting == "SESSION_COOKIE" and not flags.http_only:
        return subject.warning(
            found, _("Set SESSION_COOKIE_HTTPONLY = True: any script can read the login.")
        )
    return subject.ok(found)


def _marks(flags: CookieFlags) -> Iterator[str]:
    if flags.secure:
        yield "Secure"
    if flags.http_only:
        yield "HttpOnly"
    if flags.same_site:
        yield f"SameSite={flags.same_site}"
