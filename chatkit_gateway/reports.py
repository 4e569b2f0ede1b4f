"""Figures of the audit: how much the assistants are used, by whom, and what went wrong.

Every figure is an aggregate that the database makes. How many statements that takes does not depend
on the range, and at most as many rows come back as there are buckets times codes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connections
from django.db.models import Count, Func, IntegerField, Max, Q, QuerySet, Window
from django.utils import timezone

from chatkit_gateway.bucket_number import BucketNumber
from chatkit_gateway.buckets import Buckets
from chatkit_gateway.errors import QUOTA_EXCEEDED, Outcome
from chatkit_gateway.models import Issuance

MOST_ACTIVE = 10
"""Members that are named."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds the upstream took: the time that 50 % and 95 % of its answers kept to.

    By nearest rank, so both are times that were measured. Failed calls count as well.
    """

    p50: int
    p95: int


@dataclass(frozen=True, slots=True)
class Slice:
    """What one bucket holds. ``latency`` is None where no upstream was asked."""

    start: datetime
    outcomes: Mapping[str, int]
    quota_refusals: int
    latency: Latency | None


@dataclass(frozen=True, slots=True)
class CodeCount:
    """How often attempts ended with a code of the error table."""

    code: str
    outcome: str
    count: int


@dataclass(frozen=True, slots=True)
class MemberCount:
    """How often a member asked. ``username`` is that of their latest attempt in the range."""

    member_id: int
    username: str
    attempts: int
    issued: int


@dataclass(frozen=True, slots=True)
class Usage:
    """The figures of a range, and how many client secrets are alive at this moment."""

    buckets: Buckets
    slices: tuple[Slice, ...]
    outcomes: Mapping[str, int]
    latency: Latency | None
    refusals: tuple[CodeCount, ...]
    """Most frequent first."""
    members: int
    """Everybody who asked, whatever the end."""
    most_active: tuple[MemberCount, ...]
    alive: int

    @property
    def attempts(self) -> int:
        """Return how many issuances there were, whatever their outcome."""
        return sum(self.outcomes.values())

    @property
    def quota_refusals(self) -> int:
        """Return how many of them met a member's quota."""
        return sum(part.quota_refusals for part in self.slices)


def usage(buckets: Buckets, assistant: str = "", now: datetime | None = None) -> Usage:
    """Count the issuances in the buckets, of one assistant or of all ("").

    ``now`` is when secrets have to be alive to be counted; default: now.
    """
    alive = Issuance.objects.alive(now or timezone.now())
    rows: QuerySet[Issuance] = Issuance.objects.order_by().filter(
        created_at__gte=buckets.start, created_at__lt=buckets.end
    )
    if assistant:
        alive, rows = alive.filter(assistant=assistant), rows.filter(assistant=assistant)
    outcomes, quota_refusals, codes = _counts(rows, buckets)
    latencies = _latencies(rows, buckets)
    most_active, members = _most_active(rows)
    return Usage(
        buckets=buckets,
        slices=tuple(
            Slice(start, outcomes[number], quota_refusals[number], latencies.get(number))
            for number, start in enumerate(buckets.starts)
        ),
        outcomes=sum(outcomes, Counter()),
        latency=latencies.get(None),
        refusals=tuple(
            CodeCount(code, outcome, count)
            for (code, outcome), count in sorted(codes.items(), key=lambda one: (-one[1], one[0]))
        ),
        members=members,
        most_active=most_active,
        alive=alive.count(),
    )


def _counts(
    rows: QuerySet[Issuance], buckets: Buckets
) -> tuple[list[Counter[str]], Counter[int], Counter[tuple[str, str]]]:
    """Return outcomes by bucket, quota refusals by bucket, and codes; all of them in one pass."""
    outcomes: list[Counter[str]] = [Counter() for _start in buckets.starts]
    quota_refusals: Counter[int] = Counter()
    codes: Counter[tuple[str, str]] = Counter()
    counted = (
        rows.annotate(bucket=BucketNumber(buckets.starts))
        .values_list("bucket", "outcome", "error_code")
        .annotate(count=Count("*"))
    )
    for bucket, outcome, code, count in counted:
        outcomes[bucket][outcome] += count
        if code == QUOTA_EXCEEDED.code:
            quota_refusals[bucket] += count
        if outcome != Outcome.ISSUED:
            codes[code, outcome] += count
    return outcomes, quota_refusals, codes


# Written out around the ORM's own query, since the ORM does not aggregate what windows yielded. The
# windows are over the few different times instead of over all rows: they have to sort.
_PERCENTILES = """
WITH times AS ({times}), ranked AS (
    SELECT bucket, upstream_ms,
           SUM(answers) OVER (PARTITION BY bucket ORDER BY upstream_ms) AS at_most,
           SUM(answers) OVER (PARTITION BY bucket) AS in_all
    FROM times
    UNION ALL
    SELECT NULL, upstream_ms,
           SUM(SUM(answers)) OVER (ORDER BY upstream_ms),
           SUM(SUM(answers)) OVER ()
    FROM times GROUP BY upstream_ms
)
SELECT bucket,
       MIN(CASE WHEN at_most * 100 >= in_all * 50 THEN upstream_ms END),
       MIN(CASE WHEN at_most * 100 >= in_all * 95 THEN upstream_ms END)
FROM ranked GROUP BY bucket
"""


def _latencies(rows: QuerySet[Issuance], buckets: Buckets) -> dict[int | None, Latency]:
    """Return the latency of every bucket with an answer in it by its number, of all as None."""
    times = (
        rows.filter(upstream_ms__isnull=False)
        .annotate(bucket=BucketNumber(buckets.starts))
        .values("bucket", "upstream_ms")
        .annotate(answers=Count("*"))
    )
    sql, params = times.query.get_compiler(using=times.db).as_sql()
    with connections[times.db].cursor() as cursor:
        cursor.execute(_PERCENTILES.format(times=sql), params)
        return {number: Latency(p50, p95) for number, p50, p95 in cursor.fetchall()}


class _Groups(Func):
    """As a window: how many groups there are, however few of them are fetched."""

    template = "COUNT(*)"
    window_compatible = True
    output_field = IntegerField()


def _most_active(rows: QuerySet[Issuance]) -> tuple[tuple[MemberCount, ...], int]:
    """Return those who asked most often, and how many asked at all."""
    counted = list(
        rows.filter(member_id__isnull=False)
        .values("member_id")
        .annotate(
            attempts=Count("*"),
            issued=Count("pk", filter=Q(outcome=Outcome.ISSUED)),
            latest=Max("pk"),
            members=Window(_Groups()),
        )
        .order_by("-attempts", "member_id")[:MOST_ACTIVE]
    )
    latest = [member["latest"] for member in counted]
    names = dict(Issuance.objects.filter(pk__in=latest).values_list("pk", "username"))
    return tuple(
        MemberCount(
            # A row may have left by retention in between.
            member_id=member["member_id"],
            username=names.get(member["latest"], ""),
            attempts=member["attempts"],
            issued=member["issued"],
        )
        for member in counted
    ), counted[0]["members"] if counted else 0
