"""A small sealed audit, and what somebody with the database in their hands can do to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import time_machine
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.db.backends.utils import CursorWrapper

from chatkit_gateway.digests import sealing
from chatkit_gateway.models import AppendOnlyModel, Digest, Export, Issuance, Revocation

BEGIN = datetime(2026, 11, 24, 3, 0, 0, 123456, tzinfo=UTC)
SEALED_AT = datetime(2026, 11, 25, 4, 17, tzinfo=UTC)
KEYS = (1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12)
"""Of the issuances. 7 was handed out and never committed."""
AUDIT: tuple[type[AppendOnlyModel], ...] = (Issuance, Revocation, Export, Digest)


def issuance(key: int, **columns: Any) -> Issuance:
    values: dict[str, Any] = {
        "id": key,
        "member_id": 7,
        "username": "maria",
        "assistant": "default",
        "backend": "chatkit_gateway.backends.hosted.HostedBackend",
        "workflow_id": "wf_0123456789abcdef",
        "outcome": "issued",
        "status": 200,
        "session_id": f"cksess_{key}",
        "fingerprint": f"{key:064x}",
        "login_id": "a" * 64,
        "expires_at": BEGIN + timedelta(minutes=key, seconds=600),
        "upstream_request_id": f"req_{key}",
        "upstream_ms": 340 + key,
        "ip_address": "2001:db8::7",
        "user_agent": "Mozilla/5.0",
        "origin": "https://club.example",
        "reference": f"ref{key}",
        "created_at": BEGIN + timedelta(minutes=key),
    }
    return Issuance(**values | columns)


def revocation(key: int, **columns: Any) -> Revocation:
    values: dict[str, Any] = {
        "id": key,
        "issuance_id": 3,
        "cause": "admin",
        "revoked_by": "ada",
        "reason": "lost laptop",
        "ended": key == 2,
        "answer": "cancelled" if key == 2 else "upstream_timeout",
        "upstream_request_id": "req_r",
        "created_at": BEGIN + timedelta(hours=key),
    }
    return Revocation(**values | columns)


def export(key: int, **columns: Any) -> Export:
    values: dict[str, Any] = {
        "id": key,
        "exported_by": "ada",
        "format": "csv",
        "filters": "outcome=issued",
        "ip_address": "192.0.2.7",
        "reference": f"exp{key}",
        "created_at": BEGIN + timedelta(hours=key),
    }
    return Export(**values | columns)


def fill() -> None:
    """Store issuances, two tries to end one of them, and an export."""
    Issuance.objects.bulk_create([issuance(key) for key in KEYS])
    Revocation.objects.bulk_create([revocation(1), revocation(2)])
    export(1).save()


def seal(at_most: int = 5) -> list[Digest]:
    """Seal as the command does, in digests of a few rows."""
    models = (Issuance, Revocation, Export)
    return [digest for model in models for digest in sealing.seal(model, at_most=at_most)]


@contextmanager
def sealed_in_five_digests() -> Iterator[None]:
    """Fill and seal at `SEALED_AT`, and stop the clock there.

    Digests: 1 issuance 1-5, 2 issuance 6-11, 3 issuance 12, 4 revocation 1-2, 5 export 1.
    """
    with time_machine.travel(SEALED_AT, tick=False):
        fill()
        seal()
        yield


def verify(*arguments: str) -> tuple[int, list[str]]:
    """Run the command; return its exit status and its findings, without the figures at the end."""
    out = StringIO()
    try:
        call_command("chatkit_verify", *arguments, stdout=out)
    except CommandError as error:
        lines, _, _figures = out.getvalue().partition("Checked: ")
        return error.returncode, lines.splitlines()
    return 0, out.getvalue().partition("Checked: ")[0].splitlines()


@contextmanager
def with_the_database_in_hand() -> Iterator[CursorWrapper]:
    """Yield a cursor for which no trigger fires, as the owner of the tables can have one."""
    tables = [model._meta.db_table for model in AUDIT]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER chatkit_gateway_append_only")
        yield cursor
        if connection.vendor == "postgresql":
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER chatkit_gateway_append_only")


def run(*statements: str) -> None:
    """Run SQL that no trigger sees. ``{issuance}`` stands for that table, and so on."""
    names = {model._meta.model_name: model._meta.db_table for model in AUDIT}
    with with_the_database_in_hand() as cursor:
        for statement in statements:
            cursor.execute(statement.format(**names))


def change(table: str, assignment: str, key: int) -> str:
    """Return the statement that assigns to a column of one row, for `run`."""
    key_column = "number" if table == "digest" else "id"
    return " ".join(["UPDATE", f"{{{table}}}", "SET", assignment, "WHERE", f"{key_column} = {key}"])


def tampered(*statements: str) -> list[str]:
    """Run the statements and return what the command finds."""
    assert verify() == (0, [])
    run(*statements)
    status, findings = verify()
    assert status == (1 if findings else 0)
    return findings


def other_value(field: models.Field[Any, Any]) -> str:
    """Return an SQL literal of the column's type that no row of these tests holds."""
    on_postgresql = connection.vendor == "postgresql"
    if isinstance(field, models.BooleanField):
        return f"NOT {field.column}"
    if isinstance(field, models.BinaryField):
        return "'\\x00ff'" if on_postgresql else "X'00ff'"
    if isinstance(field, models.DateTimeField):
        return (
            "'2026-11-24 03:00:00.123457+00'" if on_postgresql else "'2026-11-24 03:00:00.123457'"
        )
    if isinstance(field, models.GenericIPAddressField):
        return "'2001:db8::8'"
    return "'7777'"
