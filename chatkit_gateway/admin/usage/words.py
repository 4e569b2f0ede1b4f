"""Numbers and moments of the Usage page in the reader's language, by the site's clock."""

from __future__ import annotations

from collections import Counter
from datetime import date

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from chatkit_gateway.buckets import Buckets, Unit
from chatkit_gateway.local_time import local


def number(value: int) -> str:
    """Return a number with its thousands apart."""
    return number_format(value, force_grouping=True)


def share(part: int, whole: int) -> str:
    """Return a part in per cent; nothing of nothing is nothing."""
    percent = number_format(100 * part / whole if whole else 0, decimal_pos=1)
    return _("%(percent)s %%") % {"percent": percent}


def milliseconds(value: int | None) -> str:
    """Return a time, or a dash where none was measured."""
    return _("%(number)s ms") % {"number": number(value)} if value is not None else "-"


def days(first: date, last: date) -> str:
    """Return the name of a range of days."""
    if first == last:
        return date_format(first, "DATE_FORMAT")
    return _("%(first)s to %(last)s") % {
        "first": date_format(first, "DATE_FORMAT"),
        "last": date_format(last, "DATE_FORMAT"),
    }


def zone() -> str:
    """Return whose clock the page goes by."""
    if timezone.is_naive(timezone.now()):
        return _("the server's own")
    return timezone.get_current_timezone_name()


def labels(buckets: Buckets) -> list[str]:
    """Return a name for each bucket, and no two the same."""
    starts = [local(start) for start in buckets.starts]
    kind = "DATETIME_FORMAT" if buckets.unit is Unit.HOUR else "DATE_FORMAT"
    names = [date_format(start, kind) for start in starts]
    counted = Counter(names)
    return [
        # The hour that comes twice, once by each time of the year.
        f"{name} {start.tzname()}" if counted[name] > 1 else name
        for name, start in zip(names, starts, strict=True)
    ]


def ticks(buckets: Buckets) -> list[str]:
    """Return what a chart's axis has room for; "" where it shows nothing.

    Days by their date, the hours of one day by the clock, the hours of several by the first.
    """
    starts = [local(start) for start in buckets.starts]
    if buckets.unit is Unit.HOUR and starts[0].date() == starts[-1].date():
        return [date_format(start, "TIME_FORMAT") for start in starts]
    days = [date_format(start, "MONTH_DAY_FORMAT") for start in starts]
    return [
        day if number == 0 or day != days[number - 1] else "" for number, day in enumerate(days)
    ]
