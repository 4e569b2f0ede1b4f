"""Sealing: digests over the rows that came since the last one, without a gap between them."""

from __future__ import annotations

import time
from collections.abc import Iterator

from django.db import connections
from django.db.models import Max, QuerySet

from chatkit_gateway.digests import canonical, chain, reading
from chatkit_gateway.models import AppendOnlyModel, Digest

ROWS = 10_000
"""The most rows that one digest seals."""
PATIENCE = 30.0
"""Seconds that transactions which are writing have to end."""
_PAUSE = 0.05

_WRITERS = """
SELECT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
AND relation = %s::regclass AND pid IS DISTINCT FROM pg_backend_pid()
"""


class StillWriting(Exception):
    """A transaction has not ended; sealing now could leave its rows inside a sealed range."""


def unsealed(model: type[AppendOnlyModel]) -> QuerySet[AppendOnlyModel]:
    """Return the rows that came after the last digest."""
    return reading.stored(model).filter(pk__gte=_first_unsealed(model))


def seal(
    model: type[AppendOnlyModel],
    *,
    at_most: int = ROWS,
    patience: float = PATIENCE,
    whoever_signed: bool = False,
) -> Iterator[Digest]:
    """Seal what came since the last digest, ``at_most`` rows in each.

    Yields every digest that it made. Raises `StillWriting` when ``patience`` (seconds) runs out,
    and `chain.UnknownKey` if the last digest is not signed by this site, unless that is accepted.
    """
    newest = _settled(model, patience)
    while newest is not None:
        first = _first_unsealed(model)
        following = reading.stored(model).filter(pk__range=(first, newest))
        rows = chain.pack(reading.first_rows(following, canonical.FORMAT, at_most))
        if not rows:
            return
        digest = _append(model, first, rows, whoever_signed)
        if digest:
            yield digest


def _append(
    model: type[AppendOnlyModel], first: int, rows: bytes, whoever_signed: bool
) -> Digest | None:
    """Add the digest to the chain; returns None if somebody else sealed these rows meanwhile."""
    while True:
        tip = chain.tip(whoever_signed=whoever_signed)
        if _first_unsealed(model) != first:
            return None
        try:
            return chain.append(
                tip,
                kind=Digest.Kind.SEALED,
                subject=canonical.subject(model),
                format_=canonical.FORMAT,
                first_row=first,
                rows=rows,
            )
        except chain.Overtaken:
            continue


def _first_unsealed(model: type[AppendOnlyModel]) -> int:
    """Return the key after the last sealed one; ranges touch, so that no row hides in between."""
    sealed = reading.stored(Digest).filter(
        kind=Digest.Kind.SEALED, subject=canonical.subject(model)
    )
    last: int | None = sealed.aggregate(last=Max("last_row"))["last"]
    return 1 if last is None else last + 1


def _settled(model: type[AppendOnlyModel], patience: float) -> int | None:
    """Return the newest key, once no row can be committed below it any more.

    PostgreSQL hands out keys before rows are committed. Whoever was given one before this read
    the newest had locked the table for writing by then, and holds that lock to the end of the
    transaction. So waiting for the writers of that moment is enough. A lock of ours would do as
    well, but issuing would queue behind it. SQLite has one writer at a time.
    """
    stored = reading.stored(model)
    newest: int | None = stored.aggregate(newest=Max("pk"))["newest"]
    if connections[stored.db].vendor == "postgresql":
        waited_until = time.monotonic() + patience
        writers = _writers(stored)
        while writers:
            if time.monotonic() > waited_until:
                raise StillWriting
            time.sleep(_PAUSE)
            writers &= _writers(stored)
    return newest


def _writers(stored: QuerySet[AppendOnlyModel]) -> set[str]:
    connection = connections[stored.db]
    with connection.cursor() as cursor:
        cursor.execute(_WRITERS, [connection.ops.quote_name(stored.model._meta.db_table)])
        return {transaction for (transaction,) in cursor}
