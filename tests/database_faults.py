"""Real databases that really fail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

SQLITE = """
CREATE TRIGGER audit_down BEFORE INSERT ON {table}
BEGIN SELECT RAISE(ABORT, 'the disk is full'); END
"""
POSTGRESQL = """
CREATE FUNCTION audit_down() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$;
CREATE TRIGGER audit_down BEFORE INSERT ON {table}
FOR EACH ROW EXECUTE FUNCTION audit_down();
"""


@contextmanager
def audit_refuses_rows(table: str = "chatkit_gateway_issuance") -> Iterator[None]:
    """Let the database refuse every new row of the table for as long as the block runs."""
    on_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute((POSTGRESQL if on_postgresql else SQLITE).format(table=table))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            if on_postgresql:
                cursor.execute(f"DROP TRIGGER audit_down ON {table}")
                cursor.execute("DROP FUNCTION audit_down()")
            else:
                cursor.execute("DROP TRIGGER audit_down")


@contextmanager
def audit_is_gone() -> Iterator[None]:
    """Take the audit's table away for as long as the block runs."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE chatkit_gateway_issuance RENAME TO put_away")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE put_away RENAME TO chatkit_gateway_issuance")
