"""What every page of the portal may say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from django.http import HttpRequest


SITE_NAME = "PitchGuard"


def club(request: HttpRequest) -> dict[str, str]:
    """Return ``site_name`` and ``contact_email``, the address of the people who can help."""
    return {"site_name": SITE_NAME, "contact_email": settings.DEFAULT_FROM_EMAIL}
