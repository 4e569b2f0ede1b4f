"""``python -m benchmarks.growth``: the admin's list and one issuance, as the audit grows.

Portals over audits of different sizes are asked in turns, so that what slows the machine down
slows each of them down.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks import servers
from benchmarks.audits import LIST, lay
from tests.visitor import PASSWORD, Visitor

SIZES = (0, 10_000, 1_000_000)


@dataclass
class Portal:
    """A portal over an audit of one size, and two who use it."""

    admin: Visitor
    member: Visitor
    far_down: int
    """The last page that the list has, here."""
    reference: str
    detail: str
    """Of an issuance in the middle of the audit; where there is none, of the list."""

    def page(self, address: str) -> None:
        """Open a page of the admin."""
        answer = self.admin.http.get(address)
        assert answer.status_code == 200, (address, answer.status_code)

    def issue(self) -> None:
        """Ask for a client secret."""
        answer = self.member.ask()
        assert answer.status_code == 200, answer.text


MEASURED: dict[str, Callable[[Portal], None]] = {
    "the list": lambda portal: portal.page(LIST),
    "a page far down": lambda portal: portal.page(f"{LIST}?p={portal.far_down}"),
    "one error code": lambda portal: portal.page(f"{LIST}?error_code=upstream_timeout"),
    "search by username": lambda portal: portal.page(f"{LIST}?q=member.123"),
    "search by reference": lambda portal: portal.page(f"{LIST}?q={portal.reference}"),
    "one row's page": lambda portal: portal.page(portal.detail),
    # Last, since it adds rows.
    "one issuance": Portal.issue,
}


def main() -> None:
    """Measure each page and the issuance, size by size, and print medians and ratios."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--requests", type=int, default=20, help="in each run, one by one")
    options = parser.parse_args()
    os.environ |= servers.PORTAL
    with ExitStack() as stack:
        os.environ["CHATKIT_EMULATOR_URL"] = stack.enter_context(servers.emulator(0))
        portals = [_start(stack, rows) for rows in SIZES]
        print(f"{'':<22}" + "".join(f"{f'{rows:,} rows':>18}" for rows in SIZES))
        for name, ask in MEASURED.items():
            times = _measure(portals, ask, options.runs, options.requests)
            medians = [statistics.median(of_one) * 1000 for of_one in times]
            ratios = [median / medians[0] for median in medians]
            cells = (f"{m:.1f} ms x{r:.2f}" for m, r in zip(medians, ratios, strict=True))
            print(f"{name:<22}" + "".join(f"{cell:>18}" for cell in cells), flush=True)


def _start(stack: ExitStack, rows: int) -> Portal:
    audit = lay(rows)
    server = servers.uvicorn("pitchguard_site.asgi:application", audit.environment)
    url = stack.enter_context(server)
    admin, member = (
        stack.enter_context(Visitor(url)).log_in(name, PASSWORD) for name in ("admin", "member")
    )
    key, reference = audit.from_the_middle() or (0, "none")
    detail = f"{LIST}{key}/change/" if key else LIST
    return Portal(admin, member, min(max(rows // 50, 1), 200), reference, detail)


def _measure(
    portals: list[Portal], ask: Callable[[Portal], None], runs: int, requests: int
) -> list[list[float]]:
    """Return for each portal the median time of a request in each run."""
    times: list[list[float]] = [[] for _ in portals]
    for warm_up in (True, *[False] * runs):
        for portal, of_one in zip(portals, times, strict=True):
            median = statistics.median(_time(ask, portal) for _ in range(requests))
            if not warm_up:
                of_one.append(median)
    return times


def _time(ask: Callable[[Portal], None], portal: Portal) -> float:
    started = time.perf_counter()
    ask(portal)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
