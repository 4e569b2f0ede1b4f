"""What each part of the Usage page shows: a table, and the same numbers for its chart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from chatkit_gateway.admin.usage import words
from chatkit_gateway.buckets import Unit
from chatkit_gateway.errors import Outcome, Words
from chatkit_gateway.reports import Latency, Usage


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: its head, where that leads if anywhere, and its cells."""

    head: str
    cells: Sequence[str]
    link: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """One part of the page. ``chart`` is what `usage.js` draws; without rows, ``nothing`` shows."""

    name: str
    title: str
    note: str
    columns: Sequence[str]
    rows: Sequence[Row]
    chart: dict[str, Any]
    total: Row | None = None
    nothing: str = ""


def series(key: str, label: Words, values: Iterable[int | None]) -> dict[str, Any]:
    """Return one series of a chart; ``key`` chooses how it is painted."""
    return {"key": key, "label": str(label), "values": list(values)}


def over_time(usage: Usage) -> list[Panel]:
    """Return the panels with a row for every hour or day."""
    return [_outcomes(usage), _latency(usage), _quota_refusals(usage)]


def _outcomes(usage: Usage) -> Panel:
    def cells(count: Any) -> list[str]:
        counts = [count[outcome] for outcome in Outcome]
        return [words.number(number) for number in (*counts, sum(counts))]

    return Panel(
        name="outcomes",
        title=_("Issuances by outcome"),
        note=_("Every recorded attempt to get a client secret, by how it ended."),
        columns=[_head(usage), *(str(outcome.label) for outcome in Outcome), _("all")],
        rows=_rows(usage, (cells(part.outcomes) for part in usage.slices)),
        total=Row(_("Total"), cells(usage.outcomes)),
        chart=_chart(
            usage,
            "bars",
            *(
                series(outcome, outcome.label, (part.outcomes[outcome] for part in usage.slices))
                for outcome in Outcome
            ),
        ),
    )


def _latency(usage: Usage) -> Panel:
    def cells(latency: Latency | None) -> list[str]:
        times = (latency.p50, latency.p95) if latency else (None, None)
        return [words.milliseconds(time) for time in times]

    measured = [part.latency for part in usage.slices]
    p50, p95 = _("median (p50)"), _("95 % (p95)")
    return Panel(
        name="latency",
        title=_("How long the upstream took"),
        note=_(
            "Half of the answers took no longer than the median, 95 % no longer than p95. "
            "Failed calls count as well."
        ),
        columns=[_head(usage), p50, p95],
        rows=_rows(usage, map(cells, measured)) if usage.latency else [],
        nothing=_("The upstream was not asked in this range."),
        total=Row(_("Whole range"), cells(usage.latency)),
        chart=_chart(
            usage,
            "lines",
            series("p50", p50, (latency.p50 if latency else None for latency in measured)),
            series("p95", p95, (latency.p95 if latency else None for latency in measured)),
        )
        | {"measure": _("milliseconds")},
    )


def _quota_refusals(usage: Usage) -> Panel:
    counts = [part.quota_refusals for part in usage.slices]
    return Panel(
        name="quota",
        title=_("Quota refusals"),
        note=_("Attempts of members who had used up their quota; they are throttled."),
        columns=[_head(usage), _("quota refusals")],
        rows=_rows(usage, ([words.number(count)] for count in counts)) if any(counts) else [],
        nothing=_("Nobody met their quota in this range."),
        total=Row(_("Total"), [words.number(usage.quota_refusals)]),
        chart=_chart(usage, "bars", series(Outcome.THROTTLED, _("quota refusals"), counts)),
    )


def _head(usage: Usage) -> str:
    return _("Hour") if usage.buckets.unit is Unit.HOUR else _("Day")


def _rows(usage: Usage, cells: Iterable[Sequence[str]]) -> list[Row]:
    """Return a row for every bucket, the newest on top as in all lists of the admin."""
    return [*map(Row, words.labels(usage.buckets), cells)][::-1]


def _chart(usage: Usage, kind: str, *all_series: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": kind,
        "labels": words.labels(usage.buckets),
        "ticks": words.ticks(usage.buckets),
        "series": all_series,
    }
