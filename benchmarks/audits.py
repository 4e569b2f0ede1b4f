"""Audits of a size, each in a database of its own on the server that DATABASE_URL names."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

import psycopg

from benchmarks.accounts import manage, prepare_database

LIST = "/admin/chatkit_gateway/issuance/"
FILL = "from tests.many_issuances import fill; fill({})"


@dataclass(frozen=True, slots=True)
class Audit:
    """So many issuances; the environment of a portal over them."""

    rows: int
    environment: dict[str, str]

    def from_the_middle(self) -> tuple[int, str] | None:
        """Return the key and the reference of an issuance; None where there are none."""
        with psycopg.connect(self.environment["DATABASE_URL"]) as connection:
            return connection.execute(
                "SELECT id, reference FROM chatkit_gateway_issuance WHERE id = %s", [self.rows // 2]
            ).fetchone()


def lay(rows: int) -> Audit:
    """Make a database with the accounts of `prepare_database` and so many issuances."""
    server = os.environ.get("TEST_DATABASE_URL") or os.environ["DATABASE_URL"]
    name = f"audit_of_{rows}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}".encode())
        connection.execute(f"CREATE DATABASE {name}".encode())
    address = re.sub(r"^(\w+://[^/]*/)\w+", rf"\g<1>{name}", server)
    environment = {**os.environ, "DATABASE_URL": address}
    prepare_database(environment)
    if rows:
        manage(environment, "shell", "-v", "0", "-c", FILL.format(rows))
    return Audit(rows, environment)
