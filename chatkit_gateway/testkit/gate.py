"""Where requests wait until a test lets them go."""

from __future__ import annotations

import asyncio
import threading


class Gate:
    """Requests wait on the server's event loop; any thread may open the gate for them."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[bool]] = set()
        self._lock = threading.Lock()

    async def wait(self, seconds: float | None = None) -> bool:
        """Wait to be let go, at most so long; False if the request is to be dropped instead."""
        future = asyncio.get_running_loop().create_future()
        with self._lock:
            self._waiting.add(future)
        try:
            async with asyncio.timeout(seconds):
                return await future
        except TimeoutError:
            return True
        finally:
            with self._lock:
                self._waiting.discard(future)

    def open(self, *, go_on: bool) -> None:
        """Let everything go that is waiting now: on its way, or dropped."""
        with self._lock:
            for future in self._waiting:
                future.get_loop().call_soon_threadsafe(_settle, future, go_on)


def _settle(future: asyncio.Future[bool], go_on: bool) -> None:
    if not future.done():
        future.set_result(go_on)
