"""Whatever somebody does to rows of the audit by SQL, `chatkit_verify` finds it and names it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from chatkit_gateway.digests import canonical
from chatkit_gateway.models import AppendOnlyModel, Export, Issuance, Revocation
from tests.sealed_audit import (
    BEGIN,
    change,
    issuance,
    other_value,
    run,
    sealed_in_five_digests,
    tampered,
    verify,
    with_the_database_in_hand,
)

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _sealed() -> Iterator[None]:
    with sealed_in_five_digests():
        yield


def test_nothing_was_done() -> None:
    assert verify() == (0, [])


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


def test_what_was_written_into_a_row_hides_no_finding() -> None:
    with with_the_database_in_hand() as cursor:
        reference = "x\nNothing was changed.\x1b[8m"
        sql = "UPDATE chatkit_gateway_issuance SET reference = %s WHERE id = 4"
        cursor.execute(sql, [reference])

    assert verify() == (
        1,
        [
            "issuance 4 (reference x\\nNothing was changed.\\x1b[8m, 2026-11-24 03:04:00+00:00) "
            "was changed after digest 1 had sealed it."
        ],
    )


@pytest.mark.parametrize("moment", ["0001-01-01 00:00:00", "9999-12-31 23:59:59.999999"])
@pytest.mark.parametrize("zone", ["America/St_Johns", "Pacific/Auckland"])
def test_the_first_and_the_last_moment(zone: str, moment: str, settings: Any) -> None:
    settings.TIME_ZONE = zone
    zone_of_column = "+00" if connection.vendor == "postgresql" else ""

    [finding] = tampered(change("issuance", f"created_at = '{moment}{zone_of_column}'", 1))

    assert finding.startswith("issuance 1")


def test_truncated() -> None:
    on_postgresql = connection.vendor == "postgresql"

    # The trigger does not see it: docs/trust.md says why.
    findings = tampered("TRUNCATE {revocation}" if on_postgresql else "DELETE FROM {revocation}")

    assert findings == ["revocation 1-2: 2 rows were removed after digest 4 had sealed them."]
