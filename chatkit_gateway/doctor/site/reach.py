"""Does the public address answer, by HTTPS, and with a page?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chatkit_gateway.doctor import showing
from chatkit_gateway.doctor.findings import Finding, Subject
from chatkit_gateway.doctor.site.visits import Visit
from chatkit_gateway.doctor.wire import Answer, Layer, Lost

REACH = Subject("site.reach", gettext_lazy("Public address"))
HTTPS = Subject("site.https", gettext_lazy("HTTPS"))
CERTIFICATE = Subject("site.certificate", gettext_lazy("Certificate"))
HSTS = Subject("site.hsts", gettext_lazy("HSTS"))
PAGE = Subject("site.page", gettext_lazy("Page without a login"))

_DAYS_TO_RENEW = 14
_ADVICE = {
    Layer.DNS: gettext_lazy("Look for a slip in the address, and at the domain's DNS records."),
    Layer.TCP: gettext_lazy("Start the server or proxy that listens there, or open the firewall."),
    Layer.PROXY: gettext_lazy("Except this host from the environment's proxy, in NO_PROXY."),
    Layer.TLS: gettext_lazy(
        "Install a certificate that browsers trust, for this very name and with its whole chain."
    ),
    Layer.HTTP: gettext_lazy(
        "It listens but does not answer: see the server's log. Asked from the admin, a site with a "
        "single worker cannot answer, since that is busy with the doctor: run manage.py instead."
    ),
}


def lost(visit: Visit, reason: Lost) -> Finding:
    """Return why nothing came back."""
    return REACH.problem(
        _("%(url)s (%(layer)s): %(reason)s.")
        % {
            "url": showing.address(visit.url),
            "layer": reason.layer.upper(),
            "reason": reason.reason,
        },
        str(_ADVICE[reason.layer]),
    )


def answered(visit: Visit, answer: Answer, now: datetime) -> Iterator[Finding]:
    """Yield what the answer to somebody who is not logged in tells."""
    yield _reached(visit, answer)
    yield _https(visit.url)
    if answer.certificate_ends is not None:
        yield _certificate((answer.certificate_ends - now).days)
        yield _hsts(answer.header("Strict-Transport-Security"))
    yield _page(visit, answer)


def _reached(visit: Visit, answer: Answer) -> Finding:
    details = {"url": showing.address(visit.url), "ms": round(answer.seconds * 1000)}
    if answer.proxy:
        return REACH.info(
            _("%(url)s answers in %(ms)d ms, through the proxy %(proxy)s.")
            % {**details, "proxy": answer.proxy},
            _("Members come another way. To see theirs, except this host in NO_PROXY."),
        )
    return REACH.ok(_("%(url)s answers in %(ms)d ms.") % details)


def _https(url: str) -> Finding:
    if urlsplit(url).scheme == "https":
        return HTTPS.ok(_("Members' browsers and this site speak encrypted."))
    if showing.is_local(url):
        return HTTPS.ok(_("Plain HTTP, which browsers accept for this machine's own names."))
    return HTTPS.problem(
        _(
            "Plain HTTP. The chat fails with 'crypto.randomUUID is not a function', and everybody "
            "on the way reads logins and client secrets."
        ),
        _("Serve the site by HTTPS and redirect HTTP to it (SECURE_SSL_REDIRECT)."),
    )


def _certificate(days: int) -> Finding:
    found = _("Trusted, for %(days)d more days.") % {"days": days}
    if days < _DAYS_TO_RENEW:
        return CERTIFICATE.warning(found, _("Renew it, and see why that does not go by itself."))
    return CERTIFICATE.ok(found)


def _hsts(header: str) -> Finding:
    if "max-age=" in header and "max-age=0" not in header.replace('"', ""):
        return HSTS.ok(_("Browsers are told to come by HTTPS only."))
    return HSTS.warning(
        _("Nothing tells browsers to come by HTTPS only, so a first visit can be intercepted."),
        _("Set SECURE_HSTS_SECONDS, or have the proxy send Strict-Transport-Security."),
    )


def _page(visit: Visit, answer: Answer) -> Finding:
    details = {"status": answer.status, "url": showing.address(visit.url)}
    if visit.is_endless:
        return PAGE.problem(
            _("It redirects in a circle."),
            _(
                "Mostly Django does not learn that members come by HTTPS: have the proxy set "
                "X-Forwarded-Proto, and believe it (SECURE_PROXY_SSL_HEADER; in the portal "
                "DJANGO_TRUSTED_PROXIES)."
            ),
        )
    if visit.leads_away:
        return PAGE.info(
            _("It leads to another site, %(origin)s, where this visit ends.")
            % {"origin": showing.foreign(showing.origin(visit.leads_away))},
            _("Fine for a login elsewhere. If it should not: look at the proxy's redirects."),
        )
    if answer.status == 400:
        return PAGE.problem(
            _("It answers 400, which is Django's word for a host it does not know."),
            _("Add %(host)s to ALLOWED_HOSTS (DJANGO_ALLOWED_HOSTS).")
            % {"host": urlsplit(visit.url).hostname},
        )
    if answer.status >= 500:
        return PAGE.problem(
            _("It answers %(status)d.") % details,
            _("The reason is in the site's log; 502 to 504 come from a proxy that misses it."),
        )
    if answer.status >= 400:
        return PAGE.warning(
            _("It answers %(status)d.") % details,
            _("Give the address of the assistant's page. If it is: something in front refuses."),
        )
    return PAGE.ok(_("It answers %(status)d at %(url)s.") % details)
