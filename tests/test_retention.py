"""Rows leave when their time is over, and not before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone

from chatkit_gateway import quotas
from chatkit_gateway.models import AppendOnlyError, Issuance, QuotaWindow

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def rows(assistant: str, *ages: int) -> None:
    for days in ages:
        Issuance.objects.create(
            username="maria",
            assistant=assistant,
            outcome="denied",
            status=403,
            reference=f"{assistant}-{days}",
            created_at=timezone.now() - timedelta(days=days, minutes=1),
        )


def prune(*arguments: str) -> str:
    out = StringIO()
    call_command("chatkit_prune", *arguments, stdout=out)
    return out.getvalue()


def left() -> set[str]:
    return set(Issuance.objects.values_list("reference", flat=True))


@pytest.fixture
def _old_and_new(configure: Callable[..., None], settings: object) -> None:
    configure(
        RETENTION_DAYS=100,
        ASSISTANTS={
            "default": {"BACKEND": "chatkit_gateway.backends.hosted.HostedBackend", "OPTIONS": {}},
            "board": {
                "BACKEND": "chatkit_gateway.backends.hosted.HostedBackend",
                "RETENTION_DAYS": 10,
            },
        },
    )
    rows("default", 1, 99, 100, 101)
    rows("board", 1, 9, 10)
    rows("long gone", 99, 100)


@pytest.mark.usefixtures("_old_and_new")
def test_every_assistant_has_its_own_time() -> None:
    assert prune("--batch", "2") == "4 rows were removed.\n"
    assert left() == {"default-1", "default-99", "board-1", "board-9", "long gone-99"}
    assert prune() == "0 rows were removed.\n"
    rows("default", 101)
    assert prune("--dry-run") == "1 row would be removed.\n"
    assert prune() == "1 row was removed.\n"


@pytest.mark.usefixtures("_old_and_new")
def test_dry_run_only_counts() -> None:
    assert prune("--dry-run") == "4 rows would be removed.\n"
    assert len(left()) == 9


def test_windows_that_are_over_go(member: User) -> None:
    now = timezone.now()
    quotas.take(member, "default", {"day": 5}, now)
    quotas.take(member, "default", {"day": 5}, now - timedelta(days=3))
    prune()
    assert QuotaWindow.objects.count() == 1


def test_nothing_else_removes_or_changes_a_row() -> None:
    rows("default", 1)
    row = Issuance.objects.get()
    for attempt in (
        row.delete,
        row.save,
        Issuance.objects.all().delete,
        lambda: Issuance.objects.update(outcome="issued"),
        lambda: Issuance.objects.bulk_update([row], ["outcome"]),
        lambda: Issuance.objects.bulk_create(
            [row], update_conflicts=True, update_fields=["outcome"], unique_fields=["id"]
        ),
        lambda: Issuance._base_manager.update(outcome="issued"),
        lambda: Issuance._base_manager.all().delete(),
    ):
        with pytest.raises(AppendOnlyError):
            attempt()
    assert Issuance.objects.get().outcome == "denied"
