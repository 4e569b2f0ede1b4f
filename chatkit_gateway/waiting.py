"""How long a member has to wait, in words."""

from __future__ import annotations

from math import ceil

from django.utils.translation import ngettext

_MINUTE, _HOUR = 60, 3600


def until_open_again(seconds: int) -> str:
    """Return a sentence that says when, rounded up: nobody comes back too early."""
    if seconds < _MINUTE:
        count = seconds
        words = ngettext(
            "You can open it again in %(count)d second.",
            "You can open it again in %(count)d seconds.",
            count,
        )
    elif seconds < 2 * _HOUR:
        count = ceil(seconds / _MINUTE)
        words = ngettext(
            "You can open it again in %(count)d minute.",
            "You can open it again in %(count)d minutes.",
            count,
        )
    else:
        count = ceil(seconds / _HOUR)
        words = ngettext(
            "You can open it again in %(count)d hour.",
            "You can open it again in %(count)d hours.",
            count,
        )
    return words % {"count": count}
