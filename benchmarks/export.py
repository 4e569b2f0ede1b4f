"""``python -m benchmarks.export``: memory and time of an export, as the audit grows."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks import servers
from benchmarks.audits import LIST, Audit, lay
from tests.visitor import PASSWORD, Visitor

Server = Callable[[dict[str, str]], AbstractContextManager[str]]

SIZES = (10_000, 1_000_000)
SERVERS: dict[str, Server] = {
    "uvicorn": partial(servers.uvicorn, "pitchguard_site.asgi:application"),
    "gunicorn, 4 threads": partial(servers.gunicorn, "pitchguard_site.wsgi:application", threads=4),
}


def main() -> None:
    """Export both audits in both formats under both servers; print peaks of resident memory."""
    os.environ |= servers.PORTAL
    audits = [lay(rows) for rows in SIZES]
    heads = f"{'server':<20}{'rows':>10}{'format':>8}{'MB':>6}{'s':>7}"
    print(f"{heads}{'MB before':>11}{'MB at most':>12}")
    for name, server in SERVERS.items():
        for audit in audits:
            for format in ("csv", "jsonl"):
                _measure(name, server, audit, format)


def _measure(name: str, server: Server, audit: Audit, format: str) -> None:
    with server(audit.environment) as url, Visitor(url) as admin:
        admin.log_in("admin", PASSWORD)
        assert admin.http.get(LIST).status_code == 200
        before = _peak_memory(url)
        started = time.perf_counter()
        size = lines = 0
        with admin.http.stream(
            "POST", f"{LIST}export/", data={"format": format}, headers=admin.csrf()
        ) as answer:
            assert answer.status_code == 200
            for piece in answer.iter_bytes():
                size += len(piece)
                lines += piece.count(b"\n")
        took = time.perf_counter() - started
        assert lines == audit.rows + (format == "csv")
        peak = _peak_memory(url)
    print(
        f"{name:<20}{audit.rows:>10,}{format:>8}{size / 1e6:>6.0f}{took:>7.1f}"
        f"{before / 1e6:>11.0f}{peak / 1e6:>12.0f}",
        flush=True,
    )


def _peak_memory(url: str) -> int:
    """Return the most bytes of memory that a process listening on the address ever held."""
    port = f"0100007F:{urlsplit(url).port:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
    sockets = {f"socket:[{row[9]}]" for row in rows if row[1] == port}
    return max(_peak(pid) for pid in Path("/proc").glob("[0-9]*") if _holds(pid, sockets))


def _holds(process: Path, sockets: set[str]) -> bool:
    try:
        return any(str(fd.readlink()) in sockets for fd in (process / "fd").iterdir())
    except OSError:
        return False


def _peak(process: Path) -> int:
    return int((process / "status").read_text().partition("VmHWM:")[2].split()[0]) * 1024


if __name__ == "__main__":
    main()
