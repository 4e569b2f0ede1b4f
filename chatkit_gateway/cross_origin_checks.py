"""System checks on front ends of other origins: CORS, CSRF protection and cookies together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.core.checks import CheckMessage, Error, Warning

if TYPE_CHECKING:
    from chatkit_gateway.cross_origin import CrossOriginSites


def check_cross_origin(sites: CrossOriginSites) -> Iterator[CheckMessage]:
    """Yield what keeps listed front ends from working, and what lets others in."""
    yield from _check_who_may_call(sites)
    yield from _check_cookies(sites)


def _check_who_may_call(sites: CrossOriginSites) -> Iterator[CheckMessage]:
    if sites.lets_anybody_in() and sites.with_credentials:
        yield Error(
            "CORS lets every origin call with the member's cookies: any page on the web that a "
            "member opens could read this site in the member's name.",
            hint="List the front ends in CORS_ALLOWED_ORIGINS instead of CORS_ALLOW_ALL_ORIGINS, "
            "'*' or a pattern that matches anything.",
            id="chatkit_gateway.E008",
        )
    for origin in sorted(sites.untrusted()):
        yield Warning(
            f"CORS allows {origin}, but CSRF protection does not trust it, so its members get 403.",
            hint="Add it to CSRF_TRUSTED_ORIGINS as well.",
            id="chatkit_gateway.W005",
        )
    if sites.allowed and not sites.with_credentials:
        yield Warning(
            "CORS allows other origins, but not with cookies, so their members are answered 401.",
            hint="Set CORS_ALLOW_CREDENTIALS = True.",
            id="chatkit_gateway.W006",
        )


def _check_cookies(sites: CrossOriginSites) -> Iterator[CheckMessage]:
    for cookie in sites.cookies:
        if cookie.crosses_sites and not cookie.secure:
            yield Error(
                f"{cookie.setting}_SAMESITE is 'None' without {cookie.setting}_SECURE. Browsers "
                "drop such a cookie, so nobody stays logged in.",
                hint=f"Set {cookie.setting}_SECURE = True and serve the site by HTTPS, or leave "
                f"{cookie.setting}_SAMESITE at 'Lax'.",
                id="chatkit_gateway.E009",
            )
    staying = [cookie for cookie in sites.cookies if not cookie.crosses_sites]
    if not staying:
        return
    names = " and ".join(f"{cookie.setting}_SAMESITE" for cookie in staying)
    for origin in sorted(sites.on_other_sites()):
        yield Warning(
            f"CORS allows {origin}, which is on another site than this one. Browsers send it no "
            "cookies, so its members are answered 401.",
            hint="Give the front end a name under this site's domain, or put it behind this host "
            f"as a proxy does. Else set {names} to 'None' and both cookies Secure; browsers that "
            "block third-party cookies block them still.",
            id="chatkit_gateway.W010",
        )
