"""Front ends on other origins: which may call, and whether a browser sends our cookies along."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.http import is_same_domain

NOBODYS_ORIGIN = "https://nobodys-front-end.invalid"
"""An origin that no site lists on purpose: no such name can be registered (RFC 2606)."""
_LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""What ``ALLOWED_HOSTS`` means to Django when it is empty."""
_SECOND_LEVELS = frozenset(
    {"ac", "co", "com", "edu", "go", "gob", "gov", "ne", "net", "nom", "or", "org", "sch"}
)
"""What country registries register names under."""


@dataclass(frozen=True, slots=True)
class Cookie:
    """How browsers treat one of our cookies. ``setting`` begins its settings' names."""

    setting: str
    name: str
    same_site: str
    """``Lax``, ``Strict`` or ``None``, as sent; empty: nothing is sent, and browsers take Lax."""
    secure: bool
    http_only: bool

    @property
    def crosses_sites(self) -> bool:
        """Tell whether it goes along with what a page of another site asks."""
        return self.same_site.lower() == "none"


@dataclass(frozen=True, slots=True)
class CrossOriginSites:
    """The origins whose front ends may call, as CORS, CSRF protection and cookies see them."""

    allowed: frozenset[str]
    patterns: tuple[str | re.Pattern[str], ...]
    all_allowed: bool
    with_credentials: bool
    trusted: frozenset[str]
    own_hosts: frozenset[str]
    """As in ``ALLOWED_HOSTS``: ``.`` stands for subdomains, ``*`` for any host."""
    cookies: tuple[Cookie, ...]

    def lets_anybody_in(self) -> bool:
        """Tell whether CORS would let the scripts of any page on the web read our answers."""
        return (
            self.all_allowed
            or "*" in self.allowed
            or any(re.match(pattern, NOBODYS_ORIGIN) for pattern in self.patterns)
        )

    def trusts(self, origin: str) -> bool:
        """Tell whether CSRF protection does; ``*.`` stands for subdomains."""
        return any(_covers(trusted, origin) for trusted in self.trusted)

    def untrusted(self) -> frozenset[str]:
        """Return the allowed origins that CSRF protection does not trust."""
        return frozenset(origin for origin in self.allowed if not self.trusts(origin))

    def on_other_sites(self) -> frozenset[str]:
        """Return the allowed origins that browsers take for another site than any of our hosts.

        None of them when every host is ours, since nobody can tell then.
        """
        if "*" in self.own_hosts:
            return frozenset()
        own = {_registrable(host) for host in self.own_hosts or _LOCAL_HOSTS}
        own_is_secure = all(cookie.secure for cookie in self.cookies)
        return frozenset(
            origin
            for origin in self.allowed
            if _registrable(_host(origin)) not in own
            # The same name without TLS is another site as well.
            or (own_is_secure and origin.startswith("http://"))
        )


def _covers(trusted: str, origin: str) -> bool:
    scheme, _, host = trusted.partition("://")
    own_scheme, _, own_host = origin.partition("://")
    return scheme == own_scheme and is_same_domain(own_host, host.removeprefix("*"))


def _host(origin: str) -> str:
    return urlsplit(origin).hostname or ""


def _registrable(host: str) -> str:
    """Return the part of a host's name that somebody registered, as far as we can tell.

    Browsers ask the Public Suffix List. Without it this takes the last two labels, or three where
    the second level is a registry's own (``co.uk``, ``edu.au``). It does not know hosting companies
    under whose names strangers publish.
    """
    name = host.strip(".[]").lower()
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        labels = name.split(".")
    is_registrys_own = len(labels[-1]) == 2 and not _SECOND_LEVELS.isdisjoint(labels[-2:-1])
    return ".".join(labels[-3:] if is_registrys_own else labels[-2:])
