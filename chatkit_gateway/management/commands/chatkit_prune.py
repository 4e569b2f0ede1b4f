"""Remove what is past its retention; for cron."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import ngettext

from chatkit_gateway import retention


class Command(BaseCommand):
    """Remove audit rows older than RETENTION_DAYS, and quota windows that are over."""

    help = "Removes audit rows older than RETENTION_DAYS, and quota windows that are over."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the size of a batch and whether to remove at all."""
        parser.add_argument("--batch", type=int, default=1000, metavar="ROWS")
        parser.add_argument("--dry-run", action="store_true", help="Only count.")

    def handle(self, *args: Any, batch: int, dry_run: bool, **options: Any) -> None:
        """Remove, or count, and say how many."""
        if dry_run:
            count = retention.expired().count()
            words = ngettext(
                "%(count)d row would be removed.", "%(count)d rows would be removed.", count
            )
        else:
            count = sum(retention.prune(batch))
            words = ngettext("%(count)d row was removed.", "%(count)d rows were removed.", count)
        self.stdout.write(words % {"count": count})
