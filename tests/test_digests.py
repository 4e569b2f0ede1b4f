"""The canonical form of rows, and sealing."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import termios
import tracemalloc
from collections.abc import Callable
from contextlib import redirect_stderr, suppress
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from chatkit_gateway import conf
from chatkit_gateway.digests import canonical, reading, sealing
from chatkit_gateway.digests.verification import Verification
from chatkit_gateway.models import Digest, Issuance
from tests.sealed_audit import BEGIN, KEYS, export, fill, issuance, revocation, run, seal, verify

pytestmark = [pytest.mark.database, pytest.mark.django_db]

KNOWN = {
    "issuance": "2306aa6069bc5ad4a1ae7d4f25915025d72ee2091325c5533300a191be856e3e",
    "refused issuance": "c4bc6b265fc8f7712ef3e668270a7e79cf86777324ea1ff255a3b7c7e2da5106",
    "revocation": "e560ebbc6b2b57ddeacd8c83b87d181731c81ae4b7dd6be5c205cf423bdeb4e9",
    "export": "0dd6e1c9ccf4ea2854a4c91d66458fb152fa2f1dbbeff4625c574a35b587f1f3",
}
"""What these rows hash to, on every database and for good."""


def digest(*arguments: str) -> str:
    out = StringIO()
    call_command("chatkit_digest", *arguments, stdout=out)
    return out.getvalue()


class TestCanonicalForm:
    @pytest.mark.parametrize("model", canonical.SUBJECTS, ids=canonical.subject)
    def test_names_every_column(self, model: Any) -> None:
        """A new column fails here: seal it, in a format of the next number."""
        named = canonical.FIELDS[canonical.FORMAT][canonical.subject(model)]

        assert named == tuple(field.attname for field in model._meta.concrete_fields)

    def test_is_for_good(self) -> None:
        rows = {
            "issuance": issuance(1),
            "refused issuance": issuance(
                2,
                member_id=None,
                username='Mária "π" \\ \n',
                outcome="denied",
                status=403,
                session_id="",
                fingerprint="",
                expires_at=None,
                upstream_ms=None,
                ip_address="::ffff:192.0.2.7",
                created_at=datetime(2026, 11, 24, 3, 0, tzinfo=UTC),
            ),
            "revocation": revocation(1),
            "export": export(1),
        }
        hashes = {}
        for name, row in rows.items():
            row.save()
            [read] = reading.rows(type(row).objects.filter(pk=row.pk), 1)
            hashes[name] = read.sha256.hex()

        assert hashes == KNOWN

    def test_can_be_made_without_us(self) -> None:
        row = export(1)
        row.save()

        text = (
            '{"created_at":"2026-11-24T04:00:00.123456+00:00","exported_by":"ada",'
            '"filters":"outcome=issued","format":"csv","id":1,"ip_address":"192.0.2.7",'
            '"reference":"exp1"}'
        )
        [read] = reading.rows(type(row).objects.all(), 1)
        assert read.sha256 == hashlib.sha256(text.encode()).digest()

    @pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/St_Johns"])
    @pytest.mark.parametrize("aware", [True, False], ids=["aware", "naive"])
    def test_does_not_depend_on_the_sites_time(self, zone: str, aware: bool, settings: Any) -> None:
        settings.USE_TZ = aware
        settings.TIME_ZONE = zone
        created_at = conf.moment((BEGIN + timedelta(minutes=1)).timestamp())
        expires_at = conf.moment((BEGIN + timedelta(minutes=11)).timestamp())
        issuance(1, created_at=created_at, expires_at=expires_at).save()

        with timezone.override("Pacific/Auckland"):
            [read] = reading.rows(Issuance.objects.all(), 1)

        assert timezone.is_aware(Issuance.objects.get().created_at) is aware
        assert read.sha256.hex() == KNOWN["issuance"]

    def test_of_other_keys_of_users(self) -> None:
        key = UUID(int=7)

        assert json.loads(canonical.encode({"member_id": key})) == {"member_id": str(key)}

    def test_tells_bytes_from_text(self) -> None:
        assert canonical.encode({"a": b"ab"}) != canonical.encode({"a": "6162"})


class TestSealing:
    @pytest.fixture(autouse=True)
    def _filled(self) -> None:
        fill()

    def test_ranges_touch(self) -> None:
        seal()
        issuance(14).save()
        seal()

        ranges = Digest.objects.filter(subject="issuance").order_by("number")
        assert list(ranges.values_list("first_row", "last_row", "count")) == [
            (1, 5, 5),
            (6, 11, 5),
            (12, 12, 1),
            (13, 14, 1),
        ]
        assert list(Digest.objects.order_by("number").values_list("number", flat=True)) == [
            *range(1, 7)
        ]

    def test_what_the_command_says(self) -> None:
        with time_machine.travel(datetime(2026, 11, 25, 4, 17, tzinfo=UTC), tick=False):
            assert digest().splitlines() == [
                "Digest 1 (issuance 1-12, sealed 2026-11-25 04:17:00+00:00)",
                "Digest 2 (revocation 1-2, sealed 2026-11-25 04:17:00+00:00)",
                "Digest 3 (export 1, sealed 2026-11-25 04:17:00+00:00)",
            ]
        assert digest().splitlines() == [
            "issuance: nothing new to seal.",
            "revocation: nothing new to seal.",
            "export: nothing new to seal.",
        ]

    def test_what_verifying_says(self) -> None:
        digest()
        issuance(13).save()
        issuance(14).save()
        out = StringIO()

        call_command("chatkit_verify", stdout=out)

        assert out.getvalue().splitlines() == [
            "Checked: 3 digests, 14 rows.",
            "issuance: no digest covers 2 rows yet.",
            "Nothing was changed.",
        ]

    def test_a_row_goes_unnoticed_before_it_is_sealed(self) -> None:
        """What digests do not prove; docs/trust.md says so."""
        digest()
        issuance(13).save()
        run("DELETE FROM {issuance} WHERE id = 13")

        assert verify() == (0, [])

    def test_of_nothing(self) -> None:
        run("DELETE FROM {issuance}", "DELETE FROM {revocation}", "DELETE FROM {export}")

        digest()

        assert not Digest.objects.exists()
        assert verify()[0] == 2

    def test_of_what_was_emptied(self) -> None:
        digest()
        run("DELETE FROM {issuance}")

        assert "issuance: nothing new to seal." in digest()

    def test_stores_hashes_and_nothing_of_the_row(self) -> None:
        digest()

        stored = Digest.objects.get(number=1)
        assert len(stored.rows) == len(KEYS) * 40
        assert b"maria" not in stored.rows
        assert stored.sha256 == hashlib.sha256(stored.rows).hexdigest()


@pytest.mark.parametrize("command", ["chatkit_digest", "chatkit_verify"])
def test_progress_is_shown_on_a_terminal(command: str) -> None:
    fill()
    if command == "chatkit_verify":
        seal()

    shown = on_a_terminal(lambda: call_command(command, stdout=StringIO()))

    assert "100%" in shown
    assert "row/s" in shown


def on_a_terminal(work: Callable[[], object]) -> str:
    """Return what the work writes to standard error, which is a terminal to it."""
    reader, writer = pty.openpty()
    termios.tcsetwinsize(writer, (24, 80))
    with os.fdopen(writer, "w", encoding="utf-8") as terminal, redirect_stderr(terminal):
        work()
    shown = b""
    # Linux ends what was written to a terminal that is closed with an error.
    with os.fdopen(reader, "rb", buffering=0) as source, suppress(OSError):
        while written := source.read(1 << 16):
            shown += written
    return shown.decode()


def test_memory_is_bounded() -> None:
    """Six times the rows need no more memory, to seal as to verify."""
    count = 0

    def peak(work: Callable[[], object]) -> int:
        tracemalloc.start()
        work()
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    def more(rows: int) -> None:
        nonlocal count
        Issuance.objects.bulk_create([issuance(count + key) for key in range(1, rows + 1)])
        count += rows

    def seal_all() -> None:
        assert sum(digest.count for digest in sealing.seal(Issuance, at_most=100)) > 0

    def verify_all() -> None:
        assert list(Verification().findings(lambda rows: None)) == []

    more(100)
    seal_all(), verify_all()
    more(200)
    few = peak(seal_all), peak(verify_all)
    more(1200)
    many = peak(seal_all), peak(verify_all)

    for few_rows, many_rows in zip(few, many, strict=True):
        assert many_rows < few_rows * 1.5


def test_the_hour_that_comes_twice(settings: Any) -> None:
    """A site without time zones keeps the same for both, and reads one of them."""
    settings.USE_TZ = False
    settings.TIME_ZONE = "Europe/Berlin"
    for hour in (0, 1):
        # A number: an aware moment would bring its own zone along.
        moment = datetime(2026, 10, 25, hour, 30, tzinfo=UTC).timestamp()
        with time_machine.travel(moment, tick=False):
            issuance(1 + hour, created_at=timezone.now(), expires_at=None).save()
            seal()

    assert [digest.created_at.hour for digest in Digest.objects.all()] == [2, 2]
    assert verify() == (0, [])
