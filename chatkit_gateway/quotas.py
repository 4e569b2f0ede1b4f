"""How often a member may do something: windows of time, counted in the database.

Windows start on the full minute, hour or day in UTC. A unit is taken by one conditional UPDATE,
so two processes can never both take the last one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import router, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string

from chatkit_gateway import conf
from chatkit_gateway.models import QuotaWindow

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

    from chatkit_gateway.conf import Assistant

PERIODS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}


class QuotaUsedUp(Exception):
    """No unit is left. ``until`` (aware) is when the window that refused ends."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until.isoformat())
        self.until = until


@dataclass(frozen=True, slots=True)
class Taken:
    """One unit, taken from every window that limits the member, so that it can be given back."""

    member_id: Any
    windows: tuple[tuple[str, datetime], ...]

    def give_back(self) -> None:
        """Return the unit to every window it came from."""
        for subject, starts_at in self.windows:
            QuotaWindow.objects.filter(
                member_id=self.member_id, subject=subject, starts_at=starts_at, used__gt=0
            ).update(used=F("used") - 1)


def limits_for(user: AbstractBaseUser, assistant: Assistant) -> Mapping[str, int | None]:
    """Return the member's limits by period ("hour", "day"); a period without a limit is absent.

    Raises whatever the site's own callable raises.
    """
    quotas = assistant.quotas
    if isinstance(quotas, str):
        quotas = import_string(quotas)(user, assistant)
    return {period: limit for period, limit in (quotas or {}).items() if limit is not None}


def take(
    user: AbstractBaseUser,
    subject: str,
    limits: Mapping[str, int | None],
    now: datetime | None = None,
) -> Taken:
    """Take one unit from each window, or none at all.

    ``now`` is aware (default: now). Raises `QuotaUsedUp`, and whatever the database raises.
    """
    now = now or timezone.now()
    windows: list[tuple[str, datetime]] = []
    with transaction.atomic(using=router.db_for_write(QuotaWindow)):
        for period, limit in limits.items():
            starts_at = _start(now, PERIODS[period])
            name = f"{subject}/{period}"
            if limit is not None and not _take_one(user.pk, name, starts_at, limit):
                raise QuotaUsedUp(starts_at + PERIODS[period])
            windows.append((name, starts_at))
    return Taken(user.pk, tuple(windows))


def _start(now: datetime, length: timedelta) -> datetime:
    seconds = length.total_seconds()
    return conf.moment(now.timestamp() // seconds * seconds)


def _take_one(member_id: Any, subject: str, starts_at: datetime, limit: int) -> bool:
    if limit < 1:
        return False
    window = QuotaWindow.objects.filter(member_id=member_id, subject=subject, starts_at=starts_at)
    if window.filter(used__lt=limit).update(used=F("used") + 1):
        return True
    # Full, or opened by nobody yet: open it, whoever comes first, and try again.
    QuotaWindow.objects.bulk_create(
        [QuotaWindow(member_id=member_id, subject=subject, starts_at=starts_at)],
        ignore_conflicts=True,
    )
    return bool(window.filter(used__lt=limit).update(used=F("used") + 1))
