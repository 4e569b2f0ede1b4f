"""Which bucket a row of the audit falls into, as an expression of the query."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Case, F, Func, IntegerField, Value, When
from django.db.models.sql.compiler import SQLCompiler


class BucketNumber(Func):
    """How many of the buckets' starts, the first left aside, are not after ``created_at``.

    One definition in two writings. The second is for PostgreSQL alone, which would compile the
    first, a tree of comparisons, for longer than it takes to count a million rows.
    """

    output_field = IntegerField()

    def __init__(self, starts: Sequence[datetime]) -> None:
        super().__init__(F("created_at"), _binary_search(starts, 0))
        self.later_starts = list(starts[1:])

    def as_sql(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        """Write the tree of comparisons."""
        _created_at, search = self.get_source_expressions()
        return compiler.compile(search)

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        """Write PostgreSQL's own function for it."""
        created_at, _search = self.get_source_expressions()
        sql, params = compiler.compile(created_at)
        kind = created_at.output_field.db_type(connection)
        return f"WIDTH_BUCKET({sql}, %s::{kind}[])", (*params, self.later_starts)


def _binary_search(starts: Sequence[datetime], first: int) -> Case | Value:
    if len(starts) == 1:
        return Value(first, output_field=IntegerField())
    half = len(starts) // 2
    return Case(
        When(created_at__lt=starts[half], then=_binary_search(starts[:half], first)),
        default=_binary_search(starts[half:], first + half),
    )
