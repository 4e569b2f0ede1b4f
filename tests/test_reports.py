"""The figures of the audit, each counted by hand."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from math import ceil
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chatkit_gateway import reports
from chatkit_gateway.buckets import Unit, cut
from chatkit_gateway.models import Cause, Issuance, Revocation
from chatkit_gateway.reports import CodeCount, Latency, MemberCount

pytestmark = [pytest.mark.database, pytest.mark.django_db]

LATER = datetime(2030, 1, 1, tzinfo=UTC)
REFUSALS = {
    "not_a_member": ("denied", 403),
    "quota_exceeded": ("throttled", 429),
    "gateway_busy": ("throttled", 503),
    "upstream_timeout": ("failed", 504),
    "upstream_unavailable": ("failed", 502),
}


def row(when: str | datetime, code: str = "", member: int | None = 1, **fields: Any) -> Issuance:
    """Return a row of the audit, not stored yet: of a secret, or of a refusal with this code."""
    outcome, status = REFUSALS.get(code, ("issued", 200))
    moment = datetime.fromisoformat(when) if isinstance(when, str) else when
    values: dict[str, Any] = {
        "created_at": moment,
        "member_id": member,
        "username": f"member{member}",
        "assistant": "default",
        "outcome": outcome,
        "error_code": code,
        "status": status,
        "reference": uuid4().hex[:12],
        "expires_at": None if code else moment + timedelta(minutes=10),
    }
    return Issuance(**values | fields)


def store(*rows: Issuance) -> None:
    Issuance.objects.bulk_create(rows)


def usage(first: str, last: str = "", unit: Unit = Unit.DAY, assistant: str = "") -> reports.Usage:
    days = [date.fromisoformat(day) for day in (first, last or first)]
    return reports.usage(cut(*days, unit, LATER), assistant, LATER)


@pytest.fixture
def _three_days() -> None:
    """The first with a bit of everything, the second with nothing, the third with two."""
    store(
        row("2026-05-01T00:00Z", member=1, upstream_ms=100),
        row("2026-05-01T09:00Z", member=1, upstream_ms=300, refresh=True),
        row("2026-05-01T09:30Z", member=2, upstream_ms=200),
        row("2026-05-01T10:00Z", "quota_exceeded", member=1),
        row("2026-05-01T10:01Z", "quota_exceeded", member=1),
        row("2026-05-01T10:02Z", "gateway_busy", member=2),
        row("2026-05-01T11:00Z", "not_a_member", member=3),
        row("2026-05-01T23:59:59.999999Z", "upstream_timeout", member=2, upstream_ms=12000),
        row("2026-05-03T08:00Z", "upstream_timeout", member=1, upstream_ms=9000),
        row("2026-05-03T09:00Z", member=4, upstream_ms=50, assistant="board"),
        # Before and after.
        row("2026-04-30T23:59:59.999999Z", member=9, upstream_ms=1),
        row("2026-05-04T00:00Z", member=9, upstream_ms=1),
    )


@pytest.mark.usefixtures("_three_days")
class TestThreeDays:
    def test_outcomes_by_day(self) -> None:
        slices = usage("2026-05-01", "2026-05-03").slices

        assert [part.start.day for part in slices] == [1, 2, 3]
        assert [part.outcomes for part in slices] == [
            {"issued": 3, "throttled": 3, "denied": 1, "failed": 1},
            {},
            {"issued": 1, "failed": 1},
        ]
        assert slices[1].outcomes["issued"] == 0

    def test_totals(self) -> None:
        counted = usage("2026-05-01", "2026-05-03")

        assert counted.outcomes == {"issued": 4, "throttled": 3, "denied": 1, "failed": 2}
        assert counted.attempts == 10
        assert counted.quota_refusals == 2

    def test_quota_refusals_by_day(self) -> None:
        slices = usage("2026-05-01", "2026-05-03").slices

        assert [part.quota_refusals for part in slices] == [2, 0, 0]

    def test_latency(self) -> None:
        counted = usage("2026-05-01", "2026-05-03")

        # Of 100, 200, 300, 12000: the second, and the fourth. Of 50, 9000: the first, the second.
        assert [part.latency for part in counted.slices] == [
            Latency(200, 12000),
            None,
            Latency(50, 9000),
        ]
        # Of 50, 100, 200, 300, 9000, 12000: the third, and the sixth.
        assert counted.latency == Latency(200, 12000)

    def test_codes(self) -> None:
        assert usage("2026-05-01", "2026-05-03").refusals == (
            CodeCount("quota_exceeded", "throttled", 2),
            CodeCount("upstream_timeout", "failed", 2),
            CodeCount("gateway_busy", "throttled", 1),
            CodeCount("not_a_member", "denied", 1),
        )

    def test_members(self) -> None:
        counted = usage("2026-05-01", "2026-05-03")

        assert counted.members == 4
        assert counted.most_active == (
            MemberCount(1, "member1", attempts=5, issued=2),
            MemberCount(2, "member2", attempts=3, issued=1),
            MemberCount(3, "member3", attempts=1, issued=0),
            MemberCount(4, "member4", attempts=1, issued=1),
        )

    def test_by_hour(self) -> None:
        slices = usage("2026-05-01", unit=Unit.HOUR).slices

        assert len(slices) == 24
        assert {part.start.hour: dict(part.outcomes) for part in slices if part.outcomes} == {
            0: {"issued": 1},
            9: {"issued": 2},
            10: {"throttled": 3},
            11: {"denied": 1},
            23: {"failed": 1},
        }
        assert slices[9].latency == Latency(200, 300)
        assert slices[10].latency is None

    def test_of_one_assistant(self) -> None:
        counted = usage("2026-05-01", "2026-05-03", assistant="board")

        assert counted.outcomes == {"issued": 1}
        assert counted.latency == Latency(50, 50)
        assert [member.member_id for member in counted.most_active] == [4]
        assert (counted.members, counted.refusals) == (1, ())

    def test_of_one_bucket(self) -> None:
        assert usage("2026-05-03").attempts == 2

    def test_of_nothing(self) -> None:
        counted = usage("2026-05-02")

        assert (counted.attempts, counted.members, counted.latency) == (0, 0, None)
        assert (counted.most_active, counted.refusals) == ((), ())


class TestSitesClock:
    """Berlin's, on the days it is set."""

    @pytest.fixture(autouse=True)
    def _berlin(self, settings: Any) -> None:
        settings.TIME_ZONE = "Europe/Berlin"

    def test_days(self) -> None:
        store(
            row("2026-05-01T21:59:59Z"),
            row("2026-05-01T22:00:00Z", "not_a_member"),
        )

        slices = usage("2026-05-01", "2026-05-02").slices

        assert [part.outcomes for part in slices] == [{"issued": 1}, {"denied": 1}]

    def test_day_of_25_hours(self) -> None:
        # From 22:00 UTC to 23:00 UTC, one row in each hour.
        start = datetime(2026, 10, 24, 22, tzinfo=UTC)
        store(*(row(start + timedelta(hours=number)) for number in range(-1, 26)))

        slices = usage("2026-10-24", "2026-10-26").slices

        assert [part.outcomes["issued"] for part in slices] == [1, 25, 1]

    def test_hour_that_comes_twice(self) -> None:
        store(
            row("2026-10-25T02:30+02:00", upstream_ms=10),
            row("2026-10-25T02:30+01:00", upstream_ms=20),
            row("2026-10-25T02:45+01:00", upstream_ms=30),
        )

        slices = usage("2026-10-25", unit=Unit.HOUR).slices

        assert [part.outcomes["issued"] for part in slices[1:5]] == [0, 1, 2, 0]
        assert [part.latency for part in slices[2:4]] == [Latency(10, 10), Latency(20, 30)]

    def test_day_of_23_hours(self) -> None:
        start = datetime(2026, 3, 28, 23, tzinfo=UTC)
        store(*(row(start + timedelta(hours=number)) for number in range(-1, 24)))

        assert [part.outcomes["issued"] for part in usage("2026-03-28", "2026-03-30").slices] == [
            1,
            23,
            1,
        ]
        assert [part.outcomes["issued"] for part in usage("2026-03-29", unit=Unit.HOUR).slices] == [
            1
        ] * 23


def test_site_without_time_zones(settings: Any) -> None:
    settings.USE_TZ = False
    settings.TIME_ZONE = "Europe/Berlin"
    now = timezone.now()
    assert timezone.is_naive(now)
    midnight = datetime.combine(now.date(), datetime.min.time()) - timedelta(days=1)
    store(
        row(midnight - timedelta(seconds=1)),
        row(midnight, "not_a_member", upstream_ms=7),
        row(midnight + timedelta(hours=12, minutes=59), upstream_ms=9),
    )
    days = cut(midnight.date() - timedelta(days=1), midnight.date(), Unit.DAY, now)

    counted = reports.usage(days, now=now)

    assert [part.outcomes for part in counted.slices] == [{"issued": 1}, {"denied": 1, "issued": 1}]
    hours = cut(midnight.date(), midnight.date(), Unit.HOUR, now)
    assert reports.usage(hours, now=now).slices[12].latency == Latency(9, 9)


def test_every_row_is_in_one_bucket() -> None:
    """At the very edges of as many buckets as there may be, on either database."""
    days = cut(date(2025, 1, 1), date(2026, 2, 4), Unit.DAY, LATER)
    assert len(days.starts) == 400
    blink = timedelta(microseconds=1)
    store(*(row(start) for start in days.starts), *(row(start - blink) for start in days.starts))
    store(row(days.end - blink), row(days.end))

    slices = reports.usage(days, now=LATER).slices

    assert [part.outcomes["issued"] for part in slices] == [2] * 400


class TestPercentiles:
    @pytest.mark.parametrize(
        ("times", "p50", "p95"),
        [
            ([7], 7, 7),
            ([1, 2], 1, 2),
            ([3, 1, 2], 2, 3),
            (list(range(1, 21)), 10, 19),
            (list(range(1, 22)), 11, 20),
            ([5] * 19 + [900], 5, 5),
            ([5] * 18 + [900, 900], 5, 900),
            ([0, 0, 0], 0, 0),
        ],
        ids=str,
    )
    def test_nearest_rank(self, times: list[int], p50: int, p95: int) -> None:
        store(*(row("2026-05-01T12:00Z", upstream_ms=time) for time in times))

        assert usage("2026-05-01").latency == Latency(p50, p95)

    def test_of_many_days(self) -> None:
        chance = random.Random(20260501)  # noqa: S311
        start = datetime(2026, 5, 1, tzinfo=UTC)
        by_day = {
            day: [int(chance.lognormvariate(5, 1)) for _ in range(chance.randrange(1, 60))]
            for day in range(20)
        }
        store(
            *(
                row(start + timedelta(days=day, minutes=chance.randrange(1440)), upstream_ms=time)
                for day, times in by_day.items()
                for time in times
            )
        )

        counted = usage("2026-05-01", "2026-05-20")

        assert [part.latency for part in counted.slices] == [
            by_sorting(times) for times in by_day.values()
        ]
        assert counted.latency == by_sorting([*chain(*by_day.values())])

    def test_rows_without_a_time_do_not_count(self) -> None:
        store(
            row("2026-05-01T12:00Z", upstream_ms=8),
            *(row("2026-05-01T12:00Z", "not_a_member") for _ in range(9)),
        )

        assert usage("2026-05-01").latency == Latency(8, 8)


def by_sorting(times: list[int]) -> Latency:
    ranked = sorted(times)
    return Latency(*(ranked[ceil(len(ranked) * part / 100) - 1] for part in (50, 95)))


class TestMostActive:
    def test_the_first_ten_of_all(self) -> None:
        store(*(row("2026-05-01T12:00Z", member=m) for m in range(1, 13) for _ in range(m)))

        counted = usage("2026-05-01")

        assert [member.member_id for member in counted.most_active] == list(range(12, 2, -1))
        assert counted.members == 12

    def test_by_account_whatever_its_name(self) -> None:
        store(row("2026-05-01T12:00Z", username="maria"))
        store(row("2026-05-01T12:01Z", username="mary"))

        assert usage("2026-05-01").most_active == (MemberCount(1, "mary", 2, 2),)

    def test_rows_without_an_account(self) -> None:
        store(row("2026-05-01T12:00Z", member=None), row("2026-05-01T12:00Z"))

        counted = usage("2026-05-01")

        assert (counted.attempts, counted.members, len(counted.most_active)) == (2, 1, 1)


class TestAlive:
    def test_whatever_the_range(self) -> None:
        now = timezone.now()
        store(
            row(now),
            row(now - timedelta(minutes=9)),
            row(now, assistant="board"),
            row(now - timedelta(minutes=11)),
            row(now, "not_a_member"),
        )
        long_ago = cut(date(2026, 1, 1), date(2026, 1, 1), Unit.DAY, LATER)

        assert reports.usage(long_ago).alive == 3
        assert reports.usage(long_ago, "board").alive == 1

    def test_not_those_that_were_revoked(self) -> None:
        now = timezone.now()
        store(row(now), row(now))
        pending, ended = Issuance.objects.all()
        Revocation.objects.create(issuance=pending, cause=Cause.ADMIN, ended=False)
        Revocation.objects.create(issuance=ended, cause=Cause.ADMIN, ended=True)
        today = cut(now.date(), now.date(), Unit.DAY, now)

        assert reports.usage(today).alive == 1


@pytest.mark.usefixtures("_three_days")
@pytest.mark.parametrize("unit", Unit)
@pytest.mark.parametrize("last", ["2026-05-01", "2026-05-16"])
def test_number_of_statements(last: str, unit: Unit, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(5):
        usage("2026-05-01", last, unit)


@pytest.mark.postgresql
def test_figures_are_read_off_an_index() -> None:
    """Which holds every column they need, so that a million rows are not touched."""
    with connection.cursor() as cursor:
        # The test's few rows are in one page, which is read faster than any index.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        with CaptureQueriesContext(connection) as asked:
            usage("2026-05-01", "2026-05-30")
        plans = []
        for query in asked.captured_queries:
            cursor.execute(f"EXPLAIN {query['sql']}".replace("%", "%%"))
            plans.append("\n".join(line for (line,) in cursor.fetchall()))

    of_the_range = [plan for plan in plans if "created_at >=" in plan]
    assert len(of_the_range) == 3
    for plan in of_the_range:
        assert "Index Only Scan using issuance_newest" in plan
        assert plan.count("on chatkit_gateway_issuance") == 1
