"""Whatever somebody does to the digests, `chatkit_verify` finds it and names it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command

from chatkit_gateway.digests import canonical, chain, reading
from chatkit_gateway.models import Digest, Issuance
from tests.sealed_audit import (
    change,
    issuance,
    other_value,
    run,
    sealed_in_five_digests,
    tampered,
    verify,
)

pytestmark = [pytest.mark.database, pytest.mark.django_db]

FIRST = "Digest 1 (issuance 1-5, sealed 2026-11-25 04:17:00+00:00)"
SECOND = "Digest 2 (issuance 6-11, sealed 2026-11-25 04:17:00+00:00)"
CHANGED_OR_FOREIGN = "was changed, or signed with a key that this site does not have."

COPY_FIRST = """
INSERT INTO {digest} (number, kind, subject, format, first_row, last_row, count, rows, sha256,
previous, signature, created_at)
SELECT 6, 'removed', subject, format, first_row, last_row, count, rows, sha256, previous, signature,
created_at FROM {digest} WHERE number = 1
"""


@pytest.fixture(autouse=True)
def _sealed() -> Iterator[None]:
    with sealed_in_five_digests():
        yield


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
