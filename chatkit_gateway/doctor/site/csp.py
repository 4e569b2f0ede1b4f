"""What a Content-Security-Policy lets a page load (W3C, CSP Level 3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from chatkit_gateway.doctor import showing

Policy = Mapping[str, list[str]]
"""One policy: sources by directive."""

_FALLBACKS = {
    "script-src": ("script-src-elem", "script-src", "default-src"),
    "frame-src": ("frame-src", "child-src", "default-src"),
    "connect-src": ("connect-src", "default-src"),
}
_UPGRADES = {"http": {"http", "https"}, "https": {"https"}}
"""The schemes that a source with a scheme lets in."""


def parse(headers: Iterable[str]) -> list[Policy]:
    """Return the policies of the ``Content-Security-Policy`` headers; all of them apply."""
    return [_parse_one(one) for header in headers for one in header.split(",") if one.strip()]


def _parse_one(text: str) -> Policy:
    policy: dict[str, list[str]] = {}
    for directive in text.split(";"):
        name, *sources = directive.split() or [""]
        if name:
            policy.setdefault(name.lower(), sources)
    return policy


def allows(policies: Iterable[Policy], directive: str, url: str, page: str) -> bool:
    """Tell whether a page at ``page`` may load ``url`` under all the policies."""
    return all(_one_allows(policy, directive, url, page) for policy in policies)


def _one_allows(policy: Policy, directive: str, url: str, page: str) -> bool:
    sources = next((policy[name] for name in _FALLBACKS[directive] if name in policy), None)
    if sources is None:
        return True
    # With it, addresses no longer count, only a nonce or hash; the widget's tags have neither.
    if "'strict-dynamic'" in sources and directive == "script-src":
        return False
    return any(_matches(source, url, page) for source in sources)


def _matches(source: str, url: str, page: str) -> bool:
    wanted = urlsplit(url)
    if source == "*":
        return wanted.scheme in {"http", "https"}
    if source.lower() == "'self'":
        return showing.origin(url) == showing.origin(page)
    if source.startswith("'"):
        return False
    if source.endswith(":") and "/" not in source:
        return wanted.scheme in _UPGRADES.get(source[:-1].lower(), set())
    scheme, separator, rest = source.rpartition("://")
    host, slash, path = rest.partition("/")
    schemes = _UPGRADES.get((scheme if separator else urlsplit(page).scheme).lower(), set())
    return (
        wanted.scheme in schemes
        and _same_host(host.lower(), wanted.netloc.lower())
        and _same_path(slash + path, wanted.path)
    )


def _same_host(pattern: str, netloc: str) -> bool:
    pattern_host, _, pattern_port = pattern.rpartition(":") if ":" in pattern else (pattern, "", "")
    host, _, port = netloc.rpartition(":") if ":" in netloc else (netloc, "", "")
    if pattern_port not in {"*", port} and not (not port and pattern_port in {"80", "443"}):
        return False
    if pattern_host.startswith("*."):
        return host.endswith(pattern_host[1:])
    return pattern_host == host


def _same_path(pattern: str, path: str) -> bool:
    if pattern in {"", "/"}:
        return True
    return path.startswith(pattern) if pattern.endswith("/") else path == pattern
