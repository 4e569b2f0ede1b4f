"""How PostgreSQL carries out the queries of a page, as it tells by EXPLAIN."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext


@dataclass
class Asked:
    """What a block asked the database: how many queries, and how each read some tables."""

    tables: tuple[str, ...]
    queries: int = 0
    reads: list[str] = field(default_factory=list)
    """One line for each read of a table: the kind of the scan, its index, its rows."""
    most_rows: int = 0
    """The most rows that any of them looked at, those it threw away included."""


@contextmanager
def asked(*tables: str) -> Iterator[Asked]:
    """Collect what the block asks, then carry the queries of the tables out again, explained."""
    found = Asked(tables)
    with CaptureQueriesContext(connection) as captured:
        yield found
    found.queries = len(captured)
    for query in captured.captured_queries:
        sql = query["sql"]
        if sql.startswith("SELECT") and any(table in sql for table in tables):
            for scan in _scans(_explain(sql)):
                _add(found, scan)


def _explain(sql: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
        [[[explained]]] = cursor.fetchall()
    plan: dict[str, Any] = explained["Plan"]
    return plan


def _scans(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "Relation Name" in node:
        yield node
    for inner in node.get("Plans", ()):
        yield from _scans(inner)


def _add(found: Asked, scan: dict[str, Any]) -> None:
    if scan["Relation Name"] not in found.tables:
        return
    thrown_away = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
    rows = scan["Actual Rows"] + sum(scan.get(name, 0) for name in thrown_away)
    rows = round(rows * scan["Actual Loops"])
    found.most_rows = max(found.most_rows, rows)
    found.reads.append(f"{scan['Node Type']} {scan.get('Index Name', '')}: {rows} rows")
