"""How findings name digests and rows, so that an admin finds them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from chatkit_gateway.local_time import local

_LONGEST = 100


def digest(described: Mapping[str, Any]) -> str:
    """Name a digest by its number and by what it says of itself."""
    return _("Digest %(number)s (%(subject)s %(rows)s, %(kind)s %(when)s)") % {
        "number": _shown(described.get("number")),
        "subject": _shown(described.get("subject")),
        "rows": span(described.get("first_row"), described.get("last_row")),
        "kind": _shown(described.get("kind")),
        "when": moment(described.get("created_at")),
    }


def unknown_key(number: int) -> str:
    """Tell an operator why nothing is added to the chain, and what to do."""
    return (
        _(
            "Digest %d, the newest, was changed, or signed with a key that this site does not "
            "have. Run chatkit_verify. If SECRET_KEY was changed, put the old one into "
            "SECRET_KEY_FALLBACKS until chatkit_digest has sealed with the new one."
        )
        % number
    )


def row(subject: str, key: int, columns: Mapping[str, Any]) -> str:
    """Name a row by its key, and by what it holds that can be searched for."""
    known = []
    if "reference" in columns:
        known.append(_("reference %s") % _shown(columns["reference"]))
    if "issuance_id" in columns:
        known.append(_("of issuance %s") % _shown(columns["issuance_id"]))
    if "created_at" in columns:
        known.append(moment(columns["created_at"]))
    return f"{subject} {key} ({', '.join(known)})" if known else f"{subject} {key}"


def span(first: object, last: object) -> str:
    """Name a range of keys."""
    return _shown(first) if first == last else f"{_shown(first)}-{_shown(last)}"


def moment(value: object) -> str:
    """Return a moment to the second, in the site's time zone."""
    if not isinstance(value, datetime):
        return _shown(value)
    try:
        shown = local(value)
    except OverflowError:
        # The first day of all, or the last, is another one elsewhere.
        shown = value
    return shown.isoformat(sep=" ", timespec="seconds")


def _shown(value: object) -> str:
    """Return a value as one may print it: who changed it could have hidden lines in it."""
    text = str(value)[:_LONGEST]
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
