"""Which key is used, where it came from, and whom it is sent to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chatkit_gateway import conf, errors
from chatkit_gateway.backends import hosted_options
from chatkit_gateway.conf import Assistant
from chatkit_gateway.doctor import showing
from chatkit_gateway.doctor.case import Case
from chatkit_gateway.doctor.findings import Finding, Subject
from chatkit_gateway.doctor.hosted_only import hosted_backend

BACKEND = Subject("credentials.backend", gettext_lazy("Backend"))
KEY = Subject("credentials.api_key", gettext_lazy("API key"))
ADDRESS = Subject("credentials.base_url", gettext_lazy("Address of the API"))
SCOPE = Subject("credentials.scope", gettext_lazy("Organisation and project"))

SHADOWED = "environment shadows .env"
_ORIGINS = {
    "environment": gettext_lazy("from the environment"),
    ".env": gettext_lazy("from .env"),
    SHADOWED: gettext_lazy("from the environment, which hides another value in .env"),
}


def examine(case: Case, assistant: Assistant) -> Iterator[Finding]:
    """Look at the options of a hosted assistant; another backend keeps its own secrets."""
    backend = hosted_backend(assistant)
    if backend is None:
        yield BACKEND.info(
            _("%(path)s, which is not the gateway's hosted one: what it needs is not known here.")
            % {"path": showing.foreign(assistant.backend)}
        )
        return
    yield _key(assistant.options.get("api_key"))
    yield _address(backend.base_url)
    if scope := _scope(assistant.options):
        yield scope


def origin(option: str) -> str:
    """Return where the site says an option came from, in words."""
    given = conf.gateway().origins.get(option, "")
    return str(_ORIGINS.get(given, _("from the settings")))


def is_shadowed(option: str) -> bool:
    """Tell whether a variable of the environment hides another value in ``.env``."""
    return conf.gateway().origins.get(option) == SHADOWED


def _key(key: Any) -> Finding:
    if not key:
        return KEY.problem(_("There is none; members are answered 503."), _no_key())
    if not isinstance(key, str) or not hosted_options.API_KEY.fullmatch(key):
        return KEY.problem(
            _("Malformed: it holds a blank, a line end or a letter that no key has."),
            _("Copy it again from OpenAI, and nothing around it."),
        )
    found = _("%(key)s, %(origin)s.") % {"key": showing.masked(key), "origin": origin("api_key")}
    if is_shadowed("api_key"):
        return KEY.warning(
            found,
            _(
                "If the key in .env is the right one, unset OPENAI_API_KEY in the shell or service "
                "that starts the site. If not, take it out of .env, so that nobody wonders."
            ),
        )
    if key.startswith("sk-admin"):
        return KEY.problem(
            found,
            _("This is an admin key, which cannot make sessions: make one in the project."),
        )
    return KEY.ok(found)


def _no_key() -> str:
    return str(errors.MISSING_API_KEY.hint)


def _address(base_url: str) -> Finding:
    parts = urlsplit(base_url)
    shown = showing.address(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return ADDRESS.problem(
            _("%(address)s is no address.") % {"address": shown},
            _("Leave base_url (OPENAI_BASE_URL) out, or give it as https://host/v1."),
        )
    if base_url.rstrip("/") == conf.OPENAI_API:
        return ADDRESS.ok(_("%(address)s, OpenAI's own.") % {"address": shown})
    found = _("%(address)s, %(origin)s; OpenAI's own is %(own)s.") % {
        "address": shown,
        "origin": origin("base_url"),
        "own": conf.OPENAI_API,
    }
    if parts.hostname == urlsplit(conf.OPENAI_API).hostname:
        return ADDRESS.problem(
            found, _("Leave base_url (OPENAI_BASE_URL) out: a wrong path looks like a 404.")
        )
    if parts.scheme == "http" and not showing.is_local(base_url):
        return ADDRESS.warning(
            found, _("Use https: the API key crosses the network readable by anybody on the way.")
        )
    return ADDRESS.info(found, _("Leave base_url (OPENAI_BASE_URL) out to talk to OpenAI itself."))


def _scope(options: Mapping[str, Any]) -> Finding | None:
    given = [str(options[name]) for name in ("organization", "project") if options.get(name)]
    if not given:
        return None
    return SCOPE.info(
        showing.foreign(", ".join(given)),
        _("They must be those of the workflow. A key of a project needs neither: leave them out."),
    )
