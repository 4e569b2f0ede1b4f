"""Quota windows: exact, per member and assistant, given back when nothing was issued."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from chatkit_gateway import conf, errors, quotas
from chatkit_gateway.errors import Refusal
from chatkit_gateway.models import QuotaWindow
from chatkit_gateway.testkit.emulator import Emulator
from tests.visitor import Visitor

pytestmark = [pytest.mark.database, pytest.mark.django_db]

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def default_assistant() -> conf.Assistant:
    return conf.gateway().assistants["default"]


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


def test_the_longest_wait_is_told(member: User) -> None:
    limits = {"hour": 1, "day": 1}
    quotas.take(member, "default", limits, NOON)
    with pytest.raises(quotas.QuotaUsedUp) as refusal:
        quotas.take(member, "default", limits, NOON)
    assert refusal.value.until == datetime(2026, 11, 23, tzinfo=UTC)


def test_one_statement_for_a_window(member: User, django_assert_num_queries: Any) -> None:
    savepoint_and_release = 2
    for _ in range(2):
        with django_assert_num_queries(savepoint_and_release + 2):
            quotas.take(member, "default", {"hour": 2, "day": 2}, NOON)


def test_without_a_limit_the_database_is_not_asked(
    member: User, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        quotas.take(member, "default", {}, NOON).give_back()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_the_last_unit_goes_to_one(member: User) -> None:
    """Two hundred takers at once, on connections of their own, for ten units.

    However each of them names its windows, none waits for one that waits for it.
    """

    def take(number: int) -> bool:
        limits = {"hour": 10, "day": 10} if number % 2 else {"day": 10, "hour": 10}
        try:
            quotas.take(member, "default", limits, NOON)
        except quotas.QuotaUsedUp:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(16) as executor:
        assert sum(executor.map(take, range(200))) == 10
    assert used(member) == {"default/hour": 10, "default/day": 10}


def by_role(user: User, assistant: Any) -> dict[str, int | None] | None:
    """No limit for staff, one an hour for everybody else, and none by the day."""
    return None if user.is_staff else {"hour": 1, "day": None}


def by_role_in_other_words(user: User, assistant: Any) -> dict[str, int]:
    return {} if user.is_staff else {"hour": 1}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("limits", [by_role, by_role_in_other_words])
def test_limits_by_a_callable__staff_unlimited(
    limits: Callable[..., Any],
    emulator: Emulator,
    member: User,
    staff: User,
    visit: Callable[..., Visitor],
    configure: Callable[..., None],
) -> None:
    configure(QUOTAS=f"{__name__}.{limits.__name__}")
    assert [visit(staff).ask().status_code for _ in range(3)] == [200, 200, 200]
    visitor = visit(member)
    assert [visitor.ask().status_code for _ in range(2)] == [200, 429]
    assert used(staff) == {}


@pytest.mark.django_db(transaction=True)
def test_an_assistant_has_its_own_quota(
    emulator: Emulator,
    member: User,
    visit: Callable[..., Visitor],
    configure: Callable[..., None],
    settings: Any,
) -> None:
    default = settings.CHATKIT_GATEWAY["ASSISTANTS"]["default"]
    assistants = {
        "default": default,
        "strict": default | {"QUOTAS": {"day": 1}},
        "free": default | {"QUOTAS": {}},
    }
    configure(ASSISTANTS=assistants, QUOTAS={"day": 2})
    visitor = visit(member)

    def statuses(assistant: str) -> list[int]:
        return [visitor.ask({"assistant": assistant}).status_code for _ in range(3)]

    assert statuses("default") == [200, 200, 429]
    assert statuses("strict") == [200, 429, 429]
    assert statuses("free") == [200, 200, 200]


@pytest.mark.django_db(transaction=True)
def test_a_refusal_says_when_to_come_back(
    emulator: Emulator,
    member: User,
    visit: Callable[..., Visitor],
    configure: Callable[..., None],
) -> None:
    configure(QUOTAS={"hour": 1})
    visitor = visit(member)
    with time_machine.travel(NOON + timedelta(minutes=30)):
        assert visitor.ask().status_code == 200
        asked = timezone.now()
        refused = visitor.ask()
        waited = timezone.now() - asked
    assert refused.status_code == 429
    wait = int(refused.headers["Retry-After"])
    latest = NOON + timedelta(hours=1) - asked
    assert latest - waited <= timedelta(seconds=wait) <= latest + timedelta(seconds=1)
    assert refused.json()["retry_after"] == wait
    assert refused.json()["detail"] == (
        "You have opened the assistant very often. You can open it again in 30 minutes."
    )


NO_LIMITS = [0, "", "10", [], ["hour"], {"week": 1}, {"hour": "10"}, {"hour": -1}, {"hour": True}]


def no_limits(user: User, assistant: Any) -> Any:
    """Answer nonsense, another for each assistant."""
    return NO_LIMITS[int(assistant.alias)]


@pytest.mark.parametrize(
    "number", range(len(NO_LIMITS)), ids=lambda number: repr(NO_LIMITS[number])
)
def test_limits_that_are_none__are_a_logged_refusal(
    number: int, member: User, caplog: pytest.LogCaptureFixture
) -> None:
    assistant = replace(default_assistant(), alias=str(number), quotas=f"{__name__}.no_limits")
    with pytest.raises(Refusal) as refusal:
        quotas.limits_for(member, assistant)
    assert refusal.value.problem is errors.INVALID_QUOTAS
    [record] = caplog.records
    assert (record.levelname, record.name) == ("ERROR", "chatkit_gateway.quotas")
    assert f"assistant {number}" in record.getMessage()


def test_a_limit_beyond_all_counting_is_none_at_all(member: User) -> None:
    assistant = replace(default_assistant(), quotas={"day": 10**30})
    quotas.take(member, "default", quotas.limits_for(member, assistant), NOON)
    assert used(member) == {"default/day": 1}


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
