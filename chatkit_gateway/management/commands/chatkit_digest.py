"""Seal the audit; for cron."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from tqdm import tqdm

from chatkit_gateway.digests import canonical, chain, safekeeping, sealing, wording
from chatkit_gateway.models import AppendOnlyModel


class Command(BaseCommand):
    """Seal the rows that came since the last digest."""

    help = "Seals the audit's rows that came since the last digest, so that changes can be found."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file for safe keeping, and what to put up with."""
        parser.add_argument(
            "--file", type=Path, help="Also append the digests that this file does not hold yet."
        )
        parser.add_argument(
            "--patience",
            type=float,
            default=sealing.PATIENCE,
            metavar="SECONDS",
            help="How long transactions that are writing may take to end.",
        )
        parser.add_argument(
            "--trust-newest",
            action="store_true",
            help=(
                "Go on after a newest digest that is signed with a key this site does not have: "
                "the next one will vouch for it. Compare it with the file first."
            ),
        )

    def handle(self, *args: Any, file: Path | None, **options: Any) -> None:
        """Seal, append to the file, and say what was done."""
        try:
            busy = [model for model in canonical.SUBJECTS if not self._seal(model, options)]
        except chain.UnknownKey as unknown:
            raise CommandError(wording.unknown_key(unknown.number)) from None
        if file:
            self._keep(file)
        if busy:
            raise CommandError(
                _("Not sealed, because another transaction is still writing: %s. Try again later.")
                % ", ".join(map(canonical.subject, busy))
            )

    def _seal(self, model: type[AppendOnlyModel], options: dict[str, Any]) -> bool:
        subject = canonical.subject(model)
        rows = 0
        digests = sealing.seal(
            model, patience=options["patience"], whoever_signed=options["trust_newest"]
        )
        try:
            with tqdm(
                total=sealing.unsealed(model).count(), desc=subject, unit="row", disable=None
            ) as bar:
                for digest in digests:
                    bar.update(digest.count)
                    rows += digest.count
                    with bar.external_write_mode():
                        self.stdout.write(wording.digest(vars(digest)))
        except sealing.StillWriting:
            return False
        if not rows:
            self.stdout.write(_("%s: nothing new to seal.") % subject)
        return True

    def _keep(self, file: Path) -> None:
        try:
            count = safekeeping.append(file)
        except safekeeping.FileDiffers as difference:
            raise CommandError(
                _("Nothing was added to %(file)s. %(why)s Run chatkit_verify --file.")
                % {"file": file, "why": difference}
            ) from None
        except OSError as error:
            raise CommandError(
                _("Nothing was added to %(file)s: %(why)s.") % {"file": file, "why": error.strerror}
            ) from None
        self.stdout.write(
            _("%(count)d digests were added to %(file)s.") % {"count": count, "file": file}
        )
