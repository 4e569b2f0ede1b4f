"""Verifying the rows that one digest sealed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chatkit_gateway.digests import canonical, chain, reading, wording
from chatkit_gateway.digests.standing import Standings
from chatkit_gateway.models import Digest

MODELS = {canonical.subject(model): model for model in canonical.SUBJECTS}


@dataclass(frozen=True, slots=True)
class _Removal:
    """What a digest of retention says of one row."""

    digest: int
    sha256: bytes
    again: bool
    """An earlier digest says so too: the row must have been put back in between."""


def compare(sealed: Digest, standings: Standings) -> list[str]:
    """Return what happened to the rows since they were sealed."""
    while True:
        newest = chain.newest()
        findings = list(_differences(sealed, standings))
        # Retention may have been at work between two of our looks; it would have left a digest.
        if not findings or chain.newest() == newest:
            return findings


def _differences(sealed: Digest, standings: Standings) -> Iterator[str]:
    expected = chain.unpack(bytes(sealed.rows))
    removals = _removals(sealed, standings)
    model = MODELS[sealed.subject]
    present = reading.stored(model).filter(pk__range=(sealed.first_row, sealed.last_row))
    for row in reading.rows(present, sealed.format):
        sha256 = expected.pop(row.key, None)
        removal = removals.pop(row.key, None)
        details = {
            "row": wording.row(sealed.subject, row.key, row.columns),
            "digest": removal.digest if removal else sealed.number,
        }
        if removal:
            yield _("%(row)s was put back after digest %(digest)d had removed it.") % details
        elif sha256 is None:
            yield _("%(row)s was inserted into what digest %(digest)d had sealed.") % details
        elif sha256 != row.sha256:
            yield _("%(row)s was changed after digest %(digest)d had sealed it.") % details
    yield from _gone(sealed, expected, removals)


def _gone(
    sealed: Digest, expected: dict[int, bytes], removals: dict[int, _Removal]
) -> Iterator[str]:
    """Tell what is wrong with rows that are not there any more."""
    run: list[int] = []
    for key in chain.unpack(bytes(sealed.rows)):
        if key in expected and key not in removals:
            run.append(key)
            continue
        yield from _removed(sealed, run)
        run = []
        if key in expected:
            yield from _removed_by_retention(sealed, key, removals.pop(key), expected[key])
    yield from _removed(sealed, run)
    for key, removal in removals.items():
        yield from _removed_by_retention(sealed, key, removal, None)


def _removed(sealed: Digest, keys: list[int]) -> Iterator[str]:
    """Tell of sealed rows that follow each other and that nobody had a right to remove."""
    if keys:
        words = ngettext(
            "%(rows)s was removed after digest %(digest)d had sealed it.",
            "%(rows)s: %(count)d rows were removed after digest %(digest)d had sealed them.",
            len(keys),
        )
        yield words % {
            "rows": f"{sealed.subject} {wording.span(keys[0], keys[-1])}",
            "digest": sealed.number,
            "count": len(keys),
        }


def _removed_by_retention(
    sealed: Digest, key: int, removal: _Removal, sha256: bytes | None
) -> Iterator[str]:
    details = {"row": f"{sealed.subject} {key}", "digest": removal.digest}
    if sha256 is None:
        yield (_("%(row)s had been inserted when digest %(digest)d removed it.") % details)
    elif sha256 != removal.sha256:
        yield _("%(row)s had been changed when digest %(digest)d removed it.") % details
    elif removal.again:
        yield (_("%(row)s had been put back when digest %(digest)d removed it again.") % details)


def _removals(sealed: Digest, standings: Standings) -> dict[int, _Removal]:
    """Return what retention removed of the rows; it never reaches over a digest's end."""
    found: dict[int, _Removal] = {}
    removing = reading.stored(Digest).filter(
        kind=Digest.Kind.REMOVED,
        subject=sealed.subject,
        last_row__range=(sealed.first_row, sealed.last_row),
    )
    for digest in removing.order_by("number"):
        if standings.trusts(digest):
            for key, sha256 in chain.unpack(bytes(digest.rows)).items():
                found[key] = _Removal(digest.number, sha256, again=key in found)
    return found
