"""Sealing, removing, verifying and issuing at the same time, from several connections."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from chatkit_gateway import retention
from chatkit_gateway.digests import sealing
from chatkit_gateway.models import Digest, Issuance
from tests.sealed_audit import BEGIN, issuance, verify

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

LONG_AFTER = BEGIN + timedelta(days=400)
PATIENCE = 30.0


def in_a_thread(work: Callable[[], Any]) -> Any:
    """Run the work on a connection of the thread's own, and close that."""
    try:
        return work()
    finally:
        connection.close()


@pytest.fixture
def start() -> Iterator[Callable[[Callable[[], Any]], Future[Any]]]:
    """Return a function that starts work in a thread."""
    with ThreadPoolExecutor(max_workers=8) as pool:
        yield lambda work: pool.submit(in_a_thread, work)


def store(*keys: int) -> None:
    Issuance.objects.bulk_create([issuance(key) for key in keys])


def sealed() -> list[tuple[int, int]]:
    digests = Digest.objects.filter(kind="sealed").order_by("number")
    return list(digests.values_list("first_row", "last_row"))


class TestUncommittedRows:
    """PostgreSQL gives a row its key before the row can be seen."""

    pytestmark = pytest.mark.postgresql

    @pytest.fixture
    def writing(self, start: Any) -> Iterator[Callable[[], None]]:
        """A transaction that has inserted and not ended; returns the function that commits it."""
        inserted, may_commit = threading.Event(), threading.Event()

        def write() -> None:
            with transaction.atomic():
                issuance(1, id=None, reference="late").save()
                inserted.set()
                assert may_commit.wait(PATIENCE)

        writer = start(write)
        assert inserted.wait(PATIENCE)

        def commit() -> None:
            may_commit.set()
            writer.result(PATIENCE)

        yield commit
        may_commit.set()

    def test_are_not_sealed_over(self, writing: Callable[[], None]) -> None:
        later = issuance(2, id=None)
        later.save()
        # What would be sealed by somebody who does not wait.
        assert list(Issuance.objects.values_list("pk", flat=True)) == [later.pk]

        out = StringIO()
        with pytest.raises(CommandError, match="another transaction is still writing: issuance"):
            call_command("chatkit_digest", "--patience", "0", stdout=out)

        assert sealed() == []
        assert "revocation: nothing new to seal." in out.getvalue()
        writing()
        call_command("chatkit_digest", "--patience", "0", stdout=out)
        assert sealed() == [(1, later.pk)]
        assert Digest.objects.get().count == 2
        assert verify() == (0, [])

    def test_are_waited_for(self, writing: Callable[[], None], start: Any) -> None:
        issuance(2, id=None).save()
        sealing_now = start(lambda: list(sealing.seal(Issuance, patience=PATIENCE)))
        self.until_it_looks_for_writers()

        # Who begins now is not waited for, and does not wait.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '1s'")
            issuance(3, id=None).save()
            assert not sealing_now.done()
            writing()
            [digest] = sealing_now.result(PATIENCE)

        assert digest.count == 2
        [second] = sealing.seal(Issuance)
        assert second.count == 1
        assert verify() == (0, [])

    def until_it_looks_for_writers(self) -> None:
        deadline = time.monotonic() + PATIENCE
        looking = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE %s AND state = 'idle'"
        with connection.cursor() as cursor:
            while True:
                cursor.execute(looking, ["%FROM pg_locks%"])
                if cursor.fetchone() == (1,):
                    return
                assert time.monotonic() < deadline

    def test_a_vacuum_is_not_waited_for(self, start: Any) -> None:
        """It holds a lock for long that a lock of ours would have to wait for."""
        store(1, 2)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {Issuance._meta.db_table} IN SHARE UPDATE EXCLUSIVE MODE")
            digests = start(lambda: list(sealing.seal(Issuance, patience=0))).result(PATIENCE)

        assert [digest.count for digest in digests] == [2]


def test_many_seal_at_once(start: Any) -> None:
    store(*range(1, 201))
    together = threading.Barrier(4)

    def seal() -> list[Digest]:
        together.wait(PATIENCE)
        return list(sealing.seal(Issuance, at_most=5))

    made = [digest for work in [start(seal) for _ in range(4)] for digest in work.result()]

    assert sealed() == [(first, first + 4) for first in range(1, 200, 5)]
    assert len(made) == 40
    assert verify() == (0, [])


def test_many_remove_and_seal_at_once(start: Any) -> None:
    store(*range(1, 201))
    list(sealing.seal(Issuance, at_most=50))
    store(*range(201, 251))
    together = threading.Barrier(5)

    def remove() -> int:
        together.wait(PATIENCE)
        return sum(retention.prune(7, LONG_AFTER))

    def seal() -> int:
        together.wait(PATIENCE)
        return sum(digest.count for digest in sealing.seal(Issuance, at_most=10))

    removing, sealing_now = [start(remove) for _ in range(3)], [start(seal) for _ in range(2)]

    assert sum(work.result() for work in sealing_now) == 50
    removed = sum(work.result() for work in removing)
    assert 200 <= removed <= 250
    removed += sum(retention.prune(7, LONG_AFTER))
    assert removed == 250
    assert not Issuance.objects.exists()
    assert verify() == (0, [])
    of_removed = Digest.objects.filter(kind="removed").values_list("count", flat=True)
    assert sum(of_removed) == 250


def test_verifies_while_rows_are_removed(start: Any) -> None:
    store(*range(1, 301))
    list(sealing.seal(Issuance, at_most=50))

    removing = start(lambda: sum(retention.prune(3, LONG_AFTER)))
    found = [verify()]
    while not removing.done():
        found.append(verify())

    assert removing.result() == 300
    assert found == [(0, [])] * len(found)
    assert len(found) > 2


@pytest.mark.postgresql
def test_nobody_else_may_delete_after_retention_has(settings: Any) -> None:
    store(1, 2, 3)
    list(sealing.seal(Issuance))
    issuance(4, created_at=timezone.now()).save()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        before = cursor.fetchone()
    assert sum(retention.prune(2, LONG_AFTER)) == 3

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone() == before
        with pytest.raises(DatabaseError, match="DELETE of chatkit_gateway_issuance refused"):
            cursor.execute("DELETE FROM chatkit_gateway_issuance")
