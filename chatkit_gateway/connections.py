"""Database connections, which nobody holds while an upstream is asked, and their transactions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import connections, transaction

View = TypeVar("View", bound=Callable[..., Any])


def release_connections() -> None:
    """Hand this thread's database connections back; the next query takes one again.

    A connection inside a transaction belongs to whoever opened that, and stays.
    """
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()


def outside_transactions(view: View) -> View:
    """Mark a view, so that no database's ``ATOMIC_REQUESTS`` puts it into a transaction.

    Django's own decorator speaks for one database, and a router may put our tables into another.
    """
    for alias in connections:
        view = transaction.non_atomic_requests(alias)(view)
    return view
