"""CORS as a browser asks it: a preflight from each listed origin, and from one that is not."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chatkit_gateway import conf
from chatkit_gateway.cross_origin import NOBODYS_ORIGIN
from chatkit_gateway.doctor import showing, wire
from chatkit_gateway.doctor.case import Case
from chatkit_gateway.doctor.findings import Finding, Subject
from chatkit_gateway.doctor.site import endpoint
from chatkit_gateway.doctor.wire import Lost

CORS = Subject("site.cors", gettext_lazy("Front ends of other origins (CORS)"))

_MOST_ORIGINS = 3
_NEEDED_HEADERS = {"content-type", "x-csrftoken"}


def examine(case: Case, page: str) -> Iterator[Finding]:
    """Send the preflights that browsers send before a front end's POST."""
    path = endpoint.path()
    if path is None:
        return
    url = urljoin(page, path)
    yield _stranger(case, url)
    for origin in sorted(conf.cross_origin_sites().allowed)[:_MOST_ORIGINS]:
        yield _listed(case, url, origin)


def _preflight(case: Case, url: str, origin: str) -> dict[str, str] | str:
    """Return the headers of the answer, or why there is none."""
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": ", ".join(sorted(_NEEDED_HEADERS)),
    }
    result = wire.exchange(wire.Request("OPTIONS", url, headers), case.budget.step())
    if isinstance(result, Lost):
        return result.reason
    return {name.lower(): value for name, value in result.headers}


def _stranger(case: Case, url: str) -> Finding:
    answer = _preflight(case, url, NOBODYS_ORIGIN)
    if isinstance(answer, str):
        return _unanswered(answer)
    allowed = answer.get("access-control-allow-origin", "")
    if allowed not in {"*", NOBODYS_ORIGIN}:
        return CORS.ok(_("An origin that is not listed is told nothing."))
    with_cookies = answer.get("access-control-allow-credentials") == "true"
    found = _("Any origin is let in (%(allowed)s).") % {"allowed": showing.foreign(allowed)}
    advice = _(
        "List the front ends in CORS_ALLOWED_ORIGINS, and look whether a proxy adds the header."
    )
    return CORS.problem(found, advice) if with_cookies else CORS.warning(found, advice)


def _listed(case: Case, url: str, origin: str) -> Finding:
    answer = _preflight(case, url, origin)
    if isinstance(answer, str):
        return _unanswered(answer)
    details = {"origin": origin}
    if answer.get("access-control-allow-origin") != origin:
        return CORS.problem(
            _("%(origin)s is listed, but its preflight is refused.") % details,
            _(
                "CorsMiddleware must stand above CommonMiddleware, CORS_URLS_REGEX must fit the "
                "path, and no proxy may answer OPTIONS itself."
            ),
        )
    if answer.get("access-control-allow-credentials") != "true":
        return CORS.problem(
            _("%(origin)s may call, but without cookies, so its members are answered 401.")
            % details,
            _("Set CORS_ALLOW_CREDENTIALS = True."),
        )
    sent = answer.get("access-control-allow-headers", "").lower().replace(" ", "").split(",")
    if missing := sorted(_NEEDED_HEADERS - set(sent)):
        return CORS.problem(
            _("%(origin)s may not send %(headers)s, so its POSTs do not leave the browser.")
            % {**details, "headers": ", ".join(missing)},
            _("Add what is missing to CORS_ALLOW_HEADERS."),
        )
    return CORS.ok(_("%(origin)s may call, with cookies.") % details)


def _unanswered(reason: str) -> Finding:
    return CORS.warning(
        _("The preflight (OPTIONS) is not answered: %(reason)s.") % {"reason": reason},
        _("Let the proxy pass OPTIONS on."),
    )
