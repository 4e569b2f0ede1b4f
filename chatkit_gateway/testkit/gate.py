"""Where requests wait until a test lets them go."""

from __future__ import annotations

import asyncio
from contextlib import suppress


class Latch:
    """Everything one request waits for; once opened, it never waits again."""

    def __init__(self) -> None:
        self._opened = asyncio.Event()
        self._go_on = True

    async def wait(self, seconds: float | None = None) -> bool:
        """Wait until opened, at most so long; False if the request is to be dropped."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._opened.wait()
        return self._go_on

    def open(self, *, go_on: bool) -> None:
        """Let the request go: on its way, or dropped."""
        self._go_on = go_on
        self._opened.set()


class Gate:
    """Hands every request the latch of its time. Used on the server's event loop only."""

    def __init__(self) -> None:
        self.latch = Latch()

    def open(self, *, go_on: bool) -> None:
        """Let every request go that has arrived by now; later ones get a new latch."""
        opened, self.latch = self.latch, Latch()
        opened.open(go_on=go_on)
