"""Does the session endpoint answer at the public address, and does Django know that address?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chatkit_gateway import conf
from chatkit_gateway.doctor import showing, wire
from chatkit_gateway.doctor.case import Case
from chatkit_gateway.doctor.findings import Finding, Subject
from chatkit_gateway.doctor.wire import Answer, Lost

ENDPOINT = Subject("site.endpoint", gettext_lazy("Session endpoint"))
CSRF = Subject("site.csrf", gettext_lazy("CSRF protection and the address"))


def path() -> str | None:
    """Return the endpoint's path on this site; None where the site has not hooked it up."""
    try:
        return reverse("chatkit_gateway:session")
    except NoReverseMatch:
        return None


def examine(case: Case, page: str) -> Iterator[Finding]:
    """Ask for a client secret without a login, which has to be refused in our words."""
    endpoint = path()
    if endpoint is None:
        yield ENDPOINT.problem(
            _("This site's URLconf does not have it."),
            _("Add path('chatkit/', include('chatkit_gateway.urls')) to the URLconf."),
        )
        return
    url = urljoin(page, endpoint)
    headers = {"Origin": showing.origin(page), "Content-Type": "application/json"}
    request = wire.Request("POST", url, headers, b"{}")
    result = wire.exchange(request, case.budget.step())
    refusal = _refusal(result) if isinstance(result, Answer) else {}
    if refusal.get("code") != "not_authenticated":
        yield _stranger(url, result)
        return
    yield ENDPOINT.ok(_("%(path)s refuses strangers with 401 and JSON.") % {"path": endpoint})
    yield _csrf(page, str(refusal.get("login_url", "")))


def _refusal(answer: Answer) -> dict[str, Any]:
    try:
        content = json.loads(answer.body)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _stranger(url: str, result: Answer | Lost) -> Finding:
    """Return what else than our own refusal came back."""
    shown = {"url": showing.address(url)}
    if isinstance(result, Lost):
        return ENDPOINT.problem(
            _("%(url)s: %(reason)s.") % {**shown, "reason": result.reason},
            _("The page answers and this does not: let the proxy pass POSTs to it on."),
        )
    shown["status"] = str(result.status)
    if 300 <= result.status < 400:
        return ENDPOINT.problem(
            _("%(url)s redirects (%(status)s), and a redirected POST becomes a GET.") % shown,
            _(
                "Nothing may redirect it: neither a proxy that adds or drops slashes, nor a "
                "middleware that sends strangers to the login."
            ),
        )
    if result.status == 404:
        return ENDPOINT.problem(
            _("%(url)s is not there (404).") % shown,
            _("Let the proxy pass this path on, unchanged; the running site may be an older one."),
        )
    return ENDPOINT.problem(
        _("%(url)s answers %(status)s, and not in the gateway's words.") % shown,
        _(
            "Something answers in its place: a proxy, a firewall, another application or a "
            "middleware. Members' pages expect JSON from it."
        ),
    )


def _csrf(page: str, login_url: str) -> Finding:
    """Compare the address that members type with what Django takes it for, as CSRF does."""
    ours = showing.origin(page)
    djangos = showing.origin(login_url)
    details = {"ours": ours, "djangos": showing.foreign(djangos)}
    if djangos == ours:
        return CSRF.ok(_("Django takes the site's address for what it is, %(ours)s.") % details)
    if conf.cross_origin_sites().trusts(ours):
        return CSRF.info(
            _("Django takes the site for %(djangos)s; %(ours)s is trusted all the same.") % details,
            _("Links that Django makes have the wrong address: pass Host and scheme on."),
        )
    return CSRF.problem(
        _("Django takes the site for %(djangos)s, not %(ours)s: members get csrf_failed (403).")
        % details,
        _(
            "Have the proxy pass Host on and set X-Forwarded-Proto, and believe that "
            "(SECURE_PROXY_SSL_HEADER; in the portal DJANGO_TRUSTED_PROXIES), or add %(ours)s to "
            "CSRF_TRUSTED_ORIGINS."
        )
        % details,
    )
