"""A web application on a local port, in a thread with an event loop of its own."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Callable

_Result = TypeVar("_Result")

_SECONDS_TO_FINISH = 0.1


@dataclass(frozen=True, slots=True)
class ServerThread:
    """A server that is listening."""

    port: int
    _thread: threading.Thread
    _loop: asyncio.AbstractEventLoop
    _stopping: asyncio.Event

    @classmethod
    def start(cls, application: web.Application, host: str, port: int) -> ServerThread:
        """Listen, on any free port if it is 0; `OSError` if the port is taken."""
        started: Future[ServerThread] = Future()

        async def serve() -> None:
            runner = web.AppRunner(
                application,
                access_log=None,
                handler_cancellation=True,
                shutdown_timeout=_SECONDS_TO_FINISH,
            )
            try:
                await runner.setup()
                await web.TCPSite(runner, host, port).start()
                stopping = asyncio.Event()
                bound = runner.addresses[0][1]
                loop = asyncio.get_running_loop()
                started.set_result(cls(bound, threading.current_thread(), loop, stopping))
                await stopping.wait()
            except OSError as error:
                started.set_exception(error)
            finally:
                await runner.cleanup()

        threading.Thread(
            target=lambda: asyncio.run(serve()), name="openai-emulator", daemon=True
        ).start()
        return started.result()

    def call(self, function: Callable[[], _Result]) -> _Result:
        """Run a function between two steps of the requests, from whatever thread."""
        if threading.current_thread() is self._thread:
            return function()

        async def step() -> _Result:
            return function()

        return asyncio.run_coroutine_threadsafe(step(), self._loop).result()

    def stop(self) -> None:
        """Drop every connection and stop listening."""
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
