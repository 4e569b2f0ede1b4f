"""How often a member may do something: windows of time, counted in the database.

Windows start on the full minute, hour or day in UTC. A unit is taken by one conditional upsert, so
that however many processes there are, no two of them take the last one.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connections, router, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string

from chatkit_gateway import conf, errors
from chatkit_gateway.errors import Refusal
from chatkit_gateway.models import QuotaWindow

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

    from chatkit_gateway.conf import Assistant

logger = logging.getLogger(__name__)

PERIODS = {"day": timedelta(days=1), "hour": timedelta(hours=1), "minute": timedelta(minutes=1)}
"""Longest first: the order in which windows are taken."""

_MOST = 2**31 - 1
"""As far as ``QuotaWindow.used`` counts on every database."""
_KEY = ("member", "subject", "starts_at")
_TAKE_ONE = """
INSERT INTO {table} ({member}, {subject}, {starts_at}, {used}) VALUES (%s, %s, %s, 1)
ON CONFLICT ({member}, {subject}, {starts_at})
DO UPDATE SET {used} = {table}.{used} + 1 WHERE {table}.{used} < %s
"""


class QuotaUsedUp(Exception):
    """No unit is left. ``until`` (aware) is when there is one again."""

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


def limits_for(user: AbstractBaseUser, assistant: Assistant) -> dict[str, int]:
    """Return the member's limits by period ("hour", "day"); a period without a limit is absent.

    Raises `Refusal` invalid_quotas, and logs why, when the site does not tell them.
    """
    quotas = assistant.quotas
    try:
        if isinstance(quotas, str):
            quotas = import_string(quotas)(user, assistant)
        return dict(_limits_in(quotas))
    except Exception as error:
        logger.exception("the quotas of assistant %s are not to be had", assistant.alias)
        raise Refusal(errors.INVALID_QUOTAS) from error


def _limits_in(quotas: Any) -> Iterator[tuple[str, int]]:
    if quotas is None:
        return
    if not isinstance(quotas, Mapping):
        raise TypeError(f"expected a dict of limits or None, not {type(quotas).__name__}")
    for period, limit in quotas.items():
        if limit is None:
            continue
        if period not in PERIODS or type(limit) is not int or limit < 0:
            raise ValueError(f"{period!r}: {limit!r} is no limit")
        yield period, min(limit, _MOST)


def take(
    user: AbstractBaseUser,
    subject: str,
    limits: Mapping[str, int],
    now: datetime | None = None,
) -> Taken:
    """Take one unit from each window, or none at all.

    ``now`` is aware (default: now). Raises `QuotaUsedUp`, and whatever the database raises.
    """
    now = now or timezone.now()
    database = router.db_for_write(QuotaWindow)
    windows: list[tuple[str, datetime]] = []
    with transaction.atomic(using=database) if limits else nullcontext():
        # In one order, so that two requests of a member never wait for each other; and of the
        # windows that are full, the first met ends last.
        for period, length in PERIODS.items():
            if period not in limits:
                continue
            window = (f"{subject}/{period}", _start(now, length))
            if not _take_one(database, (user.pk, *window), limits[period]):
                raise QuotaUsedUp(window[1] + length)
            windows.append(window)
    return Taken(user.pk, tuple(windows))


def _start(now: datetime, length: timedelta) -> datetime:
    seconds = length.total_seconds()
    return conf.moment(now.timestamp() // seconds * seconds)


def _take_one(database: str, key: tuple[Any, ...], limit: int) -> bool:
    if limit < 1:
        return False
    connection = connections[database]
    quote = connection.ops.quote_name
    fields = {field.name: field for field in QuotaWindow._meta.concrete_fields}
    columns = {name: quote(str(fields[name].column)) for name in (*_KEY, "used")}
    values = [
        fields[name].get_db_prep_save(value, connection)
        for name, value in zip(_KEY, key, strict=True)
    ]
    with connection.cursor() as cursor:
        statement = _TAKE_ONE.format(table=quote(QuotaWindow._meta.db_table), **columns)
        cursor.execute(statement, [*values, limit])
        return bool(cursor.rowcount == 1)
