"""Rows leave when their time is over and they are sealed, and not before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from chatkit_gateway import quotas, retention
from chatkit_gateway.digests import chain
from chatkit_gateway.models import Digest, Export, Issuance, QuotaWindow, Revocation
from tests.sealed_audit import BEGIN, KEYS, change, fill, issuance, revocation, run, seal, verify

pytestmark = [pytest.mark.database, pytest.mark.django_db]

WAITING = "{} rows past their time are not sealed yet: run chatkit_digest first.\n"
LONG_AFTER = BEGIN + timedelta(days=400)


def prune(*arguments: str) -> tuple[str, str]:
    """Run the command; return what it says, and what it complains of."""
    out, err = StringIO(), StringIO()
    call_command("chatkit_prune", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def keys(model: type[Issuance] | type[Revocation] | type[Export]) -> list[int]:
    return list(model.objects.order_by("pk").values_list("pk", flat=True))


class TestWhen:
    @pytest.fixture(autouse=True)
    def _old_and_new(self, configure: Callable[..., None]) -> None:
        hosted = "chatkit_gateway.backends.hosted.HostedBackend"
        configure(
            RETENTION_DAYS=100,
            ASSISTANTS={
                "default": {"BACKEND": hosted, "OPTIONS": {}},
                "board": {"BACKEND": hosted, "RETENTION_DAYS": 10},
            },
        )
        now = timezone.now()
        ages = {
            "default": (1, 99, 100, 101),
            "board": (1, 9, 10),
            "long gone": (99, 100),
        }
        for assistant, days_old in ages.items():
            for days in days_old:
                Issuance.objects.create(
                    username="maria",
                    assistant=assistant,
                    outcome="denied",
                    status=403,
                    reference=f"{assistant}-{days}",
                    created_at=now - timedelta(days=days, minutes=1),
                )

    def left(self) -> set[str]:
        return set(Issuance.objects.values_list("reference", flat=True))

    def test_every_assistant_has_its_own_time(self) -> None:
        seal()

        assert prune("--batch", "2") == ("4 rows were removed.\n", "")
        assert self.left() == {"default-1", "default-99", "board-1", "board-9", "long gone-99"}
        assert prune() == ("0 rows were removed.\n", "")
        assert verify() == (0, [])

    def test_dry_run_only_counts(self) -> None:
        seal()

        assert prune("--dry-run") == ("4 rows would be removed.\n", "")
        assert len(self.left()) == 9

    def test_what_is_not_sealed_waits(self) -> None:
        assert prune("--dry-run") == ("0 rows would be removed.\n", WAITING.format(4))
        assert prune() == ("0 rows were removed.\n", WAITING.format(4))
        assert len(self.left()) == 9
        assert not Digest.objects.exists()


class TestWhatGoes:
    @pytest.fixture(autouse=True)
    def _long_after(self) -> Iterator[None]:
        fill()
        with time_machine.travel(LONG_AFTER, tick=False):
            yield

    def test_everything_that_is_old(self) -> None:
        seal()

        assert prune() == ("14 rows were removed.\n", "")
        assert (keys(Issuance), keys(Revocation), keys(Export)) == ([], [], [])
        assert verify() == (0, [])

    def test_a_revocation_goes_with_its_issuance(self) -> None:
        # Made much later, as a retry may be.
        revocation(3, issuance_id=4, created_at=LONG_AFTER).save()
        issuance(13, created_at=LONG_AFTER).save()
        revocation(4, issuance_id=13, created_at=BEGIN).save()
        seal()

        prune()

        assert (keys(Issuance), keys(Revocation)) == ([13], [4])
        assert verify() == (0, [])

    def test_an_issuance_waits_for_its_revocation(self) -> None:
        seal()
        revocation(3, issuance_id=4).save()

        assert prune("--dry-run") == ("13 rows would be removed.\n", WAITING.format(2))
        assert prune() == ("13 rows were removed.\n", WAITING.format(2))
        assert (keys(Issuance), keys(Revocation)) == ([4], [3])
        seal()
        assert prune() == ("2 rows were removed.\n", "")
        assert verify() == (0, [])

    def test_a_revocation_without_its_issuance_goes_by_its_own_time(self) -> None:
        revocation(3, issuance_id=999, created_at=LONG_AFTER).save()
        revocation(4, issuance_id=999).save()
        seal()

        prune()

        assert keys(Revocation) == [3]

    def test_what_a_deleted_digest_had_sealed_waits(self) -> None:
        seal()
        run("DELETE FROM {digest} WHERE number = 2")

        assert prune() == ("9 rows were removed.\n", WAITING.format(5))
        assert keys(Issuance) == [6, 8, 9, 10, 11]

    def test_what_came_after_the_last_digest_waits(self) -> None:
        seal()
        issuance(13).save()

        assert prune() == (
            "14 rows were removed.\n",
            "1 row past its time is not sealed yet: run chatkit_digest first.\n",
        )
        assert keys(Issuance) == [13]
        seal()
        assert prune() == ("1 row was removed.\n", "")
        assert verify() == (0, [])

    @pytest.mark.parametrize("batch", [1, 2, 3, 1000])
    def test_leaves_a_digest_of_each_batch(self, batch: int) -> None:
        seal()

        removed = list(retention.prune(batch, LONG_AFTER))

        assert sum(removed) == 14
        digests = list(Digest.objects.filter(kind="removed").order_by("number"))
        assert [digest.count for digest in digests] == removed
        assert max(removed) <= batch
        sealed = [
            (digest.first_row, digest.last_row) for digest in Digest.objects.filter(kind="sealed")
        ]
        for digest in digests:
            # None reaches over the end of what was sealed together.
            assert [
                True
                for first, last in sealed
                if first <= digest.first_row <= digest.last_row <= last
            ]
        assert verify() == (0, [])


class TestHidesNothing:
    """What was done to rows before, or is done after, is found all the same."""

    @pytest.fixture(autouse=True)
    def _long_after(self) -> Iterator[None]:
        with time_machine.travel(LONG_AFTER, tick=False):
            fill()
            # 1 issuance 1-5, 2 issuance 6-11, 3 issuance 12, 4 revocation 1-2, 5 export 1.
            seal()
            yield

    def test_a_row_changed_before(self) -> None:
        run("UPDATE {issuance} SET username = 'otto' WHERE id = 4")

        prune()

        # 6 removed the revocations, 7 the first five issuances.
        assert verify() == (1, ["issuance 4 had been changed when digest 7 removed it."])

    def test_a_row_made_old_so_that_it_goes(self) -> None:
        issuance(13, created_at=LONG_AFTER).save()
        seal()
        run("UPDATE {issuance} SET created_at = '2020-01-01 00:00:00+00' WHERE id = 13")

        prune()

        assert keys(Issuance) == []
        assert verify() == (1, ["issuance 13 had been changed when digest 11 removed it."])

    def test_a_row_inserted_before(self) -> None:
        issuance(7).save()

        prune()

        assert verify() == (1, ["issuance 7 had been inserted when digest 8 removed it."])

    def test_a_row_deleted_before(self) -> None:
        run("DELETE FROM {issuance} WHERE id = 4")

        prune()

        assert verify() == (1, ["issuance 4 was removed after digest 1 had sealed it."])

    def test_a_row_put_back_after(self) -> None:
        prune()
        issuance(4).save()

        assert verify() == (
            1,
            [
                "issuance 4 (reference ref4, 2026-11-24 03:04:00+00:00) was put back after digest "
                "7 had removed it."
            ],
        )

    def test_a_row_put_back_and_removed_again(self) -> None:
        prune()
        issuance(4).save()
        prune()

        assert verify() == (
            1,
            ["issuance 4 had been put back when digest 11 removed it again."],
        )

    def test_its_digest_deleted(self) -> None:
        prune()
        run("DELETE FROM {digest} WHERE number = 7")

        assert verify() == (
            1,
            [
                "issuance 1-5: 5 rows were removed after digest 1 had sealed them.",
                "Digest 7 is missing.",
            ],
        )

    @pytest.mark.parametrize(
        "assignment", ["last_row = 4", "count = 4", "rows = 'x'", "kind = 'sealed'"]
    )
    def test_its_digest_changed(self, assignment: str) -> None:
        prune()
        run(change("digest", assignment, 7))

        _status, [removed, changed] = verify()

        assert removed == "issuance 1-5: 5 rows were removed after digest 1 had sealed them."
        assert changed.startswith("Digest 7 (issuance 1-")
        assert " was changed: " in changed

    def test_its_digest_used_for_other_rows(self) -> None:
        prune()
        digest = Digest.objects.get(number=7)
        issuance(13).save()
        seal()
        run("DELETE FROM {issuance} WHERE id = 13")

        digest.pk, digest.first_row, digest.last_row = None, 13, 13
        digest.number = chain.tip().number + 1
        digest._state.adding = True
        digest.save()

        assert verify() == (
            1,
            [
                "issuance 13 was removed after digest 11 had sealed it.",
                "Digest 12 (issuance 13, removed 2027-12-29 03:00:00+00:00) was changed, or signed "
                "with a key that this site does not have.",
            ],
        )


KEEPING = {
    "sqlite": ["CREATE TRIGGER keeps_rows BEFORE DELETE ON {} BEGIN SELECT RAISE(IGNORE); END"],
    "postgresql": [
        "CREATE FUNCTION keeps_rows() RETURNS trigger LANGUAGE plpgsql "
        "AS $$ BEGIN RETURN NULL; END $$",
        "CREATE TRIGGER keeps_rows BEFORE DELETE ON {} FOR EACH ROW EXECUTE FUNCTION keeps_rows()",
    ],
}


def test_no_digest_says_of_rows_that_they_went_if_they_did_not() -> None:
    fill()
    seal()
    with connection.cursor() as cursor:
        for statement in KEEPING[connection.vendor]:
            cursor.execute(statement.format(Issuance._meta.db_table))

    with pytest.raises(RuntimeError):
        # Revocations go first, and they do go.
        list(retention.prune(1000, LONG_AFTER))

    assert keys(Issuance) == list(KEYS)
    assert not Digest.objects.filter(kind="removed", subject="issuance").exists()
    assert verify() == (0, [])


def test_windows_that_are_over_go(member: User, superuser: User) -> None:
    now = timezone.now()
    for user in (member, superuser):
        quotas.take(user, "default", {"day": 5, "hour": 3}, now)
        for days in (2, 3, 4):
            quotas.take(user, "default", {"day": 5, "hour": 5}, now - timedelta(days=days))

    prune("--batch", "5")

    assert QuotaWindow.objects.count() == 4
