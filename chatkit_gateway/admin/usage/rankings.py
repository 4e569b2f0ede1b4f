"""The parts of the Usage page that rank: why attempts were refused, and who asked most."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chatkit_gateway.admin.usage import words
from chatkit_gateway.admin.usage.panels import Panel, Row, series
from chatkit_gateway.errors import Outcome
from chatkit_gateway.reports import Usage


class Links:
    """Addresses of the list of issuances, narrowed to the range of the page and to one row."""

    def __init__(self, address: str, usage: Usage, assistant: str) -> None:
        self.address = address
        self.filters = {
            "created_at__gte": usage.buckets.start.isoformat(),
            "created_at__lt": usage.buckets.end.isoformat(),
            **({"assistant": assistant} if assistant else {}),
        }

    def to(self, **filters: str) -> str:
        """Return the address of the rows that pass these filters as well."""
        narrowed: Mapping[str, str] = {**filters, **self.filters}
        return f"{self.address}?{urlencode(narrowed)}"


def rankings(usage: Usage, links: Links) -> list[Panel]:
    """Return the panels with a row for every code, and for every one of the most active."""
    return [_refusals(usage, links), _members(usage, links)]


def _refusals(usage: Usage, links: Links) -> Panel:
    refusals = usage.refusals
    total = sum(refusal.count for refusal in refusals)
    return Panel(
        name="refusals",
        title=_("Failures and refusals by code"),
        note=_("Why no client secret was issued. Each code leads to its rows of the audit."),
        columns=[_("Code"), _("outcome"), _("attempts"), _("share")],
        rows=[
            Row(
                refusal.code,
                [
                    str(Outcome(refusal.outcome).label),
                    words.number(refusal.count),
                    words.share(refusal.count, total),
                ],
                links.to(error_code=refusal.code),
            )
            for refusal in refusals
        ],
        nothing=_("Every attempt in this range was answered with a client secret."),
        chart={
            "kind": "ranking",
            "labels": [refusal.code for refusal in refusals],
            "series": [
                series(
                    outcome,
                    outcome.label,
                    (one.count if one.outcome == outcome else None for one in refusals),
                )
                for outcome in (Outcome.FAILED, Outcome.THROTTLED, Outcome.DENIED)
                if outcome in {refusal.outcome for refusal in refusals}
            ],
        },
    )


def _members(usage: Usage, links: Links) -> Panel:
    members = usage.most_active
    return Panel(
        name="members",
        title=_("Most active members"),
        note=ngettext(
            "The one member who asked.",
            "Who asked most often, of %(members)s members who asked.",
            usage.members,
        )
        % {"members": words.number(usage.members)},
        columns=[_("Member"), _("issued"), _("refused or failed"), _("all")],
        rows=[
            Row(
                member.username,
                [
                    words.number(member.issued),
                    words.number(member.attempts - member.issued),
                    words.number(member.attempts),
                ],
                links.to(q=member.username),
            )
            for member in members
        ],
        nothing=_("Nobody asked in this range."),
        chart={
            "kind": "ranking",
            "labels": [member.username for member in members],
            "series": [
                series(Outcome.ISSUED, _("issued"), (one.issued for one in members)),
                series("rest", _("refused or failed"), (m.attempts - m.issued for m in members)),
            ],
        },
    )
