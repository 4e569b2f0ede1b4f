"""What the Usage page is asked for in its address, and what it shows in place of nonsense."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django import forms
from django.core.validators import MinValueValidator
from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chatkit_gateway import buckets, conf
from chatkit_gateway.buckets import Unit

EARLIEST = date(2000, 1, 1)
"""No issuance is older, and at the beginning of the calendar time zones lead out of it."""

LONGEST = 366
"""Days that are shown at once."""

_HOURS_OF_THE_LONGEST_DAY = 25


class Preset(TextChoices):
    """Ranges that end today."""

    TODAY = "today", _("Today")
    WEEK = "week", _("7 days")
    MONTH = "month", _("30 days")
    YEAR = "year", _("Year")


_DAYS = {Preset.TODAY: 1, Preset.WEEK: 7, Preset.MONTH: 30, Preset.YEAR: 365}


class DayField(forms.DateField):
    """A day as browsers send it, whatever the language."""

    widget = forms.DateInput({"type": "date", "min": EARLIEST.isoformat()}, "%Y-%m-%d")
    input_formats = ["%Y-%m-%d"]
    default_validators = [MinValueValidator(EARLIEST)]


def _assistants() -> list[tuple[str, Promise | str]]:
    return [("", _("All")), *((alias, alias) for alias in conf.gateway().assistants)]


class RangeForm(forms.Form):
    """The range in the reader's own words, and which assistant."""

    first = DayField(label=_("From"), required=False)
    last = DayField(label=_("To"), required=False)
    per = forms.ChoiceField(label=_("Per"), choices=Unit.choices, required=False)
    assistant = forms.ChoiceField(label=_("Assistant"), choices=_assistants, required=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """What to show. ``notes`` say where that is not what was asked for."""

    first: date
    last: date
    unit: Unit
    assistant: str
    preset: Preset | None
    form: RangeForm
    notes: list[Promise]


def read(query: Mapping[str, str], now: datetime) -> Asked:
    """Make sense of a query string; whatever it holds, there is something to show."""
    today = buckets.today(now)
    form = RangeForm(query)
    is_sound = form.is_valid()
    given = form.cleaned_data
    notes: list[Promise] = []
    preset = _preset(query, form, today, notes)
    if preset:
        first, last = today - timedelta(days=_DAYS[preset] - 1), today
    else:
        first, last = _days(given.get("first"), given.get("last"), today, notes)
    unit = _unit(given.get("per", ""), (last - first).days + 1, notes)
    shown = {"first": first, "last": last, "per": unit, "assistant": given.get("assistant", "")}
    return Asked(
        first=first,
        last=last,
        unit=unit,
        assistant=shown["assistant"],
        preset=preset,
        # With what is shown in its fields; but with what is wrong with them, if anything is.
        form=RangeForm(initial=shown) if is_sound else form,
        notes=notes,
    )


def _preset(
    query: Mapping[str, str], form: RangeForm, today: date, notes: list[Promise]
) -> Preset | None:
    """Return the preset to show; None if the form holds days that can be shown."""
    instead = _("These are the figures of the last 30 days instead.")
    first, last = form.cleaned_data.get("first"), form.cleaned_data.get("last")
    if form.errors.keys() & {"first", "last"}:
        notes.append(instead)
    elif first and first > today and not (last and last <= today):
        notes.extend([_("These days have yet to come."), instead])
    elif first or last:
        return None
    elif query.get("range", Preset.MONTH) in Preset.values:
        return Preset(query.get("range", Preset.MONTH))
    else:
        notes.extend([_("There is no such range."), instead])
    return Preset.MONTH


def _days(
    first: date | None, last: date | None, today: date, notes: list[Promise]
) -> tuple[date, date]:
    """Return the days asked for, in order, until today at most, and not too many."""
    last = last or today
    first = first or max(min(last, today) - timedelta(days=_DAYS[Preset.MONTH] - 1), EARLIEST)
    if first > last:
        notes.append(_("The range ended before it began, so its days are swapped."))
        first, last = last, first
    if last > today:
        notes.append(_("The range reaches into the future, so the figures end today."))
        last = today
    if (last - first).days >= LONGEST:
        notes.append(_("The range is longer than 366 days, so its last 366 are shown."))
        first = last - timedelta(days=LONGEST - 1)
    return first, last


def _unit(per: str, days: int, notes: list[Promise]) -> Unit:
    """Return the unit asked for, or the one that suits the range."""
    if per == Unit.HOUR and days * _HOURS_OF_THE_LONGEST_DAY > buckets.MOST:
        notes.append(_("The range is too long to be shown per hour, so it is shown per day."))
        return Unit.DAY
    if per:
        return Unit(per)
    return Unit.HOUR if days == 1 else Unit.DAY
