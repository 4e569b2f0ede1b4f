"""``python -m benchmarks``: the session endpoint against the bare one, as ratios in one run."""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from benchmarks import load, servers
from benchmarks.accounts import prepare_database
from tests.visitor import Visitor

Server = Callable[[dict[str, str]], AbstractContextManager[str]]

PORTAL: dict[str, tuple[Server, str]] = {
    "sync view, uvicorn": (
        partial(servers.uvicorn, "pitchguard_site.asgi:application"),
        "/chatkit/session",
    ),
    "async view, uvicorn": (
        partial(servers.uvicorn, "pitchguard_site.asgi:application"),
        "/async/session",
    ),
    "sync view, gunicorn 8 threads": (
        partial(servers.gunicorn, "pitchguard_site.wsgi:application", threads=8),
        "/chatkit/session",
    ),
}


def main() -> None:
    """Measure every variant against the reference, pair by pair, and print the medians."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--upstream-ms", type=int, default=0)
    parser.add_argument("--callers", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= servers.PORTAL
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{Path(folder) / 'db.sqlite3'}")
        prepare_database(dict(os.environ))
        with servers.emulator(options.upstream_ms) as upstream:
            os.environ["CHATKIT_EMULATOR_URL"] = upstream
            print(f"{'variant':<32}{'ratio':>7}{'req/s':>8}{'ref':>7}{'p50 ms':>8}{'ref':>7}")
            for name, (server, path) in PORTAL.items():
                _measure(name, server, path, options)


def _measure(name: str, server: Server, path: str, options: argparse.Namespace) -> None:
    reference = servers.uvicorn("benchmarks.reference:app", dict(os.environ))
    with reference as bare, server(dict(os.environ)) as portal, Visitor(portal) as visitor:
        visitor.log_in("member")
        cookies = "; ".join(f"{name}={value}" for name, value in visitor.http.cookies.items())
        targets = (
            load.Target(f"{bare}/chatkit/session", {}),
            load.Target(f"{portal}{path}", {"Cookie": cookies, **visitor.csrf()}),
        )
        pairs = []
        for warm_up in (True, *[False] * options.pairs):
            seconds = max(3, options.seconds) if warm_up else options.seconds
            pair = [load.run(target, options.callers, seconds) for target in targets]
            if not warm_up:
                pairs.append(pair)
    median = statistics.median
    ratio = median(ours.rate / theirs.rate for theirs, ours in pairs)
    print(
        f"{name:<32}{ratio:>7.2f}"
        f"{median(ours.rate for _, ours in pairs):>8.0f}"
        f"{median(theirs.rate for theirs, _ in pairs):>7.0f}"
        f"{median(ours.p50 for _, ours in pairs):>8.1f}"
        f"{median(theirs.p50 for theirs, _ in pairs):>7.1f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
