"""A real PostgreSQL for as long as a command runs: `python -m tests.postgresql -- pytest ...`.

The server is new and empty, listens on a socket in a temporary folder only, and is gone at the
end. The command finds its address in TEST_DATABASE_URL, which `tests/settings.py` reads.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg

DEBIAN = Path("/usr/lib/postgresql")
PATIENCE = 30.0
"""Seconds until the server must answer."""


@contextmanager
def running_server() -> Iterator[str]:
    """Yield the address of a fresh server, in the form that DATABASE_URL has."""
    account = _account()
    # The path of a Unix socket may have 107 characters, so the folder is near the root.
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as name:
        if account:
            os.chown(name, account["user"], account["group"])
        data = f"{name}/data"
        initdb = [_binary("initdb"), "-D", data, "-U", "postgres", "-A", "trust", "--no-sync"]
        subprocess.run(initdb, check=True, cwd=name, stdout=subprocess.DEVNULL, **account)
        with (Path(name) / "log").open("wb") as log:
            server = subprocess.Popen(
                [_binary("postgres"), "-D", data, *_settings(name)],
                cwd=name,
                stdout=log,
                stderr=log,
                **account,
            )
        try:
            _wait(server, Path(name))
            yield f"postgres://postgres@/postgres?host={quote(name)}"
        finally:
            # "Fast shutdown": ends the sessions that are left instead of waiting for them.
            server.send_signal(signal.SIGINT)
            server.wait()


@contextmanager
def database_of_its_own(server: str) -> Iterator[str]:
    """Yield the address of a new, empty database on this server; at the end it is gone."""
    name = f"own_{secrets.token_hex(8)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _settings(folder: str) -> Iterator[str]:
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": folder,
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
    }
    for setting, value in settings.items():
        yield from ("-c", f"{setting}={value}")


def _wait(server: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    ask = [_binary("pg_isready"), "-q", "-h", str(folder), "-U", "postgres"]
    while subprocess.run(ask).returncode:
        if server.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"PostgreSQL did not start:\n{(folder / 'log').read_text()}")
        time.sleep(0.05)


def _account() -> dict[str, Any]:
    """How to run the server as somebody else, since it refuses to run as root."""
    if os.getuid() != 0:
        return {}
    postgres = pwd.getpwnam("postgres")
    return {"user": postgres.pw_uid, "group": postgres.pw_gid, "extra_groups": []}


def _binary(name: str) -> str:
    """Return the path of a program; Debian keeps the server's out of the PATH."""
    found = sorted(DEBIAN.glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    program = str(found[-1]) if found else shutil.which(name)
    if not program:
        sys.exit(f"PostgreSQL's {name} is missing: apt-get install postgresql")
    return program


def main() -> int:
    """Run the command that follows ``--`` and return its status."""
    command = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []
    if not command:
        sys.exit("usage: python -m tests.postgresql -- COMMAND ...")
    # A test run that is ended from outside takes the server along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with running_server() as url:
        return subprocess.run(command, env=os.environ | {"TEST_DATABASE_URL": url}).returncode


if __name__ == "__main__":
    sys.exit(main())
