"""A database may hold what a column's type cannot; the row is named all the same.

SQLite takes anything in any column; PostgreSQL takes moments that Python has no words for.
"""

from __future__ import annotations

import pytest

from tests.sealed_audit import change, fill, run, seal, verify

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _sealed() -> None:
    fill()
    seal()


@pytest.mark.parametrize(
    "assignment",
    [
        "created_at = '2026-13-45 99:00:00'",
        "created_at = 'yesterday'",
        "created_at = X'00'",
        "created_at = 12",
        "expires_at = '0001-01-01 00:00:00'",
        "username = X'6d61726961'",
        "username = CAST(X'ff' AS TEXT)",
        "username = 12.5",
        "status = 'two hundred'",
        "status = 1e300",
        "refresh = 2",
        "refresh = 'no'",
        "upstream_ms = X'00'",
        "ip_address = 'nowhere'",
        "ip_address = X'00'",
        "ip_address = 0",
        "member_id = 'maria'",
        # The same to Python, and not to SQL.
        "created_at = '2026-11-24T03:03:00.123456'",
        "created_at = '20261124 030300.123456'",
        "created_at = '2026-11-24 04:03:00.123456+01:00'",
        "ip_address = '2001:DB8::7'",
        "refresh = '0x'",
    ],
)
def test_of_sqlite(assignment: str) -> None:
    run(change("issuance", assignment, 3))

    status, [finding] = verify()

    assert status == 1
    assert finding.startswith("issuance 3")
    assert finding.endswith("was changed after digest 1 had sealed it.")


@pytest.mark.parametrize(
    "assignment",
    [
        "created_at = '2026-13-45 99:00:00'",
        "created_at = X'00'",
        "kind = CAST(X'ff' AS TEXT)",
        "rows = 'nothing'",
        "rows = 12",
        "count = 'few'",
        "last_row = 'the last'",
        "first_row = 1e300",
        "format = 'mine'",
        "signature = X'00'",
        "signature = 12",
    ],
)
def test_digests_of_sqlite(assignment: str) -> None:
    run(change("digest", assignment, 2))

    status, findings = verify()

    assert status == 1
    assert findings[0].startswith("Digest 2 ")
    assert "was changed" in findings[0]
    assert findings[1:] == ["issuance 6-11: not checked, as no valid digest covers it (rows: 5)."]


@pytest.mark.database
@pytest.mark.postgresql
@pytest.mark.parametrize(
    "assignment",
    ["created_at = 'infinity'", "expires_at = '20260-01-01'", "ip_address = '192.0.2.0/24'"],
)
def test_of_postgresql(assignment: str) -> None:
    run(change("issuance", assignment, 3))

    status, [finding] = verify()

    assert status == 1
    assert finding.startswith("issuance 3")
    assert finding.endswith("was changed after digest 1 had sealed it.")
