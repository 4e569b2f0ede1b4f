"""Copies of the audit: a recorded export, and issuances as the lines of a file.

A million rows take no more memory than a thousand, and no database connection is held while
somebody's computer takes its time over them.
"""

from __future__ import annotations

import csv
import io
import json
import logging
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db import router, transaction
from django.db.models import OuterRef, Q, Subquery

from chatkit_gateway.connections import release_connections
from chatkit_gateway.models import Export, Issuance, Revocation

if TYPE_CHECKING:
    from django.db.models import QuerySet

logger = logging.getLogger(__name__)

AT_A_TIME = 2000
"""Rows that are read with one query, and sent as one piece."""

COLUMNS = (*(field.attname for field in Issuance._meta.concrete_fields), "revoked_at")
"""Every field of `Issuance`, and when its client secret was ended early, if it was."""

_SUSPICIOUS = re.compile(r"[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n]")
"""Few cells hold any of these; the others need no closer look."""
_FORMULA = re.compile(
    r"""
    ^ (?= [\t\r\n] )  # A spreadsheet drops these, and looks at what follows.
    | (?: ^ | [,;|\t\r\n] )  # Where a cell begins, if not for us then for somebody else.
      (?= [\s"']* [=+\-@\uFF1D\uFF0B\uFF0D\uFF20] )
    """,
    re.VERBOSE,
)


def record(export: Export) -> None:
    """Store who takes a copy. Raises whatever keeps the row from being committed."""
    # Durable: inside somebody else's transaction the row could still be rolled back.
    with transaction.atomic(using=router.db_for_write(Export), durable=True):
        export.save()


def pieces(export: Export, rows: QuerySet[Issuance]) -> Iterator[str]:
    """Yield the file, newest rows first, in pieces of `AT_A_TIME` rows.

    Rows written after the beginning are not in it. The log tells how many there were.
    """
    write = {Export.Format.CSV: _csv, Export.Format.JSON_LINES: _json_lines}[
        Export.Format(export.format)
    ]
    count, ending = 0, "broken off"
    try:
        if export.format == Export.Format.CSV:
            yield _csv([COLUMNS])
        for chunk in _chunks(rows):
            release_connections()
            count += len(chunk)
            yield write(chunk)
        ending = "complete"
    finally:
        logger.info("export %s is %s: %s rows", export.pk, ending, count)


def _chunks(rows: QuerySet[Issuance]) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the rows, each time those after the last one before: no cursor is open meanwhile."""
    ended = Revocation.objects.filter(issuance=OuterRef("pk"), ended=True)
    ordered = (
        rows.annotate(revoked_at=Subquery(ended.values("created_at")[:1]))
        .order_by("-created_at", "-id")
        .values_list(*COLUMNS)
    )
    chunk = list(ordered[:AT_A_TIME])
    while chunk:
        yield chunk
        last = dict(zip(COLUMNS, chunk[-1], strict=True))
        # The first condition is implied, and the one that an index can start from.
        after = Q(created_at__lte=last["created_at"]) & (
            Q(created_at__lt=last["created_at"]) | Q(id__lt=last["id"])
        )
        chunk = list(ordered.filter(after)[:AT_A_TIME])


def _json_lines(rows: Sequence[tuple[Any, ...]]) -> str:
    return "".join(
        json.dumps(
            dict(zip(COLUMNS, (_plain(value) for value in row), strict=True)), ensure_ascii=False
        )
        + "\n"
        for row in rows
    )


def _csv(rows: Sequence[tuple[Any, ...]]) -> str:
    file = io.StringIO()
    # All in quotes: where a semicolon ends a cell, as with Excel in German, it still ends none.
    csv.writer(file, quoting=csv.QUOTE_ALL).writerows(
        [_cell(value) for value in row] for row in rows
    )
    return file.getvalue()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    # The key of an account is whatever the site's user model has, a UUID for one.
    return value if value is None or isinstance(value, str | int) else str(value)


def _cell(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula, as OWASP has it (CSV injection)."""
    if isinstance(value, str):
        return _FORMULA.sub(r"\g<0>'", value) if _SUSPICIOUS.search(value) else value
    if isinstance(value, bool):
        return "true" if value else "false"
    return _plain(value)
