"""The one event loop of a process: shared by all threads, on time, and anew after a fork."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from chatkit_gateway.backends import event_loop

CALLERS = 32


async def running_loop() -> int:
    return id(asyncio.get_running_loop())


@pytest.fixture
def _eager_switching() -> Iterator[None]:
    """Let the interpreter change threads as often as it can, so that races show."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("_eager_switching")
def test_callers_that_come_first_together_share_one_loop() -> None:
    for _ in range(20):
        event_loop.forget()
        together = threading.Barrier(CALLERS)

        def first(_: int, together: threading.Barrier = together) -> int:
            together.wait()
            return event_loop.run(running_loop, deadline=10)

        with ThreadPoolExecutor(CALLERS) as executor:
            assert len(set(executor.map(first, range(CALLERS)))) == 1


def test_what_is_late_is_cancelled() -> None:
    ended: list[str] = []

    async def slow() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    with pytest.raises(TimeoutError):
        event_loop.run(slow, deadline=0.05)
    assert ended == ["cancelled"]


def test_errors_reach_the_caller() -> None:
    async def broken() -> None:
        raise LookupError("as it was raised")

    with pytest.raises(LookupError, match="as it was raised"):
        event_loop.run(broken, deadline=10)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_has_a_loop_of_its_own() -> None:
    event_loop.run(running_loop, deadline=10)
    child = os.fork()
    if child == 0:
        event_loop.run(running_loop, deadline=10)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
