"""What the admin's lists need in their templates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django import template
from django.utils import formats
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from chatkit_gateway.local_time import local

if TYPE_CHECKING:
    from chatkit_gateway.admin.lists import BoundedChangeList

register = template.Library()

_EVER, _YEAR, _MONTH, _DAY = range(4)
"""How far down one is; as many parts a date has there."""
_PARTS = ("year", "month", "day")
_LONGEST = {_YEAR: timedelta(366), _MONTH: timedelta(31), _DAY: timedelta(1)}


@register.inclusion_tag("admin/date_hierarchy.html")
def date_drill_down(cl: BoundedChangeList) -> dict[str, Any]:
    """Render Django's date hierarchy, links and all, for a list of any length.

    Django reads every row for the years, months or days that have one. This offers all there
    are from the first row to the last.
    """
    chosen = [int(cl.params.get(f"{cl.date_hierarchy}__{part}") or 0) for part in _PARTS]
    if all(chosen):
        day = date(*chosen)
        choices = [{"title": _title(day, _DAY)}]
        return {"show": True, "back": _link(cl, day, _MONTH), "choices": choices}
    span = cl.span()
    # Without rows, a span without periods.
    first, last = (local(moment).date() for moment in span) if span else (date.max, date.min)
    depth = _depth(chosen, first, last)
    begin = date(chosen[0] or first.year, 1, 1)
    return {
        "show": True,
        "back": _link(cl, begin, depth - 2) if depth > _YEAR else None,
        "choices": [_link(cl, begin, depth) for begin in _periods(first, last, depth)],
    }


def _depth(chosen: list[int], first: date, last: date) -> int:
    """Return what is to be chosen next; with all rows in one year or month, from that one."""
    year, month, _day = chosen
    if year:
        return _DAY if month else _MONTH
    if first.year != last.year:
        return _YEAR
    return _DAY if first.month == last.month else _MONTH


def _periods(first: date, last: date, depth: int) -> Iterator[date]:
    """Yield the first days of all years, months or days from one date to another."""
    begin = _beginning(first, depth)
    while begin <= last:
        yield begin
        begin = _beginning(begin + _LONGEST[depth], depth)


def _beginning(day: date, depth: int) -> date:
    return day.replace(
        month=day.month if depth > _YEAR else 1, day=day.day if depth > _MONTH else 1
    )


def _link(cl: BoundedChangeList, begin: date, depth: int) -> dict[str, str]:
    field = f"{cl.date_hierarchy}__"
    parts = {f"{field}{part}": getattr(begin, part) for part in _PARTS[:depth]}
    return {"link": cl.get_query_string(parts, [field]), "title": _title(begin, depth)}


def _title(begin: date, depth: int) -> str:
    if depth == _EVER:
        return _("All dates")
    if depth == _YEAR:
        return str(begin.year)
    return capfirst(
        formats.date_format(begin, "YEAR_MONTH_FORMAT" if depth == _MONTH else "MONTH_DAY_FORMAT")
    )
