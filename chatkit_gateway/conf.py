"""The typed view of ``settings.CHATKIT_GATEWAY``: the only place that reads Django's settings.

Nothing is kept between calls, so ``override_settings`` works and a changed setting is seen by the
next request. Values are taken as they are: `chatkit_gateway.checks` tells the operator about wrong
ones at start-up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.shortcuts import resolve_url
from django.templatetags.static import static
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from chatkit_gateway.cross_origin import Cookie, CrossOriginSites

if TYPE_CHECKING:
    from django.contrib.sessions.backends.base import SessionBase

DEFAULT_PERMISSION = "chatkit_gateway.use_chatkit"
DEFAULT_QUOTAS = {"hour": 60, "day": 300}

OPENAI_API = "https://api.openai.com/v1"
OPENAI_SCRIPT = "https://cdn.platform.openai.com/deployments/chatkit/chatkit.js"
"""The widget script as OpenAI documents it ("ChatKit: embed in your front end")."""
OWN_SCRIPT = "chatkit_gateway/widget/chatkit.js"


@dataclass(frozen=True, slots=True)
class Upstream:
    """How long and how often this process may wait for OpenAI. Times are seconds."""

    connect: float = 3.0
    read: float = 8.0
    total: float = 12.0
    in_flight: int = 40
    rest_after: int = 5
    rest_seconds: float = 15.0


class Options(dict[str, Any]):
    """A backend's options. Its repr names the keys alone.

    Values end up in error reports, which show the variables of every function on the way to the
    mistake, and one of these is the API key.
    """

    def __repr__(self) -> str:
        return f"<options {', '.join(map(repr, self))}>"


@dataclass(frozen=True, slots=True)
class Assistant:
    """One configured chat. ``options`` belong to its backend; an empty string in them is None."""

    alias: str
    title: str | Promise
    backend: str
    options: Mapping[str, Any] = field(repr=False)
    permission: str
    widget: Mapping[str, Any]
    quotas: Mapping[str, int | None] | str | None
    """Issuances per member and window, or the dotted path of a callable; None: no limit."""
    fallback: str | None
    domain_key: str | None
    retention_days: int


@dataclass(frozen=True, slots=True)
class Gateway:
    """The whole of ``CHATKIT_GATEWAY`` with its defaults filled in."""

    assistants: Mapping[str, Assistant]
    quotas: Mapping[str, int | None] | str | None
    gate: str | None
    pseudonym: str | None
    audit_sink: str | None
    upstream: Upstream
    retention_days: int
    script_url: str | None
    trusted_proxies: int
    origins: Mapping[str, str]
    identity_key: str | None


def raw() -> Any:
    """Return ``settings.CHATKIT_GATEWAY`` as the site wrote it; an empty dict when absent."""
    return getattr(settings, "CHATKIT_GATEWAY", {})


def gateway() -> Gateway:
    """Return the settings as they are now."""
    given = raw()
    quotas = given.get("QUOTAS", DEFAULT_QUOTAS)
    retention_days = given.get("RETENTION_DAYS", 365)
    return Gateway(
        assistants={
            alias: _assistant(alias, entry, quotas, retention_days)
            for alias, entry in given.get("ASSISTANTS", {}).items()
        },
        quotas=quotas,
        gate=given.get("GATE") or None,
        pseudonym=given.get("PSEUDONYM") or None,
        audit_sink=given.get("AUDIT_SINK") or None,
        upstream=Upstream(**given.get("UPSTREAM", {})),
        retention_days=retention_days,
        script_url=given.get("SCRIPT_URL") or None,
        trusted_proxies=given.get("TRUSTED_PROXIES", 0),
        origins=given.get("ORIGINS", {}),
        identity_key=given.get("IDENTITY_KEY") or None,
    )


def _assistant(alias: str, entry: Mapping[str, Any], quotas: Any, retention_days: int) -> Assistant:
    own_quotas, own_retention = entry.get("QUOTAS"), entry.get("RETENTION_DAYS")
    return Assistant(
        alias=alias,
        title=entry.get("TITLE") or alias,
        backend=entry.get("BACKEND", ""),
        options=Options(
            (name, None if value == "" else value)
            for name, value in entry.get("OPTIONS", {}).items()
        ),
        permission=entry.get("PERMISSION") or DEFAULT_PERMISSION,
        widget=entry.get("WIDGET") or {},
        quotas=quotas if own_quotas is None else own_quotas,
        fallback=entry.get("FALLBACK") or None,
        domain_key=entry.get("DOMAIN_KEY") or None,
        retention_days=retention_days if own_retention is None else own_retention,
    )


def script_url(mode: str) -> str:
    """Return the address of the widget script for an assistant whose backend has this mode."""
    chosen = gateway().script_url
    if chosen:
        return chosen
    return OPENAI_SCRIPT if mode == "hosted" else static(OWN_SCRIPT)


def secret_keys() -> list[str]:
    """Return the site's ``SECRET_KEY``, which signs, and after it those that were it before."""
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def login_path() -> str:
    """Return the path of the site's login page."""
    return resolve_url(settings.LOGIN_URL)


def csrf_cookie_name() -> str | None:
    """Return the cookie a script may read the CSRF token from; None where there is none."""
    if settings.CSRF_USE_SESSIONS or settings.CSRF_COOKIE_HTTPONLY:
        return None
    return settings.CSRF_COOKIE_NAME


def cross_origin_sites() -> CrossOriginSites:
    """Return what django-cors-headers and Django are told of other origins and of cookies."""
    allowed = _first("CORS_ALLOWED_ORIGINS", "CORS_ORIGIN_WHITELIST", default=())
    patterns = _first("CORS_ALLOWED_ORIGIN_REGEXES", "CORS_ORIGIN_REGEX_WHITELIST", default=())
    return CrossOriginSites(
        allowed=frozenset(allowed),
        patterns=tuple(patterns),
        all_allowed=_first("CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL", default=False),
        with_credentials=getattr(settings, "CORS_ALLOW_CREDENTIALS", False),
        trusted=frozenset(settings.CSRF_TRUSTED_ORIGINS),
        own_hosts=frozenset(settings.ALLOWED_HOSTS),
        cookies=tuple(_cookie(setting) for setting in _cookie_settings()),
    )


def _first(*names: str, default: Any) -> Any:
    """Return the first of these settings that the site has; the later names are older ones."""
    return next((getattr(settings, name) for name in names if hasattr(settings, name)), default)


def _cookie_settings() -> list[str]:
    return ["SESSION_COOKIE"] if settings.CSRF_USE_SESSIONS else ["SESSION_COOKIE", "CSRF_COOKIE"]


def _cookie(setting: str) -> Cookie:
    return Cookie(
        setting=setting,
        name=getattr(settings, f"{setting}_NAME"),
        same_site=getattr(settings, f"{setting}_SAMESITE") or "",
        secure=getattr(settings, f"{setting}_SECURE"),
        http_only=getattr(settings, f"{setting}_HTTPONLY"),
    )


def login_store() -> SessionBase:
    """Return a new, empty login of the kind that this site keeps."""
    store: SessionBase = import_string(f"{settings.SESSION_ENGINE}.SessionStore")()
    return store


def moment(timestamp: float) -> datetime:
    """Return the moment of a Unix timestamp (seconds) the way this site's models store moments.

    Aware, in UTC; naive and local where the site runs with ``USE_TZ = False``.
    """
    return datetime.fromtimestamp(timestamp, tz=UTC if settings.USE_TZ else None)
