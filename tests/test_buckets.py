"""Ranges are cut where the site's clocks say so, on days that are not 24 hours long as well."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from chatkit_gateway import buckets
from chatkit_gateway.buckets import Unit, cut

LATER = datetime(2030, 1, 1, tzinfo=UTC)


def clock(moments: Sequence[datetime]) -> list[str]:
    """Return what the clocks showed."""
    return [timezone.localtime(moment).strftime("%d %H:%M %z") for moment in moments]


def lengths(cutting: buckets.Buckets) -> list[timedelta]:
    """Return how long the buckets are, in real time."""
    ends = [*cutting.starts[1:], cutting.end]
    return [end - start for start, end in zip(cutting.starts, ends, strict=True)]


def hours(*numbers: float) -> list[timedelta]:
    return [timedelta(hours=number) for number in numbers]


class TestDays:
    def test_begin_at_midnight_by_the_sites_clock(self) -> None:
        with timezone.override("Asia/Kolkata"):
            cutting = cut(date(2026, 5, 1), date(2026, 5, 2), Unit.DAY, LATER)

        assert cutting.starts == (
            datetime(2026, 4, 30, 18, 30, tzinfo=UTC),
            datetime(2026, 5, 1, 18, 30, tzinfo=UTC),
        )
        assert cutting.end == datetime(2026, 5, 2, 18, 30, tzinfo=UTC)

    def test_when_the_clocks_go_forward(self) -> None:
        with timezone.override("Europe/Berlin"):
            cutting = cut(date(2026, 3, 28), date(2026, 3, 30), Unit.DAY, LATER)

            assert lengths(cutting) == hours(24, 23, 24)
            assert clock(cutting.starts) == ["28 00:00 +0100", "29 00:00 +0100", "30 00:00 +0200"]

    def test_when_the_clocks_go_back(self) -> None:
        with timezone.override("Europe/Berlin"):
            cutting = cut(date(2026, 10, 24), date(2026, 10, 26), Unit.DAY, LATER)

            assert lengths(cutting) == hours(24, 25, 24)

    def test_without_a_midnight(self) -> None:
        # The clocks of São Paulo went from 23:59 to 01:00.
        with timezone.override("America/Sao_Paulo"):
            cutting = cut(date(2018, 11, 3), date(2018, 11, 5), Unit.DAY, LATER)

            assert lengths(cutting) == hours(24, 23, 24)
            assert clock(cutting.starts)[1] == "04 01:00 -0200"

    def test_with_two_midnights(self) -> None:
        # The clocks of Havana go from 01:00 to 00:00.
        with timezone.override("America/Havana"):
            cutting = cut(date(2026, 10, 31), date(2026, 11, 2), Unit.DAY, LATER)

            assert lengths(cutting) == hours(24, 25, 24)

    def test_that_a_country_left_out(self) -> None:
        # Samoa went from the 29th to the 31st.
        with timezone.override("Pacific/Apia"):
            cutting = cut(date(2011, 12, 29), date(2012, 1, 1), Unit.DAY, LATER)

            assert lengths(cutting) == hours(24, 24, 24)
            assert clock(cutting.starts)[:2] == ["29 00:00 -1000", "31 00:00 +1400"]

    def test_until_now(self) -> None:
        noon = datetime(2026, 5, 2, 12, tzinfo=UTC)
        cutting = cut(date(2026, 5, 1), date(2026, 5, 4), Unit.DAY, noon)

        assert lengths(cutting) == hours(24, 12)
        assert cutting.start == datetime(2026, 5, 1, tzinfo=UTC)


class TestHours:
    def test_the_one_that_comes_twice_is_two(self) -> None:
        with timezone.override("Europe/Berlin"):
            cutting = cut(date(2026, 10, 25), date(2026, 10, 25), Unit.HOUR, LATER)

            assert lengths(cutting) == hours(*[1] * 25)
            assert clock(cutting.starts)[1:5] == [
                "25 01:00 +0200",
                "25 02:00 +0200",
                "25 02:00 +0100",
                "25 03:00 +0100",
            ]

    def test_the_one_that_is_left_out_is_none(self) -> None:
        with timezone.override("Europe/Berlin"):
            cutting = cut(date(2026, 3, 29), date(2026, 3, 29), Unit.HOUR, LATER)

            assert len(cutting.starts) == 23
            assert clock(cutting.starts)[1:3] == ["29 01:00 +0100", "29 03:00 +0200"]

    def test_where_the_clocks_are_set_by_half_an_hour(self) -> None:
        with timezone.override("Australia/Lord_Howe"):
            cutting = cut(date(2026, 4, 5), date(2026, 4, 6), Unit.HOUR, LATER)

            assert lengths(cutting) == hours(*[1] * 24, 0.5, *[1] * 24)
            assert clock(cutting.starts)[25] == "06 00:00 +1030"

    def test_until_now(self) -> None:
        now = datetime(2026, 5, 2, 2, 30, tzinfo=UTC)
        cutting = cut(date(2026, 5, 2), date(2026, 5, 2), Unit.HOUR, now)

        assert lengths(cutting) == hours(1, 1, 0.5)


def test_site_without_time_zones() -> None:
    now = datetime(2026, 10, 25, 12, 30)
    cutting = cut(date(2026, 10, 24), date(2026, 10, 25), Unit.HOUR, now)

    assert cutting.start == datetime(2026, 10, 24)
    assert cutting.end == now
    assert len(cutting.starts) == 24 + 13
    assert buckets.today(now) == date(2026, 10, 25)


@pytest.mark.parametrize(("zone", "day"), [("UTC", 31), ("Asia/Tokyo", 1)])
def test_today(zone: str, day: int) -> None:
    with timezone.override(zone):
        assert buckets.today(datetime(2026, 5, 31, 20, tzinfo=UTC)).day == day
