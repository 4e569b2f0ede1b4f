"""System checks: configuration mistakes met at ``manage.py check``, not by a member.

Errors: what cannot be meant. Warnings: what starts, but refuses or surprises. docs/settings.md
lists every id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Info
from django.db import connections, router
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from chatkit_gateway import conf
from chatkit_gateway.cross_origin_checks import check_cross_origin
from chatkit_gateway.models import QuotaWindow
from chatkit_gateway.quotas import PERIODS
from chatkit_gateway.setting_types import (
    Types,
    check_keys,
    check_path,
    unknown_key,
    why_not_callable,
    wrong_type,
)

GATEWAY_TYPES: dict[str, Types] = {
    "ASSISTANTS": (Mapping,),
    "QUOTAS": (Mapping, str, type(None)),
    "GATE": (str, type(None)),
    "PSEUDONYM": (str, type(None)),
    "AUDIT_SINK": (str, type(None)),
    "UPSTREAM": (Mapping,),
    "RETENTION_DAYS": (int,),
    "SCRIPT_URL": (str, type(None)),
    "TRUSTED_PROXIES": (int,),
    "ORIGINS": (Mapping,),
    "IDENTITY_KEY": (str, type(None)),
}
ASSISTANT_TYPES: dict[str, Types] = {
    "TITLE": (str, Promise),
    "BACKEND": (str,),
    "OPTIONS": (Mapping,),
    "PERMISSION": (str, type(None)),
    "WIDGET": (Mapping, type(None)),
    "QUOTAS": (Mapping, str, type(None)),
    "FALLBACK": (str, type(None)),
    "DOMAIN_KEY": (str, type(None)),
    "RETENTION_DAYS": (int, type(None)),
}
UPSTREAM_TYPES: dict[str, Types] = {
    "connect": (int, float),
    "read": (int, float),
    "total": (int, float),
    "in_flight": (int,),
    "rest_after": (int,),
    "rest_seconds": (int, float),
}
WIDGET_OPTIONS = (
    "locale",
    "theme",
    "frameTitle",
    "initialThread",
    "onClientTool",
    "header",
    "history",
    "startScreen",
    "threadItemActions",
    "composer",
    "disclaimer",
    "entities",
    "commands",
    "widgets",
    "thread",
)
"""The keys of ChatKitOptions but for ``api`` (types of @openai/chatkit 1.9.0)."""
_BACKEND = ("mode", "revoked_by_row", "prepare", "issue", "cancel", "check")


def check_gateway(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check CHATKIT_GATEWAY, reading it as it is now."""
    return list(check(datetime.now(UTC).date()))


def check(today: date) -> Iterator[CheckMessage]:
    """Yield everything that is wrong on that day."""
    broken = list(_check_shape())
    yield from broken
    if broken:
        return  # A view of settings of the wrong shape would only raise.
    yield from _check_paths()
    yield from _check_database()
    for assistant in conf.gateway().assistants.values():
        yield from _check_assistant(assistant, today)
    yield from check_cross_origin(conf.cross_origin_sites())
    if conf.gateway().identity_key is None:
        yield Info(
            "The members' pseudonyms are keyed by SECRET_KEY, so changing it renames every member "
            "at OpenAI and parts them from their conversations.",
            hint="Set CHATKIT_GATEWAY['IDENTITY_KEY'] to a long random value of its own.",
            id="chatkit_gateway.I002",
        )


def _check_shape() -> Iterator[CheckMessage]:
    given = conf.raw()
    if not isinstance(given, Mapping):
        yield wrong_type("CHATKIT_GATEWAY", given, (Mapping,))
        return
    yield from check_keys("CHATKIT_GATEWAY", given, GATEWAY_TYPES)
    yield from _check_quotas("CHATKIT_GATEWAY['QUOTAS']", given.get("QUOTAS"))
    upstream = given.get("UPSTREAM", {})
    if isinstance(upstream, Mapping):
        yield from check_keys(
            "CHATKIT_GATEWAY['UPSTREAM']", upstream, UPSTREAM_TYPES, positive=True
        )
    assistants = given.get("ASSISTANTS", {})
    if not isinstance(assistants, Mapping):
        return
    for alias, entry in assistants.items():
        place = f"CHATKIT_GATEWAY['ASSISTANTS'][{alias!r}]"
        if not isinstance(alias, str) or not 0 < len(alias) <= 64:
            yield Error(
                f"{place}: an alias must be a text of 1 to 64 characters.",
                hint="Members' browsers name the assistant by it.",
                id="chatkit_gateway.E003",
            )
        elif not isinstance(entry, Mapping):
            yield wrong_type(place, entry, (Mapping,))
        else:
            yield from check_keys(place, entry, ASSISTANT_TYPES)
            yield from _check_quotas(f"{place}['QUOTAS']", entry.get("QUOTAS"))


def _check_quotas(place: str, quotas: Any) -> Iterator[CheckMessage]:
    if not isinstance(quotas, Mapping):
        return
    for period, limit in quotas.items():
        if period not in PERIODS:
            yield unknown_key(place, period, PERIODS)
        elif limit is not None and (type(limit) is not int or limit < 0):
            yield wrong_type(f"{place}['{period}']", limit, (int, type(None)))


def _check_paths() -> Iterator[CheckMessage]:
    given = conf.raw()
    for key in ("GATE", "PSEUDONYM", "AUDIT_SINK", "QUOTAS"):
        if isinstance(path := given.get(key), str) and (path or key == "QUOTAS"):
            yield from check_path(f"CHATKIT_GATEWAY['{key}']", path)
    for alias, entry in given.get("ASSISTANTS", {}).items():
        if isinstance(path := entry.get("QUOTAS"), str):
            yield from check_path(f"CHATKIT_GATEWAY['ASSISTANTS'][{alias!r}]['QUOTAS']", path)


def _check_database() -> Iterator[CheckMessage]:
    connection = connections[router.db_for_write(QuotaWindow)]
    if not connection.features.supports_update_conflicts_with_target:
        yield Error(
            f"Quotas cannot be counted in this database ({connection.display_name}): it does not "
            "know INSERT ... ON CONFLICT.",
            hint="Keep the tables of chatkit_gateway in PostgreSQL or SQLite; a database router "
            "can do so.",
            id="chatkit_gateway.E007",
        )


def _check_assistant(assistant: conf.Assistant, today: date) -> Iterator[CheckMessage]:
    place = f"CHATKIT_GATEWAY['ASSISTANTS']['{assistant.alias}']"
    if reason := _why_no_backend(assistant.backend):
        yield Error(
            f"{place}['BACKEND'] names '{assistant.backend}', which is no backend: {reason}.",
            hint="OpenAI's workflows are 'chatkit_gateway.backends.hosted.HostedBackend'.",
            id="chatkit_gateway.E002",
        )
    else:
        yield from import_string(assistant.backend).check(assistant, today)
    for option in assistant.widget:
        if option not in WIDGET_OPTIONS:
            yield Error(
                f"{place}['WIDGET'] has the unknown option {option!r}.",
                hint="The options are those of ChatKit but for 'api', which the gateway sets: "
                f"{', '.join(WIDGET_OPTIONS)}.",
                id="chatkit_gateway.E005",
            )
    if assistant.fallback and assistant.fallback not in conf.gateway().assistants:
        yield Error(
            f"{place}['FALLBACK'] names the unknown assistant '{assistant.fallback}'.",
            hint="Name another key of ASSISTANTS.",
            id="chatkit_gateway.E006",
        )


def _why_no_backend(path: str) -> str:
    if reason := why_not_callable(path):
        return reason
    missing = [name for name in _BACKEND if not hasattr(import_string(path), name)]
    return f"it has no {' and no '.join(missing)}" if missing else ""
