"""Database connections, which nobody holds while an upstream is asked."""

from __future__ import annotations

from django.db import connections


def release_connections() -> None:
    """Hand this thread's database connections back; the next query takes one again.

    A connection inside a transaction belongs to whoever opened that, and stays.
    """
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()
