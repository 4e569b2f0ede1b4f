"""Can this machine reach the API, and if not, at which layer does it fail?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chatkit_gateway.conf import Assistant
from chatkit_gateway.doctor import wire, wire_failures
from chatkit_gateway.doctor.case import Case
from chatkit_gateway.doctor.findings import Finding, Subject
from chatkit_gateway.doctor.hosted_only import hosted_backend
from chatkit_gateway.doctor.wire import Answer, Layer, Lost

DNS = Subject("network.dns", gettext_lazy("API: name (DNS)"))
TCP = Subject("network.tcp", gettext_lazy("API: connection (TCP)"))
PROXY = Subject("network.proxy", gettext_lazy("API: proxy"))
TLS = Subject("network.tls", gettext_lazy("API: encryption (TLS)"))
HTTP = Subject("network.http", gettext_lazy("API: answer (HTTP)"))
CLOCK = Subject("network.clock", gettext_lazy("This machine's clock"))

_SUBJECTS = {
    Layer.DNS: DNS,
    Layer.TCP: TCP,
    Layer.PROXY: PROXY,
    Layer.TLS: TLS,
    Layer.HTTP: HTTP,
}
_ADVICE = {
    Layer.DNS: gettext_lazy(
        "Look for a slip in base_url, and at this machine's resolver. Where a server has no DNS of "
        "its own, name a proxy in HTTPS_PROXY."
    ),
    Layer.TCP: gettext_lazy(
        "Mostly a firewall: let this machine connect to %(host)s, or name the proxy that may in "
        "HTTPS_PROXY."
    ),
    Layer.PROXY: gettext_lazy(
        "The site's environment names it: correct HTTPS_PROXY, HTTP_PROXY or ALL_PROXY with its "
        "login, have it let %(host)s through, or except that in NO_PROXY."
    ),
    Layer.TLS: gettext_lazy(
        "Mostly a proxy on the way that reads along and shows a certificate of its own: add its "
        "root certificate to this machine's (SSL_CERT_FILE can name the file). Expired, or not yet "
        "valid: look at this machine's clock first. Never switch the verification off."
    ),
    Layer.HTTP: gettext_lazy(
        "It is connected, but nothing useful comes back: ask whoever runs the network between."
    ),
}
TOLERANCE = 10
"""Seconds that a clock may be off: what an answer takes, and what nobody notices."""
_PROXY_REFUSES = 407


def examine(case: Case, assistant: Assistant) -> Iterator[Finding]:
    """Ask the API, without the key, for something that it only answers with one."""
    backend = hosted_backend(assistant)
    if backend is None:
        return
    url = f"{backend.base_url.rstrip('/')}/models"
    result = wire.exchange(wire.Request("GET", url), case.budget.step())
    if isinstance(result, Answer) and result.proxy and result.status == _PROXY_REFUSES:
        result = Lost(Layer.PROXY, wire_failures.proxy_answers(str(result.status)), result.proxy)
    if isinstance(result, Answer) or result.was_sent:
        yield from _passed(url, result)
    if isinstance(result, Lost):
        yield _lost(url, result)
        return
    yield _answered(result)
    yield _clock(result)


def _passed(url: str, result: Answer | Lost) -> Iterator[Finding]:
    """Yield the layers that are behind it; with a proxy, name and connection are the proxy's."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    failed = result.layer if isinstance(result, Lost) else None
    way = [Layer.PROXY] if result.proxy else [Layer.DNS, Layer.TCP]
    if parts.scheme == "https":
        way.append(Layer.TLS)
    for layer in way:
        if layer is failed:
            return
        match layer:
            case Layer.PROXY:
                yield PROXY.info(
                    _("Asked through the proxy %(proxy)s.") % {"proxy": result.proxy},
                    _("The environment names it (HTTPS_PROXY, NO_PROXY); sessions go that way."),
                )
            case Layer.DNS:
                yield DNS.ok(_("%(host)s resolves.") % {"host": parts.hostname})
            case Layer.TCP:
                yield TCP.ok(_("Port %(port)d takes connections.") % {"port": port})
            case _:
                yield TLS.ok(_("Its certificate is trusted."))


def _lost(url: str, lost: Lost) -> Finding:
    details = {"host": urlsplit(url).hostname, "proxy": lost.proxy or "-", "reason": lost.reason}
    found = _("%(host)s: %(reason)s.")
    if lost.layer is Layer.PROXY:
        found = _("Proxy %(proxy)s, for %(host)s: %(reason)s.")
    return _SUBJECTS[lost.layer].problem(found % details, str(_ADVICE[lost.layer]) % details)


def _answered(answer: Answer) -> Finding:
    details = {"status": answer.status, "ms": round(answer.seconds * 1000)}
    if answer.is_html:
        return HTTP.problem(
            _("A page of HTML came back (status %(status)d), where the API speaks JSON.") % details,
            _("Something answers in its place: a proxy, a network's login page, a wrong base_url."),
        )
    if 300 <= answer.status < 400:
        return HTTP.problem(
            _("A redirect came back (status %(status)d), which is not followed.") % details,
            _("Name the API's own address in base_url: the API key goes there and nowhere else."),
        )
    if answer.status >= 500:
        return HTTP.warning(
            _("It answers %(status)d, in %(ms)d ms.") % details,
            _("The service is ill, not this site: see status.openai.com, and try again."),
        )
    return HTTP.ok(_("It answers, in %(ms)d ms.") % details)


def _clock(answer: Answer) -> Finding:
    try:
        theirs = parsedate_to_datetime(answer.header("Date"))
    except ValueError:
        return CLOCK.info(_("Not compared: the answer has no date."))
    seconds = round((_aware(theirs) - answer.received_at).total_seconds())
    if abs(seconds) <= TOLERANCE:
        return CLOCK.ok(_("Right, as far as an answer's date can tell."))
    found = (
        ngettext("It is %(seconds)d second slow.", "It is %(seconds)d seconds slow.", seconds)
        if seconds > 0
        else ngettext("It is %(seconds)d second fast.", "It is %(seconds)d seconds fast.", -seconds)
    )
    return CLOCK.warning(
        found % {"seconds": abs(seconds)},
        _(
            "Keep it right by NTP (timedatectl). Else the audit's times are wrong, secrets look "
            "expired or alive when they are not, and certificates fail in the end."
        ),
    )


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
