"""Remove what is past its retention; for cron."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import ngettext

from chatkit_gateway import retention
from chatkit_gateway.digests import chain, wording


class Command(BaseCommand):
    """Remove sealed audit rows older than RETENTION_DAYS, and quota windows that are over."""

    help = (
        "Removes audit rows older than RETENTION_DAYS, once chatkit_digest has sealed them, and "
        "quota windows that are over."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the size of a batch and whether to remove at all."""
        parser.add_argument("--batch", type=int, default=1000, metavar="ROWS")
        parser.add_argument("--dry-run", action="store_true", help="Only count.")

    def handle(self, *args: Any, batch: int, dry_run: bool, **options: Any) -> None:
        """Remove, or count, and say how many; and how many could not go yet."""
        now = timezone.now()
        if dry_run:
            count = retention.removable(now)
            words = ngettext(
                "%(count)d row would be removed.", "%(count)d rows would be removed.", count
            )
        else:
            try:
                count = sum(retention.prune(batch, now))
            except chain.UnknownKey as unknown:
                raise CommandError(wording.unknown_key(unknown.number)) from None
            words = ngettext("%(count)d row was removed.", "%(count)d rows were removed.", count)
        self.stdout.write(words % {"count": count})
        waiting = retention.waiting(now)
        if waiting:
            self.stderr.write(
                ngettext(
                    "%(count)d row past its time is not sealed yet: run chatkit_digest first.",
                    "%(count)d rows past their time are not sealed yet: run chatkit_digest first.",
                    waiting,
                )
                % {"count": waiting}
            )
