"""The widget script, what it is given, and the list of domains it works on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from django.core.serializers.json import DjangoJSONEncoder
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chatkit_gateway import conf
from chatkit_gateway.backends import contract
from chatkit_gateway.conf import Assistant
from chatkit_gateway.doctor import showing, wire
from chatkit_gateway.doctor.case import Case
from chatkit_gateway.doctor.findings import Finding, Subject
from chatkit_gateway.doctor.wire import Answer, Lost

SCRIPT = Subject("widget.script", gettext_lazy("Widget script"))
KIND = Subject("widget.kind", gettext_lazy("Whose script it is"))
OPTIONS = Subject("widget.options", gettext_lazy("Widget options"))
ALLOW_LIST = Subject("widget.allow_list", gettext_lazy("OpenAI's list of domains"))

ALLOW_LIST_PAGE = "https://platform.openai.com/settings/organization/security/domain-allowlist"
_JAVASCRIPT = {"text/javascript", "application/javascript", "application/x-javascript"}


def examine(case: Case, assistant: Assistant) -> Iterator[Finding]:
    """Load the script as a browser would, but for the browser."""
    mode = contract.load(assistant).mode
    url = conf.script_url(mode)
    if urlsplit(url).netloc or case.address:
        yield _script(wire.exchange(_request(case, url), case.budget.step()), url)
    else:
        yield SCRIPT.info(
            _("%(url)s, served by this site itself.") % {"url": url},
            _("Give the public address (--url) to see that it is."),
        )
    yield _options(assistant)
    if mode == "hosted":
        yield _kind(url)
        yield _allow_list(case, url)


def _request(case: Case, url: str) -> wire.Request:
    return wire.Request("GET", urljoin(case.address or "", url), {"Accept": "*/*"})


def _script(result: Answer | Lost, url: str) -> Finding:
    shown = showing.address(url)
    if isinstance(result, Lost):
        return SCRIPT.warning(
            _("%(url)s cannot be loaded from here (%(layer)s): %(reason)s.")
            % {"url": shown, "layer": result.layer.upper(), "reason": result.reason},
            _(
                "Members' browsers load it themselves and may fare better than this machine. Where "
                "a firewall or content blocker stops it there too, the page stays blank: allow it."
            ),
        )
    details = {
        "url": shown,
        "status": result.status,
        "type": showing.foreign(result.media_type) or "-",
        "size": filesizeformat(len(result.body)),
    }
    correct = _(
        "SCRIPT_URL (CHATKIT_SCRIPT_URL) must name the script; leave it out for OpenAI's. If it "
        "does, something on the way answers in its place."
    )
    if result.status != 200:
        return SCRIPT.problem(_("%(url)s answers %(status)d.") % details, correct)
    if result.is_html or not result.body:
        return SCRIPT.problem(
            _("%(url)s is a page or nothing at all, and no script: the chat stays blank.")
            % details,
            correct,
        )
    if result.media_type not in _JAVASCRIPT:
        return SCRIPT.warning(
            _("%(url)s comes as %(type)s; browsers may refuse to run it.") % details,
            _("Have it served as text/javascript."),
        )
    return SCRIPT.ok(_("%(url)s loads: %(size)s.") % details)


def _options(assistant: Assistant) -> Finding:
    try:
        json.dumps(dict(assistant.widget), cls=DjangoJSONEncoder)
    except (TypeError, ValueError):
        return OPTIONS.problem(
            _("WIDGET cannot be written as JSON, so the page fails with an error 500."),
            _("Keep to texts, numbers, lists and dicts: functions belong into a front end's code."),
        )
    names = ", ".join(assistant.widget) or "-"
    return OPTIONS.ok(_("Set: %(names)s.") % {"names": names})


def _kind(url: str) -> Finding:
    if url.endswith(conf.OWN_SCRIPT):
        return KIND.warning(
            _("The gateway's own, for an assistant that OpenAI hosts."),
            _("A hosted conversation is private to OpenAI's script: leave SCRIPT_URL None."),
        )
    if _is_openais(url):
        return KIND.ok(_("OpenAI's."))
    return KIND.info(
        _("From %(origin)s, which is not OpenAI.") % {"origin": showing.origin(url)},
        _("Fine for an emulator; with OpenAI itself leave SCRIPT_URL None."),
    )


def _is_openais(url: str) -> bool:
    return showing.origin(url) == showing.origin(conf.OPENAI_SCRIPT)


def _allow_list(case: Case, url: str) -> Finding:
    if not _is_openais(url):
        return ALLOW_LIST.ok(_("Not asked: it is not OpenAI's script."))
    if hosts := _hosts(case):
        return ALLOW_LIST.info(
            _(
                "Whether %(hosts)s is on it, only OpenAI knows. If not, the chat appears and "
                "vanishes after a second or two."
            )
            % {"hosts": ", ".join(hosts)},
            _("Add it at %(page)s, name by name, as members type it.") % {"page": ALLOW_LIST_PAGE},
        )
    return ALLOW_LIST.info(
        _("Nothing to add for this machine's own names: they are not verified."),
        _("Give the public address (--url) to be told the exact host."),
    )


def _hosts(case: Case) -> list[str]:
    """Return the hosts that pages with the widget are on, as far as the settings know."""
    sites = conf.cross_origin_sites()
    own = [case.address] if case.address else [f"//{host}" for host in sorted(sites.own_hosts)]
    pages = [*own, *sorted(sites.allowed)]
    hosts = [urlsplit(page).hostname or "" for page in pages if not showing.is_local(page)]
    return [host for host in dict.fromkeys(name.removeprefix(".") for name in hosts) if host != "*"]
