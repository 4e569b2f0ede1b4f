"""The numbers at the top of the Usage page."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chatkit_gateway.admin.usage import words
from chatkit_gateway.errors import Outcome
from chatkit_gateway.reports import Latency, Usage


@dataclass(frozen=True, slots=True)
class Figure:
    """One number, what it counts, and what to know about it."""

    value: str
    label: str
    note: str


def figures(usage: Usage) -> list[Figure]:
    """Return them in the order of the page."""
    return [
        _issued(usage),
        Figure(
            words.number(usage.outcomes[Outcome.FAILED]),
            _("attempts failed"),
            _("by the upstream or the configuration"),
        ),
        Figure(
            words.number(usage.quota_refusals),
            _("quota refusals"),
            _("recorded up to 10 times a minute and member"),
        ),
        _latency(usage.latency),
        Figure(words.number(usage.members), _("members asked"), _("whatever the answer")),
        Figure(words.number(usage.alive), _("client secrets alive now"), _("whatever the range")),
    ]


def _issued(usage: Usage) -> Figure:
    issued = usage.outcomes[Outcome.ISSUED]
    note = ngettext(
        "%(share)s of %(attempts)s attempt", "%(share)s of %(attempts)s attempts", usage.attempts
    )
    return Figure(
        words.number(issued),
        _("client secrets issued"),
        note
        % {
            "share": words.share(issued, usage.attempts),
            "attempts": words.number(usage.attempts),
        }
        if usage.attempts
        else _("nobody asked"),
    )


def _latency(latency: Latency | None) -> Figure:
    return Figure(
        words.milliseconds(latency.p50 if latency else None),
        _("median upstream time"),
        _("95 %% within %(time)s") % {"time": words.milliseconds(latency.p95)}
        if latency
        else _("it was not asked"),
    )
