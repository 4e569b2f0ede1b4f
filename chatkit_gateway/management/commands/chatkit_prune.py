"""Remove what is past its retention; for cron."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

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
            self.stdout.write(_("%(count)d rows would be removed.") % {"count": count})
        else:
            try:
                count = sum(retention.prune(batch, now))
            except chain.UnknownKey as unknown:
                raise CommandError(wording.unknown_key(unknown.number)) from None
            self.stdout.write(_("%(count)d rows were removed.") % {"count": count})
        waiting = retention.waiting(now)
        if waiting:
            self.stderr.write(
                _("%(count)d rows past their time are not sealed yet: run chatkit_digest first.")
                % {"count": waiting}
            )
