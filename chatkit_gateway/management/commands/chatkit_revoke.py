"""End client secrets before they expire; by hand, and for cron."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chatkit_gateway import lapses, revocation
from chatkit_gateway.models import Cause, Issuance, IssuanceQuerySet
from chatkit_gateway.revocation import Begun, Wish
from chatkit_gateway.selection import By, select

PENDING = 3
"""The exit status when something is still alive; 1 and 2 are Django's and argparse's."""


class Command(BaseCommand):
    """Revoke the client secrets that are chosen and alive."""

    help = (
        "Ends client secrets that are alive. Exits with 3 if some could not be ended yet: those "
        "stay pending, and --retry goes on with them."
    )

    # A mistake in the settings of one assistant must not keep the secrets of another alive.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take one way to choose, and what is to be recorded."""
        chosen = parser.add_mutually_exclusive_group(required=True)
        for by, metavar in (
            (By.ISSUANCE, "ID"),
            (By.REFERENCE, "REF"),
            (By.MEMBER, "USERNAME"),
            (By.ASSISTANT, "ALIAS"),
            (By.WORKFLOW, "WF_ID"),
        ):
            chosen.add_argument(
                f"--{by}",
                nargs="+",
                metavar=metavar,
                type=int if by is By.ISSUANCE else str,
                help=f"All of this {by}." if by is not By.ISSUANCE else "These rows.",
            )
        chosen.add_argument("--all", action="store_true", help="Every one of this site.")
        chosen.add_argument(
            "--lapsed", action="store_true", help="Those whose member is none any more; for cron."
        )
        chosen.add_argument(
            "--retry", action="store_true", help="Those that are pending; for cron."
        )
        parser.add_argument("--reason", help="Why, in up to 200 characters.")
        parser.add_argument("--by", metavar="NAME", help=f"Who wants it ({_account()}).")
        parser.add_argument("--dry-run", action="store_true", help="Only list them.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Choose, revoke, and say how many are ended and how many pending."""
        if options["retry"] and (options["reason"] or options["by"]):
            raise CommandError(_("--retry goes on for the reasons that are on record."))
        issuances = _chosen(options)
        if options["dry_run"]:
            self._list(issuances)
            return
        begun = _begin(issuances, options)
        ended = begun.ended + self._carry_on(begun.pending)
        pending = begun.ended + len(begun.pending) - ended
        self.stdout.write(
            ngettext("%d client secret was ended.", "%d client secrets were ended.", ended) % ended
        )
        if pending:
            raise CommandError(
                ngettext(
                    "%d is pending; --retry goes on with it.",
                    "%d are pending; --retry goes on with them.",
                    pending,
                )
                % pending,
                returncode=PENDING,
            )

    def _list(self, issuances: IssuanceQuerySet) -> None:
        for row in issuances.order_by("pk"):
            self.stdout.write(
                f"{row.pk} {row.reference} {row.username} {row.assistant} {row.workflow_id or '-'} "
                f"{row.expires_at}"
            )
        count = issuances.count()
        self.stdout.write(
            ngettext("%d client secret is alive.", "%d client secrets are alive.", count) % count
        )

    def _carry_on(self, keys: Sequence[int]) -> int:
        # Imported here: nothing else needs it.
        from tqdm import tqdm

        progress = tqdm(
            revocation.carry_on(keys), total=len(keys), unit=_("secret"), leave=False, disable=None
        )
        return sum(progress)


def _chosen(options: dict[str, Any]) -> IssuanceQuerySet:
    """Return the chosen issuances that are alive."""
    if options["retry"]:
        return Issuance.objects.pending()
    if options["lapsed"]:
        return select(By.ISSUANCE, lapses.lapsed(Issuance.objects.all())).alive()
    if options["all"]:
        return select(By.EVERYTHING).alive()
    by = next(by for by in By if options.get(by.value))
    issuances = select(by, options[by.value])
    if not issuances.exists():
        raise CommandError(
            _("There never was such a client secret: is it spelt right? %(values)s")
            % {"values": ", ".join(map(str, options[by.value]))}
        )
    return issuances.alive()


def _begin(issuances: IssuanceQuerySet, options: dict[str, Any]) -> Begun:
    if options["retry"]:
        # By whom and why is on record.
        return Begun(0, list(issuances.values_list("pk", flat=True)))
    cause = Cause.LAPSED if options["lapsed"] else Cause.COMMAND
    wish = Wish(cause, options["by"] or _account(), options["reason"] or "")
    return revocation.begin(issuances, wish)


def _account() -> str:
    """Return the operating system's name of whoever runs this; empty where it has none."""
    try:
        from pwd import getpwuid
    except ImportError:  # Windows
        return ""
    try:
        return getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
