"""Stored moments as the site's own clocks tell them."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone


def local(moment: datetime) -> datetime:
    """Return the moment in the site's time zone.

    A site without time zones keeps naive moments, which are local already.
    """
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


def to_the_second(moment: datetime) -> str:
    """Return the moment in the site's time zone, the way a log is searched for it."""
    return local(moment).strftime("%Y-%m-%d %H:%M:%S")
