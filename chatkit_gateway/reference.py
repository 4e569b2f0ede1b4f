"""The reference id that ties a member's message, the log lines and the audit row together."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_current: ContextVar[str] = ContextVar("chatkit_gateway_reference", default="")


def current() -> str:
    """Return the reference of the request being served; an empty string outside of one."""
    return _current.get()


def begin() -> None:
    """Give the request that begins a fresh reference.

    A client's own header is never taken: a reference that a caller can choose identifies nothing.
    """
    _current.set(secrets.token_hex(6))


@contextmanager
def of_request() -> Iterator[None]:
    """Make sure there is a reference while the block runs: the request's, or its own."""
    if current():
        yield
        return
    token = _current.set(secrets.token_hex(6))
    try:
        yield
    finally:
        _current.reset(token)


class ReferenceFilter(logging.Filter):
    """Put the reference on every log record as ``record.reference``; "-" outside of a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mark the record; never drops one."""
        record.reference = current() or "-"
        return True
