"""Quota windows: exact, per member and assistant, given back when nothing was issued."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection

from chatkit_gateway import quotas
from chatkit_gateway.models import QuotaWindow
from chatkit_gateway.testkit.emulator import Emulator
from tests.visitor import Visitor

pytestmark = [pytest.mark.database, pytest.mark.django_db]

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def used(user: User) -> dict[str, int]:
    return dict(QuotaWindow.objects.filter(member=user).values_list("subject", "used"))


def test_every_window_counts(member: User) -> None:
    quotas.take(member, "default", {"hour": 2, "day": 3}, NOON)
    quotas.take(member, "default", {"hour": 2, "day": 3}, NOON)
    assert used(member) == {"default/hour": 2, "default/day": 2}


def test_a_full_window_says_until_when_and_takes_from_no_other(member: User) -> None:
    limits = {"day": 5, "hour": 1}
    quotas.take(member, "default", limits, NOON)
    with pytest.raises(quotas.QuotaUsedUp) as refusal:
        quotas.take(member, "default", limits, NOON + timedelta(minutes=20))
    assert refusal.value.until == NOON + timedelta(hours=1)
    assert used(member) == {"default/hour": 1, "default/day": 1}


def test_a_new_window_begins_on_the_full_hour_and_on_midnight_utc(member: User) -> None:
    limits = {"hour": 1, "day": 2}
    for minutes in (0, 60):
        quotas.take(member, "default", limits, NOON + timedelta(minutes=minutes))
    with pytest.raises(quotas.QuotaUsedUp) as refusal:
        quotas.take(member, "default", limits, NOON + timedelta(hours=2))
    assert refusal.value.until == datetime(2026, 11, 23, tzinfo=UTC)
    quotas.take(member, "default", limits, datetime(2026, 11, 23, tzinfo=UTC))


def test_members_and_assistants_do_not_share(member: User, outsider: User) -> None:
    for user in (member, outsider):
        for subject in ("default", "board"):
            quotas.take(user, subject, {"hour": 1}, NOON)


def test_zero_means_never_and_none_means_always(member: User) -> None:
    with pytest.raises(quotas.QuotaUsedUp):
        quotas.take(member, "default", {"hour": 0}, NOON)
    for _ in range(3):
        quotas.take(member, "default", {}, NOON)


def test_given_back(member: User) -> None:
    taken = quotas.take(member, "default", {"hour": 1, "day": 1}, NOON)
    taken.give_back()
    taken.give_back()
    assert used(member) == {"default/hour": 0, "default/day": 0}
    quotas.take(member, "default", {"hour": 1, "day": 1}, NOON)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_the_last_unit_goes_to_one(member: User) -> None:
    """Forty takers at once, on connections of their own, for ten units."""

    def take(_: int) -> bool:
        try:
            quotas.take(member, "default", {"hour": 10}, NOON)
        except quotas.QuotaUsedUp:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(16) as executor:
        assert sum(executor.map(take, range(40))) == 10
    assert used(member) == {"default/hour": 10}


def twice_for_staff(user: User, assistant: Any) -> dict[str, int | None]:
    """Two an hour for staff, one for everybody else; no limit per day."""
    return {"hour": 2 if user.is_staff else 1, "day": None}


@pytest.mark.django_db(transaction=True)
def test_limits_by_a_callable(
    emulator: Emulator,
    member: User,
    staff: User,
    visit: Callable[..., Visitor],
    configure: Callable[..., None],
) -> None:
    configure(QUOTAS=f"{__name__}.twice_for_staff")
    with time_machine.travel(NOON + timedelta(minutes=30)):
        for user, issued in ((member, 1), (staff, 2)):
            visitor = visit(user)
            for _ in range(issued):
                assert visitor.ask().status_code == 200
            refused = visitor.ask()
            assert refused.status_code == 429
            assert 1790 <= int(refused.headers["Retry-After"]) <= 1800


@pytest.mark.django_db(transaction=True)
def test_a_failed_upstream_call_costs_nothing(
    emulator: Emulator,
    member: User,
    visit: Callable[..., Visitor],
    configure: Callable[..., None],
) -> None:
    configure(QUOTAS={"hour": 1, "day": 1})
    visitor = visit(member)
    emulator.fail("server_error", times=2)
    assert [visitor.ask().status_code for _ in range(4)] == [502, 502, 200, 429]
