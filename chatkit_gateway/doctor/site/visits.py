"""Going to an address as a browser does, redirects included, but never to a foreign site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from chatkit_gateway.doctor import showing, wire
from chatkit_gateway.doctor.case import Case
from chatkit_gateway.doctor.wire import Answer, Lost

_MOST_REDIRECTS = 5
_REDIRECTS = {301, 302, 303, 307, 308}
_HEADERS = {"Accept": "text/html,application/xhtml+xml", "User-Agent": "chatkit-doctor"}


@dataclass(frozen=True, slots=True)
class Visit:
    """Where an address led."""

    url: str
    """The last address that was asked."""
    result: Answer | Lost
    passed: tuple[Answer, ...]
    """The redirects on the way."""
    leads_away: str = ""
    """Where the last answer sends a browser, if that is another site."""
    is_endless: bool = False

    @property
    def answers(self) -> tuple[Answer, ...]:
        """Return every answer there was."""
        last = (self.result,) if isinstance(self.result, Answer) else ()
        return (*self.passed, *last)


def visit(case: Case, url: str, headers: Mapping[str, str] | None = None) -> Visit:
    """Go there; from plain HTTP to HTTPS of the same host is no other site."""
    passed: list[Answer] = []
    seen = {url}
    while True:
        request = wire.Request("GET", url, {**_HEADERS, **(headers or {})})
        result = wire.exchange(request, case.budget.step())
        if isinstance(result, Lost) or result.status not in _REDIRECTS:
            return Visit(url, result, tuple(passed))
        onward = urljoin(url, result.header("Location"))
        if onward in seen or len(passed) == _MOST_REDIRECTS:
            return Visit(url, result, tuple(passed), is_endless=True)
        if not _is_same_site(url, onward):
            return Visit(url, result, tuple(passed), leads_away=onward)
        passed.append(result)
        seen.add(onward)
        url = onward


def _is_same_site(url: str, onward: str) -> bool:
    old, new = urlsplit(url), urlsplit(onward)
    if new.scheme == "https" and old.scheme == "http":
        return old.hostname == new.hostname
    return showing.origin(url) == showing.origin(onward)
