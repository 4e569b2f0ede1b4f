"""Load from this process: callers that each ask again as soon as they are answered."""

from __future__ import annotations

import asyncio
import statistics
import time
from dataclasses import dataclass

import aiohttp


@dataclass(frozen=True, slots=True)
class Target:
    """What every caller posts to, with its headers."""

    url: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Result:
    """Requests per second, and the median and 99th percentile of the answers in milliseconds."""

    rate: float
    p50: float
    p99: float


def run(target: Target, callers: int, seconds: float) -> Result:
    """Load the target. Raises AssertionError when it answers anything but 200."""
    return asyncio.run(_run(target, callers, seconds))


async def _run(target: Target, callers: int, seconds: float) -> Result:
    times: list[float] = []
    async with aiohttp.ClientSession(
        headers=target.headers,
        cookie_jar=aiohttp.DummyCookieJar(),
        connector=aiohttp.TCPConnector(limit=callers),
    ) as session:
        started = time.perf_counter()
        end = started + seconds
        await asyncio.gather(*(_caller(session, target.url, end, times) for _ in range(callers)))
        took = time.perf_counter() - started
    cuts = statistics.quantiles(times, n=100)
    return Result(len(times) / took, cuts[49] * 1000, cuts[98] * 1000)


async def _caller(session: aiohttp.ClientSession, url: str, end: float, times: list[float]) -> None:
    while time.perf_counter() < end:
        started = time.perf_counter()
        async with session.post(url) as answer:
            body = await answer.read()
        assert answer.status == 200, (answer.status, body[:300])
        times.append(time.perf_counter() - started)
