"""Whatever somebody does to the audit by SQL, `chatkit_verify` finds it and names it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection, models

from chatkit_gateway.digests import canonical, chain, reading
from chatkit_gateway.models import AppendOnlyModel, Digest, Export, Issuance, Revocation
from tests.sealed_audit import (
    BEGIN,
    change,
    fill,
    issuance,
    run,
    seal,
    verify,
)

pytestmark = [pytest.mark.database, pytest.mark.django_db]

SEALED_AT = datetime(2026, 11, 25, 4, 17, tzinfo=UTC)

FIRST = "Digest 1 (issuance 1-5, sealed 2026-11-25 04:17:00+00:00)"
SECOND = "Digest 2 (issuance 6-11, sealed 2026-11-25 04:17:00+00:00)"
LAST = "Digest 5 (export 1, sealed 2026-11-25 04:17:00+00:00)"
CHANGED_OR_FOREIGN = "was changed, or signed with a key that this site does not have."

COPY_FIRST = """
INSERT INTO {digest} (number, kind, subject, format, first_row, last_row, count, rows, sha256,
previous, signature, created_at)
SELECT 6, 'removed', subject, format, first_row, last_row, count, rows, sha256, previous, signature,
created_at FROM {digest} WHERE number = 1
"""


@pytest.fixture(autouse=True)
def _sealed() -> Iterator[None]:
    """Digests: 1 issuance 1-5, 2 issuance 6-11, 3 issuance 12, 4 revocation 1-2, 5 export 1."""
    with time_machine.travel(SEALED_AT, tick=False):
        fill()
        seal()
        yield


def tampered(*statements: str) -> list[str]:
    """Run the statements and return what the command finds."""
    assert verify() == (0, [])
    run(*statements)
    status, findings = verify()
    assert status == (1 if findings else 0)
    return findings


def test_nothing_was_done() -> None:
    assert verify() == (0, [])


def other_value(field: models.Field[Any, Any]) -> str:
    """Return an SQL literal of the column's type that no row of these tests holds."""
    on_postgresql = connection.vendor == "postgresql"
    if isinstance(field, models.BooleanField):
        return f"NOT {field.column}"
    if isinstance(field, models.BinaryField):
        return "'\\x00ff'" if on_postgresql else "X'00ff'"
    if isinstance(field, models.DateTimeField):
        return (
            "'2026-11-24 03:00:00.123457+00'" if on_postgresql else "'2026-11-24 03:00:00.123457'"
        )
    if isinstance(field, models.GenericIPAddressField):
        return "'2001:db8::8'"
    return "'7777'"


COLUMNS = [
    (model, name)
    for model in (Issuance, Revocation, Export)
    for name in canonical.FIELDS[canonical.FORMAT][canonical.subject(model)]
    if name != "id"
]


@pytest.mark.parametrize(
    ("model", "column"), COLUMNS, ids=[f"{model.__name__}.{name}" for model, name in COLUMNS]
)
def test_a_column_of_a_row(model: type[AppendOnlyModel], column: str) -> None:
    [field] = [field for field in model._meta.concrete_fields if field.attname == column]
    name = canonical.subject(model)

    key, digest = {"issuance": (1, 1), "revocation": (2, 4), "export": (1, 5)}[name]

    [finding] = tampered(change(name, f"{column} = {other_value(field)}", key))

    assert finding.startswith(f"{name} {key} (")
    assert finding.endswith(f") was changed after digest {digest} had sealed it.")


@pytest.mark.parametrize("value", ["NULL", "'x'"], ids=["nothing", "the least"])
@pytest.mark.parametrize("column", ["member_id", "expires_at", "upstream_ms", "ip_address"])
def test_nothing_is_not_something(column: str, value: str) -> None:
    if value == "'x'":
        value = {"member_id": "0", "upstream_ms": "0", "ip_address": "'::'"}.get(
            column, "'1970-01-01 00:00:00+00'"
        )
    assert len(tampered(change("issuance", f"{column} = {value}", 1))) == 1


ROWS: dict[str, tuple[list[str], list[str]]] = {
    "the first row deleted": (
        ["DELETE FROM {issuance} WHERE id = 1"],
        ["issuance 1 was removed after digest 1 had sealed it."],
    ),
    "a row in the middle deleted": (
        ["DELETE FROM {issuance} WHERE id = 8"],
        ["issuance 8 was removed after digest 2 had sealed it."],
    ),
    "the last row deleted": (
        ["DELETE FROM {issuance} WHERE id = 12"],
        ["issuance 12 was removed after digest 3 had sealed it."],
    ),
    "rows of two digests deleted": (
        ["DELETE FROM {issuance} WHERE id IN (2, 4, 5, 6, 8)"],
        [
            "issuance 2 was removed after digest 1 had sealed it.",
            "issuance 4-5: 2 rows were removed after digest 1 had sealed them.",
            "issuance 6-8: 2 rows were removed after digest 2 had sealed them.",
        ],
    ),
    "a row moved to the key of a gap": (
        ["UPDATE {issuance} SET id = 7 WHERE id = 8"],
        [
            "issuance 7 (reference ref8, 2026-11-24 03:08:00+00:00) was inserted into what digest "
            "2 had sealed.",
            "issuance 8 was removed after digest 2 had sealed it.",
        ],
    ),
    "a row moved behind the last digest": (
        ["UPDATE {issuance} SET id = 99 WHERE id = 8"],
        ["issuance 8 was removed after digest 2 had sealed it."],
    ),
    "two rows swapped": (
        [
            "UPDATE {issuance} SET id = 99 WHERE id = 2",
            "UPDATE {issuance} SET id = 2 WHERE id = 10",
            "UPDATE {issuance} SET id = 10 WHERE id = 99",
        ],
        [
            "issuance 2 (reference ref10, 2026-11-24 03:10:00+00:00) was changed after digest 1 "
            "had sealed it.",
            "issuance 10 (reference ref2, 2026-11-24 03:02:00+00:00) was changed after digest 2 "
            "had sealed it.",
        ],
    ),
    "the outcome of a revocation changed": (
        ["UPDATE {revocation} SET ended = NOT ended WHERE id = 2"],
        [
            "revocation 2 (of issuance 3, 2026-11-24 05:00:00+00:00) was changed after digest 4 "
            "had sealed it."
        ],
    ),
    "a revocation deleted": (
        ["DELETE FROM {revocation} WHERE id = 1"],
        ["revocation 1 was removed after digest 4 had sealed it."],
    ),
    "an export deleted": (
        ["DELETE FROM {export}"],
        ["export 1 was removed after digest 5 had sealed it."],
    ),
    "all issuances deleted": (
        ["DELETE FROM {issuance}"],
        [
            "issuance 1-5: 5 rows were removed after digest 1 had sealed them.",
            "issuance 6-11: 5 rows were removed after digest 2 had sealed them.",
            "issuance 12 was removed after digest 3 had sealed it.",
        ],
    ),
}


@pytest.mark.parametrize(("statements", "findings"), ROWS.values(), ids=ROWS)
def test_rows(statements: list[str], findings: list[str]) -> None:
    assert tampered(*statements) == findings


@pytest.mark.parametrize(
    ("key", "finding"),
    [
        (7, "was inserted into what digest 2 had sealed."),
        (0, "was inserted: keys begin with 1."),
        (-3, "was inserted: keys begin with 1."),
    ],
    ids=["the key of a gap", "nought", "negative"],
)
def test_a_row_inserted(key: int, finding: str) -> None:
    issuance(key, username="mallory", reference="forged", created_at=BEGIN).save()

    assert verify() == (
        1,
        [f"issuance {key} (reference forged, 2026-11-24 03:00:00+00:00) {finding}"],
    )


def test_a_row_deleted_and_inserted_in_its_place() -> None:
    run("DELETE FROM {issuance} WHERE id = 4")
    issuance(4, username="mallory").save()

    assert verify()[1] == [
        "issuance 4 (reference ref4, 2026-11-24 03:04:00+00:00) was changed after digest 1 had "
        "sealed it."
    ]


def test_the_same_row_inserted_again_is_the_same() -> None:
    run("DELETE FROM {issuance}")
    Issuance.objects.bulk_create([issuance(key) for key in (12, 1, 11, 2, 10, 3, 9, 4, 8, 5, 6)])

    assert verify() == (0, [])


def test_truncated() -> None:
    on_postgresql = connection.vendor == "postgresql"

    # The trigger does not see it: docs/security.md says why.
    findings = tampered("TRUNCATE {revocation}" if on_postgresql else "DELETE FROM {revocation}")

    assert findings == ["revocation 1-2: 2 rows were removed after digest 4 had sealed them."]


DIGEST_COLUMNS = [
    field.column for field in Digest._meta.concrete_fields if field.column != "number"
]


@pytest.mark.parametrize("column", DIGEST_COLUMNS)
@pytest.mark.parametrize("number", [1, 2, 5])
def test_a_column_of_a_digest(column: str, number: int) -> None:
    value = other_value(Digest._meta.get_field(column))

    findings = tampered(change("digest", f"{column} = {value}", number))

    assert findings.pop(0).startswith(f"Digest {number} (")
    uncovered = {1: ["issuance 1-5"], 2: ["issuance 6-11"], 5: []}[number]
    assert findings == [
        f"{rows}: not checked, as no valid digest covers it (rows: 5)." for rows in uncovered
    ]


DIGESTS: dict[str, tuple[list[str], list[str]]] = {
    "the first deleted": (
        ["DELETE FROM {digest} WHERE number = 1"],
        [
            "Digest 1 is missing.",
            "issuance 1-5: not checked, as no valid digest covers it (rows: 5).",
        ],
    ),
    "two in the middle deleted": (
        ["DELETE FROM {digest} WHERE number IN (2, 3)"],
        ["Digests 2 to 3 are missing."],
    ),
    "all but the last deleted": (
        ["DELETE FROM {digest} WHERE number < 5"],
        ["Digests 1 to 4 are missing."],
    ),
    "two swapped": (
        [
            "UPDATE {digest} SET number = 99 WHERE number = 1",
            "UPDATE {digest} SET number = 1 WHERE number = 2",
            "UPDATE {digest} SET number = 2 WHERE number = 99",
        ],
        [
            f"{SECOND.replace('2', '1', 1)} {CHANGED_OR_FOREIGN}",
            f"{FIRST.replace('1', '2', 1)} was changed: digest 3 knows it differently.",
            "issuance 1-11: not checked, as no valid digest covers it (rows: 10).",
        ],
    ),
    "one moved to the end": (
        ["UPDATE {digest} SET number = 6 WHERE number = 1"],
        [
            "Digest 1 is missing.",
            "issuance 1-5: not checked, as no valid digest covers it (rows: 5).",
            f"{FIRST.replace('1', '6', 1)} {CHANGED_OR_FOREIGN}",
        ],
    ),
    "a copy at the end, as a removal that covers a deletion": (
        [
            COPY_FIRST,
            "DELETE FROM {issuance} WHERE id < 6",
        ],
        [
            "issuance 1-5: 5 rows were removed after digest 1 had sealed them.",
            f"Digest 6 (issuance 1-5, removed 2026-11-25 04:17:00+00:00) {CHANGED_OR_FOREIGN}",
        ],
    ),
    "one turned into a removal of the next one's rows": (
        [
            "UPDATE {digest} SET kind = 'removed' WHERE number = 2",
            "DELETE FROM {issuance} WHERE id BETWEEN 6 AND 11",
        ],
        [
            f"{SECOND.replace('sealed', 'removed')} was changed: digest 3 knows it differently.",
            "issuance 6-11: not checked, as no valid digest covers it (rows: 0).",
        ],
    ),
    "a row changed and the hashes with it": (
        [
            "UPDATE {issuance} SET username = 'otto' WHERE id = 2",
            "UPDATE {digest} SET rows = {other}, sha256 = 'x' WHERE number = 1",
        ],
        [
            f"{FIRST} was changed: digest 2 knows it differently.",
            "issuance 1-5: not checked, as no valid digest covers it (rows: 5).",
        ],
    ),
}


@pytest.mark.parametrize(("statements", "findings"), DIGESTS.values(), ids=DIGESTS)
def test_digests(statements: list[str], findings: list[str]) -> None:
    other = other_value(Digest._meta.get_field("rows"))
    assert tampered(*(statement.replace("{other}", other) for statement in statements)) == findings


NEW_KEY = "a new key " * 5
UNKNOWN_KEY = (
    "Digests 1 to 5 were changed, or signed with a key that this site does not have. Was "
    "SECRET_KEY changed, and the old one taken from SECRET_KEY_FALLBACKS before chatkit_digest had "
    "sealed with the new one?"
)


class TestNewKey:
    def test_with_the_old_one_kept(self, settings: Any) -> None:
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW_KEY, [settings.SECRET_KEY]
        issuance(13).save()
        seal()

        assert verify() == (0, [])

    def test_with_the_old_one_kept_until_digests_are_signed_with_the_new(
        self, settings: Any
    ) -> None:
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW_KEY, [settings.SECRET_KEY]
        issuance(13).save()
        seal()
        settings.SECRET_KEY_FALLBACKS = []

        assert verify() == (0, [])
        run("UPDATE {issuance} SET username = 'otto' WHERE id = 8")
        assert verify() == (
            1,
            [
                "issuance 8 (reference ref8, 2026-11-24 03:08:00+00:00) was changed after digest 2 "
                "had sealed it."
            ],
        )

    @pytest.mark.parametrize("number", [1, 2, 4])
    def test_digests_of_the_old_one_cannot_be_changed(self, number: int, settings: Any) -> None:
        old = settings.SECRET_KEY
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW_KEY, [old]
        issuance(13).save()
        seal()
        settings.SECRET_KEY_FALLBACKS = []
        # Somebody has the old key.
        digest = Digest.objects.get(number=number)
        digest.count = 4
        forged = chain.signature(digest, old)
        run(
            change("digest", "count = 4", number),
            change("digest", f"signature = '{forged}'", number),
        )

        [finding] = [line for line in verify()[1] if line.startswith(f"Digest {number} (")]

        assert finding.endswith(f"was changed: digest {number + 1} knows it differently.")

    def test_without_the_old_one(self, settings: Any) -> None:
        settings.SECRET_KEY = NEW_KEY

        assert verify() == (1, [UNKNOWN_KEY])

    def test_without_the_old_one_nothing_is_added(self, settings: Any) -> None:
        settings.SECRET_KEY = NEW_KEY
        issuance(13).save()

        for command in ("chatkit_digest", "chatkit_prune"):
            with (
                time_machine.travel(SEALED_AT.replace(year=2030), tick=False),
                pytest.raises(CommandError, match="Digest 5, the newest, was changed, or"),
            ):
                call_command(command)

        assert Digest.objects.count() == 5
        assert Issuance.objects.count() == 12

    def test_without_the_old_one_the_newest_can_be_trusted(self, settings: Any) -> None:
        settings.SECRET_KEY = NEW_KEY
        issuance(13).save()

        call_command("chatkit_digest", "--trust-newest")

        assert verify() == (0, [])


def test_a_changed_newest_digest_is_not_vouched_for() -> None:
    run("UPDATE {digest} SET count = 7 WHERE number = 5")
    issuance(13).save()

    with pytest.raises(CommandError, match="Digest 5, the newest, was changed, or"):
        call_command("chatkit_digest")

    assert verify()[0] == 1


def test_one_digest_made_anew_with_the_sites_key() -> None:
    run(
        "UPDATE {issuance} SET username = 'otto' WHERE id = 8",
        "DELETE FROM {digest} WHERE number = 2",
    )
    first = Digest.objects.get(number=1)
    rows = reading.rows(Issuance.objects.filter(pk__range=(6, 11)), canonical.FORMAT)

    chain.append(
        chain.Tip(1, chain.link(first)),
        kind=Digest.Kind.SEALED,
        subject="issuance",
        format_=canonical.FORMAT,
        rows=chain.pack(rows),
    )

    assert verify() == (
        1,
        [f"{SECOND}, or digest 3, was made anew with the site's key: they do not fit together."],
    )


def test_the_first_digest_made_anew_with_the_sites_key() -> None:
    run("DELETE FROM {digest}")

    chain.append(
        chain.Tip(0, "f" * 64),
        kind=Digest.Kind.SEALED,
        subject="issuance",
        format_=canonical.FORMAT,
        rows=chain.pack(reading.rows(Issuance.objects.all(), canonical.FORMAT)),
    )

    assert verify() == (
        1,
        [
            "Digest 1 (issuance 1-12, sealed 2026-11-25 04:17:00+00:00) was made anew with the "
            "site's key: nothing comes before it."
        ],
    )


def test_rows_sealed_twice_with_the_sites_key() -> None:
    chain.append(
        chain.tip(),
        kind=Digest.Kind.SEALED,
        subject="issuance",
        format_=canonical.FORMAT,
        rows=chain.pack(reading.rows(Issuance.objects.all(), canonical.FORMAT)),
    )

    assert verify() == (
        1,
        [
            "Digest 6 (issuance 1-12, sealed 2026-11-25 04:17:00+00:00) seals rows that were "
            "sealed already."
        ],
    )


def test_a_digest_of_a_later_version() -> None:
    chain.append(
        chain.tip(), kind=Digest.Kind.SEALED, subject="issuance", format_=2, rows=bytes(40)
    )

    assert verify() == (
        1,
        [
            "Digest 6 (issuance 0, sealed 2026-11-25 04:17:00+00:00) is of a kind that this "
            "version does not know."
        ],
    )


def test_every_digest_deleted() -> None:
    run("DELETE FROM {digest}")

    # Not 0: whoever watches the command hears of it.
    assert verify()[0] == 2
