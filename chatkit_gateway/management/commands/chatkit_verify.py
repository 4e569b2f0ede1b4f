"""Verify that nobody rewrote the audit; for cron."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from tqdm import tqdm

from chatkit_gateway.digests import safekeeping
from chatkit_gateway.digests.verification import Verification

FOUND = 1
NOT_VERIFIED = 2


class Command(BaseCommand):
    """Walk the chain of digests and name every change. Exit status: 0, FOUND or NOT_VERIFIED."""

    help = (
        "Verifies the audit against its digests. Exit status: 0 if nothing was changed, "
        "1 if something was, 2 if it could not be verified."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file from safe keeping."""
        parser.add_argument(
            "--file", type=Path, help="Also compare the digests with those in this file."
        )

    def handle(self, *args: Any, file: Path | None, **options: Any) -> None:
        """Print each finding as soon as it is made, then what was checked."""
        verification = Verification()
        lines = self._lines(file) if file else 0
        digests = verification.digests()
        if not digests and not lines:
            raise CommandError(
                _("There is no digest to verify by: run chatkit_digest first."),
                returncode=NOT_VERIFIED,
            )
        count = 0
        with tqdm(total=verification.total(), unit="row", disable=None) as bar:
            for finding in self._findings(verification, file, bar):
                count += 1
                with bar.external_write_mode():
                    self.stdout.write(finding)
        self._summarise(verification, digests, lines)
        if count:
            raise CommandError(
                ngettext("%d finding: see above.", "%d findings: see above.", count) % count,
                returncode=FOUND,
            )
        self.stdout.write(_("Nothing was changed."))

    def _findings(
        self, verification: Verification, file: Path | None, bar: tqdm[Any]
    ) -> Iterator[str]:
        if file:
            yield from safekeeping.findings(file)
        yield from verification.findings(bar.update)

    def _lines(self, file: Path) -> int:
        try:
            lines = sum(1 for _line in safekeeping.lines(file))
        except OSError as error:
            raise CommandError(
                _("%(file)s cannot be read: %(why)s.") % {"file": file, "why": error.strerror},
                returncode=NOT_VERIFIED,
            ) from None
        if not lines:
            raise CommandError(
                _("%s holds no digest to compare with.") % file, returncode=NOT_VERIFIED
            )
        return lines

    def _summarise(self, verification: Verification, digests: int, lines: int) -> None:
        self.stdout.write(
            _("Checked: %(digests)d digests, %(rows)d rows.")
            % {"digests": digests, "rows": verification.rows}
        )
        if lines:
            self.stdout.write(_("Compared with the file: %d digests.") % lines)
        for subject, count in verification.unsealed.items():
            if count:
                words = ngettext(
                    "%(subject)s: no digest covers %(count)d row yet.",
                    "%(subject)s: no digest covers %(count)d rows yet.",
                    count,
                )
                self.stdout.write(words % {"subject": subject, "count": count})
