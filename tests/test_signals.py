"""The three signals: when they are sent, what they carry, and that they can break nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.dispatch import Signal

from chatkit_gateway import fingerprints, revocation, signals
from chatkit_gateway.models import Cause, Issuance, Pause, Revocation
from chatkit_gateway.revocation import Wish
from chatkit_gateway.testkit.emulator import Emulator
from tests.database_faults import audit_refuses_rows
from tests.secrets_alive import issue
from tests.visitor import Visitor

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

Visit = Callable[..., Visitor]
NAMES = ("client_secret_issued", "client_secret_refused", "client_secret_revoked")
CANCEL = "/v1/chatkit/sessions/*/cancel"


class Analytics:
    """Listens to all three, from a transaction of its own, and then fails."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.receivers = {name: self._receiver(name) for name in NAMES}

    def _receiver(self, name: str) -> Callable[..., None]:
        def receive(sender: type, signal: Signal, **told: Any) -> None:
            assert sender is Issuance
            assert not connection.in_atomic_block
            for row in (told.get("issuance"), told.get("revocation")):
                assert row is None or type(row).objects.filter(pk=row.pk).exists()
            self.heard.append((name, told))
            raise RuntimeError("the analytics are down")

        return receive

    def take(self) -> tuple[str, dict[str, Any]]:
        """Return what was heard, which must be one thing, and forget it."""
        [heard] = self.heard
        self.heard.clear()
        return heard


@pytest.fixture
def analytics() -> Iterator[Analytics]:
    listening = Analytics()
    for name, receiver in listening.receivers.items():
        getattr(signals, name).connect(receiver)
    yield listening
    for name, receiver in listening.receivers.items():
        getattr(signals, name).disconnect(receiver)


def test_issued(emulator: Emulator, member: User, visit: Visit, analytics: Analytics) -> None:
    answer = visit(member).ask()

    assert answer.status_code == 200
    assert analytics.take() == ("client_secret_issued", {"issuance": Issuance.objects.get()})


def test_refused(emulator: Emulator, member: User, visit: Visit, analytics: Analytics) -> None:
    Pause.objects.create(reason="Exams.")

    answer = visit(member).ask()

    assert answer.status_code == 503
    assert analytics.take() == (
        "client_secret_refused",
        {
            "issuance": Issuance.objects.get(),
            "code": "issuance_paused",
            "member_id": member.pk,
            "assistant": "default",
            "reference": answer.json()["reference"],
        },
    )


def test_refused_in_a_flood_has_no_row(
    emulator: Emulator, outsider: User, visit: Visit, analytics: Analytics
) -> None:
    visitor = visit(outsider)
    # Rows are counted by the minute, and none may begin meanwhile.
    with time_machine.travel("2026-11-22T12:00:05Z"):
        for _ in range(12):
            visitor.ask()

    told = [told for _, told in analytics.heard]
    assert len(told) == 12
    assert [one["issuance"] is None for one in told] == [False] * 10 + [True] * 2
    assert {one["code"] for one in told} == {"not_a_member"}


def test_what_has_no_place_in_the_audit_is_not_told(
    emulator: Emulator, member: User, visit: Visit, analytics: Analytics
) -> None:
    visitor = visit(member)
    assert visit().ask().status_code == 401
    assert visitor.ask(json=[]).status_code == 400
    with audit_refuses_rows():
        assert visitor.ask().status_code == 503

    assert analytics.heard == []


def test_revoked(emulator: Emulator, member: User, analytics: Analytics) -> None:
    row = issue(emulator, member)
    emulator.fail("overloaded", path=CANCEL, times=1)
    keys = revocation.begin(Issuance.objects.all(), Wish(Cause.ADMIN, "ada")).pending
    assert list(revocation.carry_on(keys)) == [False]
    assert analytics.heard == []

    assert list(revocation.carry_on(keys)) == [True]

    assert analytics.take() == (
        "client_secret_revoked",
        {"issuance": row, "revocation": Revocation.objects.get(ended=True)},
    )


def test_revoked_is_told_when_it_is_committed(
    emulator: Emulator, member: User, analytics: Analytics
) -> None:
    issue(emulator, member, backend="tests.checks_itself.ChecksItself")
    with transaction.atomic():
        revocation.begin(Issuance.objects.all(), Wish(Cause.LOGOUT))
        assert analytics.heard == []

    assert analytics.take()[0] == "client_secret_revoked"


def test_none_carries_a_secret(
    emulator: Emulator, member: User, visit: Visit, analytics: Analytics
) -> None:
    secret = visit(member).ask().json()["client_secret"]
    keys = revocation.begin(Issuance.objects.all(), Wish(Cause.ADMIN)).pending
    list(revocation.carry_on(keys))

    told = [value for _, told in analytics.heard for value in told.values()]
    assert len(told) == 3
    for value in told:
        assert secret not in repr(vars(value))
    assert fingerprints.of_secret(secret) in repr(vars(told[0]))
