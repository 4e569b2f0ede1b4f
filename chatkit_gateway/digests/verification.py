"""Verification: the whole chain, and every row that it seals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from chatkit_gateway.digests import canonical, reading, sealed_rows, wording
from chatkit_gateway.digests.chain_walk import walk
from chatkit_gateway.digests.standing import Standings
from chatkit_gateway.models import AppendOnlyModel, Digest


@dataclass(slots=True)
class Verification:
    """One walk along the chain; its figures are complete at the end of `findings`."""

    rows: int = 0
    unsealed: dict[str, int] = field(default_factory=dict)
    """How many rows no digest has sealed yet, by subject."""

    def digests(self) -> int:
        """Return how many digests there are."""
        return reading.stored(Digest).count()

    def total(self) -> int:
        """Return how many rows the digests say there are to check."""
        sealed = reading.stored(Digest).filter(kind=Digest.Kind.SEALED)
        return int(sealed.aggregate(total=Sum("count"))["total"] or 0)

    def findings(self, progress: Callable[[int], object]) -> Iterator[str]:
        """Name what was done to digests and rows, in the order of the chain.

        ``progress`` is told how many rows were checked since it was told last.
        """
        first_rows = dict.fromkeys(sealed_rows.MODELS, 1)
        standings = Standings()
        for link in walk(standings):
            yield from link.findings
            digest = link.trusted
            if digest and digest.kind == Digest.Kind.SEALED:
                yield from self._uncovered(digest, first_rows[digest.subject])
                yield from sealed_rows.compare(digest, standings)
                first_rows[digest.subject] = digest.last_row + 1
                self.rows += digest.count
                progress(digest.count)
        for subject, first_row in first_rows.items():
            yield from self._at_the_ends(subject, first_row)

    def _uncovered(self, digest: Digest, first_row: int) -> Iterator[str]:
        """Tell of a gap between the ranges of two digests, or of ranges that overlap."""
        if digest.first_row > first_row:
            gap = (first_row, digest.first_row - 1)
            stored = self._stored(digest.subject).filter(pk__range=gap)
            yield _("%(rows)s: not checked, as no valid digest covers it (rows: %(count)d).") % {
                "rows": f"{digest.subject} {wording.span(*gap)}",
                "count": stored.count(),
            }
        elif digest.first_row < first_row:
            yield _("%s seals rows that were sealed already.") % wording.digest(vars(digest))

    def _at_the_ends(self, subject: str, first_row: int) -> Iterator[str]:
        """Tell of rows below the first key, and count those after the last sealed one."""
        stored = self._stored(subject)
        for row in reading.rows(stored.filter(pk__lt=1), canonical.FORMAT):
            yield _("%s was inserted: keys begin with 1.") % wording.row(
                subject, row.key, row.columns
            )
        self.unsealed[subject] = stored.filter(pk__gte=first_row).count()

    def _stored(self, subject: str) -> QuerySet[AppendOnlyModel]:
        return reading.stored(sealed_rows.MODELS[subject])
