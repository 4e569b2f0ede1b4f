"""The canonical form of a row, whose SHA-256 stands in digests.

It is the same on every database, in every time zone, with or without ``USE_TZ``. A stored format
never changes: a model with another column needs a format of the next number.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.utils import timezone

from chatkit_gateway.models import AppendOnlyModel, Export, Issuance, Revocation

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


def subject(model: type[AppendOnlyModel]) -> str:
    """Return the name that digests have for the rows of a model."""
    return model._meta.model_name or ""


def sha256(columns: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 of a row's canonical form."""
    if columns.get("ip_address"):
        columns = {**columns, "ip_address": _address(columns["ip_address"])}
    return hashlib.sha256(encode(columns).encode()).digest()


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
            # Databases do not keep which of an autumn night's two hours it was.
            value = timezone.make_aware(value.replace(fold=0), timezone.get_default_timezone())
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, bytes | memoryview):
        return {"bytes": bytes(value).hex()}
    return str(value)


encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=_plain).encode
"""Return canonical JSON: sorted keys, no blanks, ASCII, moments in UTC to the microsecond."""
