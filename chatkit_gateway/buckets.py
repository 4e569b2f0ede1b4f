"""A range of days cut into hours or days, the way the site's clocks show them.

All sums with days and hours are done here, and a database only compares moments: two databases, or
a database and Python, may know different rules of a time zone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MOST = 400
"""Buckets of one range: a year of days, or a little more than two weeks of hours."""

HOUR = timedelta(hours=1)


class Unit(TextChoices):
    """What one bucket spans."""

    HOUR = "hour", _("hour")
    DAY = "day", _("day")


@dataclass(frozen=True, slots=True)
class Buckets:
    """A range without gaps: each bucket ends where the next begins, the last one at ``end``.

    Moments are as the site stores them: aware, or naive and local with ``USE_TZ = False``.
    """

    unit: Unit
    starts: tuple[datetime, ...]
    end: datetime

    @property
    def start(self) -> datetime:
        """Return the moment the range begins."""
        return self.starts[0]


def cut(first: date, last: date, unit: Unit, now: datetime | None = None) -> Buckets:
    """Cut the days from ``first`` to ``last``, both included, in the current time zone.

    What is not over at ``now`` ends there, and buckets that begin later are left out; ``first``
    must not be after the day of ``now``. A day is 23 or 25 hours long where the clocks change, and
    the hour that comes twice is two buckets.
    """
    now = now or timezone.now()
    days = [first + timedelta(days=number) for number in range((last - first).days + 2)]
    midnights = [_midnight(day, now) for day in days]
    starts: Iterator[datetime] = iter(midnights[:-1])
    if unit is Unit.HOUR:
        starts = (hour for pair in pairwise(midnights) for hour in _hours(*pair))
    # A set, since a day that a time zone leaves out begins when the next one does.
    return Buckets(
        unit=unit,
        starts=tuple(sorted({start for start in starts if start <= now})),
        end=min(midnights[-1], now),
    )


def today(now: datetime | None = None) -> date:
    """Return the day it is in the current time zone."""
    now = now or timezone.now()
    return timezone.localdate(now) if timezone.is_aware(now) else now.date()


def _midnight(day: date, now: datetime) -> datetime:
    midnight = datetime.combine(day, time.min)
    if timezone.is_naive(now):
        return midnight
    # In UTC, where later means later and an hour is an hour.
    return timezone.make_aware(midnight).astimezone(UTC)


def _hours(start: datetime, end: datetime) -> Iterator[datetime]:
    while start < end:
        yield start
        start += HOUR
