"""The chain of digests: numbered, each with the hash of the one before, each signed by the site."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from chatkit_gateway import conf
from chatkit_gateway.digests import canonical, reading
from chatkit_gateway.models import Digest

if TYPE_CHECKING:
    from collections.abc import Iterable

ORIGIN = "0" * 64
"""What the first digest holds in place of the hash of the one before."""

_KEY = 8
_ENTRY = _KEY + 32
_HEADER = (
    "number",
    "kind",
    "subject",
    "format",
    "first_row",
    "last_row",
    "count",
    "sha256",
    "previous",
    "created_at",
)


class Overtaken(Exception):
    """Another process has added a digest meanwhile: look again at what there is to do."""


class UnknownKey(Exception):
    """The newest digest is not signed by this site, so that another after it would vouch for it."""

    def __init__(self, number: int) -> None:
        super().__init__(f"digest {number}")
        self.number = number


@dataclass(frozen=True, slots=True)
class Tip:
    """The end of the chain as it was at one moment: the last digest's number and hash."""

    number: int
    link: str


def newest() -> Digest | None:
    """Return the last digest, without its row hashes."""
    return reading.stored(Digest).defer("rows").order_by("number").last()


def tip(*, whoever_signed: bool = False) -> Tip:
    """Return the end of the chain as it is now.

    Raises `UnknownKey` if the last digest is not signed by this site, unless that is accepted.
    """
    last = newest()
    if last is None:
        return Tip(0, ORIGIN)
    if not whoever_signed and not is_signed(last):
        raise UnknownKey(last.number)
    return Tip(last.number, link(last))


def append(
    after: Tip,
    *,
    kind: Digest.Kind,
    subject: str,
    format_: int,
    rows: bytes,
    first_row: int | None = None,
) -> Digest:
    """Add a digest over rows, `pack`-ed; it covers them from ``first_row`` (default: the first).

    Raises `Overtaken` if the chain goes on after ``after`` already. So whoever asked for the tip
    before looking at anything else, and then succeeds here, saw nothing outdated.
    """
    digest = Digest(
        number=after.number + 1,
        kind=kind,
        subject=subject,
        format=format_,
        first_row=_key(rows, 0) if first_row is None else first_row,
        last_row=_key(rows, len(rows) - _ENTRY),
        count=len(rows) // _ENTRY,
        rows=rows,
        sha256=hashlib.sha256(rows).hexdigest(),
        previous=after.link,
        created_at=timezone.now(),
    )
    digest.signature = signature(digest, conf.secret_keys()[0])
    stored = reading.stored(Digest)
    try:
        with transaction.atomic(using=stored.db):
            digest.save(using=stored.db)
    except IntegrityError:
        if not stored.filter(number=digest.number).exists():
            raise
        raise Overtaken from None
    return digest


def line(digest: Digest) -> str:
    """Return all of a digest but its row hashes, as one line of canonical JSON."""
    return canonical.encode({name: getattr(digest, name) for name in (*_HEADER, "signature")})


def link(digest: Digest) -> str:
    """Return the hash that the next digest holds of this one: the SHA-256 of its `line`."""
    return hashlib.sha256(line(digest).encode()).hexdigest()


def is_signed(digest: Digest) -> bool:
    """Tell whether the site signed it: with ``SECRET_KEY``, or with one of its fallbacks."""
    return any(
        constant_time_compare(digest.signature, signature(digest, key))
        for key in conf.secret_keys()
    )


def holds_its_rows(digest: Digest) -> bool:
    """Tell whether the row hashes are those that were signed."""
    # SQLite takes anything in any column.
    return isinstance(digest.rows, bytes | memoryview) and (
        hashlib.sha256(digest.rows).hexdigest() == digest.sha256
    )


def pack(rows: Iterable[reading.Row]) -> bytes:
    """Return what a digest stores of rows: 8 bytes of key and 32 of SHA-256 for each."""
    return b"".join(row.key.to_bytes(_KEY, "big", signed=True) + row.sha256 for row in rows)


def unpack(rows: bytes) -> dict[int, bytes]:
    """Return the SHA-256 of each key, in order."""
    return {
        _key(rows, start): rows[start + _KEY : start + _ENTRY]
        for start in range(0, len(rows), _ENTRY)
    }


def _key(rows: bytes, start: int) -> int:
    return int.from_bytes(rows[start : start + _KEY], "big", signed=True)


def signature(digest: Digest, key: str) -> str:
    """Return what a site with this ``SECRET_KEY`` signs a digest with."""
    header = canonical.encode({name: getattr(digest, name) for name in _HEADER})
    return salted_hmac("chatkit_gateway.digest", header, secret=key, algorithm="sha256").hexdigest()
