"""How findings name digests and rows, so that an admin finds them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _


def digest(described: Mapping[str, Any]) -> str:
    """Name a digest by its number and by what it says of itself."""
    return _("Digest %(number)s (%(subject)s %(rows)s, %(kind)s %(when)s)") % {
        "number": described.get("number"),
        "subject": described.get("subject"),
        "rows": span(described.get("first_row"), described.get("last_row")),
        "kind": described.get("kind"),
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
        known.append(_("reference %s") % columns["reference"])
    if "issuance_id" in columns:
        known.append(_("of issuance %s") % columns["issuance_id"])
    if "created_at" in columns:
        known.append(moment(columns["created_at"]))
    return f"{subject} {key} ({', '.join(known)})" if known else f"{subject} {key}"


def span(first: object, last: object) -> str:
    """Name a range of keys."""
    return str(first) if first == last else f"{first}-{last}"


def moment(value: object) -> str:
    """Return a moment to the second, in the site's time zone."""
    if not isinstance(value, datetime):
        return str(value)
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return local.isoformat(sep=" ", timespec="seconds")
