"""The canonical form of a row, whose SHA-256 stands in digests.

It is the same on every database, in every time zone, with or without ``USE_TZ``. A stored format
never changes: a model with another column needs a format of the next number.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from django.db import router
from django.db.models import QuerySet
from django.db.utils import DataError, OperationalError
from django.utils import timezone

from chatkit_gateway.models import AppendOnlyModel, Digest, Export, Issuance, Revocation

Model = TypeVar("Model", bound=AppendOnlyModel)

SUBJECTS: tuple[type[AppendOnlyModel], ...] = (Issuance, Revocation, Export)
"""The models whose rows are sealed."""

FORMAT = 1
"""The format of new digests."""

FIELDS: dict[int, dict[str, tuple[str, ...]]] = {
    1: {
        "issuance": (
            "id",
            "member_id",
            "username",
            "assistant",
            "backend",
            "workflow_id",
            "outcome",
            "error_code",
            "status",
            "session_id",
            "fingerprint",
            "login_id",
            "expires_at",
            "upstream_request_id",
            "upstream_ms",
            "refresh",
            "ip_address",
            "user_agent",
            "origin",
            "reference",
            "created_at",
        ),
        "revocation": (
            "id",
            "issuance_id",
            "cause",
            "revoked_by",
            "reason",
            "ended",
            "answer",
            "upstream_request_id",
            "created_at",
        ),
        "export": (
            "id",
            "exported_by",
            "format",
            "filters",
            "ip_address",
            "reference",
            "created_at",
        ),
    },
}
"""The columns that are hashed, by format and subject."""

UNREADABLE = bytes(32)
"""Stands in place of a hash where the database holds what the column's type cannot."""

_AT_ONCE = 2000


class Row(NamedTuple):
    """One row: its key, its SHA-256, and its columns (none if it cannot be read)."""

    key: int
    sha256: bytes
    columns: Mapping[str, Any]


def subject(model: type[AppendOnlyModel]) -> str:
    """Return the name that digests have for the rows of a model."""
    return model._meta.model_name or ""


def stored(model: type[Model]) -> QuerySet[Model]:
    """Return what the database that is written to holds; a replica may be behind."""
    return model._default_manager.using(router.db_for_write(Digest))


def rows(of: QuerySet[Any], format_: int, at_once: int = _AT_ONCE) -> Iterator[Row]:
    """Hash the rows of a queryset in the order of their keys; holds ``at_once`` in memory."""
    ordered = of.order_by("pk")
    following = ordered
    while True:
        chunk = _read(following[:at_once], FIELDS[format_][subject(of.model)])
        yield from chunk
        if len(chunk) < at_once:
            return
        following = ordered.filter(pk__gt=chunk[-1].key)


def _read(chunk: QuerySet[Any], names: tuple[str, ...]) -> list[Row]:
    try:
        return [_row(dict(zip(names, values, strict=True))) for values in chunk.values_list(*names)]
    except (ValueError, OverflowError, DataError, OperationalError) as error:
        keys = list(chunk.values_list("pk", flat=True))
        if len(keys) != 1:
            one_by_one = (stored(chunk.model).filter(pk=key) for key in keys)
            return [row for one in one_by_one for row in _read(one, names)]
        if isinstance(error, OperationalError) and "UTF-8" not in str(error):
            raise
        return [Row(keys[0], UNREADABLE, {})]


def _row(columns: dict[str, Any]) -> Row:
    hashed = columns
    if columns.get("ip_address"):
        hashed = columns | {"ip_address": _address(columns["ip_address"])}
    return Row(columns["id"], hashlib.sha256(encode(hashed).encode()).digest(), columns)


@lru_cache
def _address(text: str) -> str:
    """Return an IP address in full: databases and versions of Python shorten it differently."""
    try:
        return ipaddress.ip_address(text).exploded
    except ValueError:
        return text


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        if timezone.is_naive(value):
            value = timezone.make_aware(value, timezone.get_default_timezone())
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, bytes | memoryview):
        return {"bytes": bytes(value).hex()}
    return str(value)


encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=_plain).encode
"""Return canonical JSON: sorted keys, no blanks, ASCII, moments in UTC to the microsecond."""
