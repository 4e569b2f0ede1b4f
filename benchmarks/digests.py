"""``python -m benchmarks.digests``: time and memory of sealing, verifying and pruning.

Fills the database that DATABASE_URL names with issuances, which has to be empty, and runs the
commands in processes of their own.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SETTINGS = {
    "DJANGO_ENV_FILE": "",
    "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
    "DJANGO_SECRET_KEY": "only-for-benchmarks-" * 3,
    "DJANGO_SECURE": "false",
}
ROWS = """
INSERT INTO chatkit_gateway_issuance (id, member_id, username, assistant, backend, workflow_id,
outcome, error_code, status, session_id, fingerprint, login_id, expires_at, upstream_request_id,
upstream_ms, refresh, ip_address, user_agent, origin, reference, created_at)
SELECT n, n % 500, 'member-' || (n % 500), 'default',
'chatkit_gateway.backends.hosted.HostedBackend', 'wf_0123456789abcdef', 'issued', '', 200,
'cksess_' || n || '-0123456789abcdef0123456789abcdef', {hash}, {hash}, {minute},
'req_' || n || '-0123456789abcdef', 300 + n % 200, {no}, {address},
'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36',
'https://club.example', 'ref' || n, {minute} FROM {numbers}
"""
POSTGRESQL = {
    "hash": "md5(n::text) || md5((-n)::text)",
    "minute": "timestamptz '2024-01-01' + n * interval '1.123456 seconds'",
    "no": "false",
    "address": "CAST('2001:db8::' || (n % 9999) AS inet)",
    "numbers": "generate_series(1, {count}) AS n",
}
SQLITE = {
    "hash": "printf('%064x', n * 7919)",
    "minute": "strftime('%Y-%m-%d %H:%M:%S', 1704067200 + n, 'unixepoch') "
    "|| printf('.%06d', n % 999999 + 1)",
    "no": "0",
    "address": "'2001:db8::' || (n % 9998 + 1)",
    "numbers": "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s LIMIT {count}) "
    "SELECT n FROM s)",
}
FILL = """
from django.db import connection
connection.ensure_connection()
with connection.cursor() as cursor:
    cursor.execute({sql})
"""


def main() -> None:
    """Fill, run each command, print seconds and the most memory its process had."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.digests", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    count = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= SETTINGS
        url = os.environ.setdefault("DATABASE_URL", f"sqlite:///{Path(folder) / 'db.sqlite3'}")
        _run("migrate", "-v", "0", "--skip-checks")
        own = SQLITE if url.startswith("sqlite") else POSTGRESQL
        words = {name: text.replace("{count}", str(count)) for name, text in own.items()}
        _run("shell", "-v", "0", "-c", FILL.format(sql=repr(ROWS.format(**words))))
        file = str(Path(folder) / "digests.jsonl")
        print(f"{'command':<28}{'seconds':>9}{'of CPU':>8}{'MiB':>7}   rows: {count}")
        _measure("check")
        _measure("chatkit_digest", "--file", file)
        _measure("chatkit_verify", "--file", file)
        _measure("chatkit_prune")
        _measure("chatkit_verify", "--file", file)


def _run(*command: str) -> None:
    subprocess.run([sys.executable, "manage.py", *command], check=True)


def _measure(*command: str) -> None:
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "manage.py", *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _pid, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    failed = f"   status {process.returncode}" if process.returncode else ""
    own = usage.ru_utime + usage.ru_stime
    # Linux counts memory in kibibytes.
    mebibytes = usage.ru_maxrss / 1024
    print(f"{command[0]:<28}{seconds:>9.1f}{own:>8.1f}{mebibytes:>7.0f}{failed}", flush=True)


if __name__ == "__main__":
    main()
