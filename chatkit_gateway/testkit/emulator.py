"""The emulator as a test or a command holds it."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Collection
from concurrent.futures import Future
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from aiohttp import web

from . import server
from .faults import Fault, FaultBoard, Rule, resolve
from .gate import Gate
from .openai_api import OpenAIApi
from .recording import RecordedRequest, RequestLog
from .sessions import Session, Sessions

_API_PATHS = "/v1/*"


@dataclass(frozen=True, slots=True)
class _Running:
    thread: threading.Thread
    loop: asyncio.AbstractEventLoop
    stopping: asyncio.Event
    port: int


class Emulator:
    """OpenAI's ChatKit API on a local port, in a thread of its own.

    `api_keys` and `workflows` say which are accepted; None accepts any key that starts with `sk-`
    and any well-formed `wf_...`. `clock` tells the time in seconds since 1970. Stopped and started
    again it keeps its port and forgets nothing; while it is stopped, connections are refused.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        api_keys: Collection[str] | None = None,
        workflows: Collection[str] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._host = host
        self._port = port
        self._log = RequestLog()
        self._faults = FaultBoard()
        self._gate = Gate()
        self._sessions = Sessions(workflows, clock)
        self._api = OpenAIApi(self._sessions, api_keys, clock)
        self._running: _Running | None = None

    def start(self) -> Self:
        """Listen; `OSError` if the port is taken."""
        if self._running is not None:
            raise RuntimeError("the emulator is running already")
        started: Future[_Running] = Future()
        threading.Thread(
            target=lambda: asyncio.run(self._serve(started)),
            name="openai-emulator",
            daemon=True,
        ).start()
        self._running = started.result()
        self._port = self._running.port
        return self

    def stop(self) -> None:
        """Drop every connection and stop listening; harmless when it does not run."""
        if self._running is None:
            return
        running, self._running = self._running, None
        self._gate.open(go_on=False)
        running.loop.call_soon_threadsafe(running.stopping.set)
        running.thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        if self._port == 0:
            raise RuntimeError("the emulator has no address before it is started")
        return f"http://{self._host}:{self._port}"

    @property
    def api_url(self) -> str:
        """What an OpenAI client takes as `base_url`."""
        return f"{self.url}/v1"

    @staticmethod
    def unused_url() -> str:
        """An address where nothing listens: connections to it are refused."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return f"http://127.0.0.1:{probe.getsockname()[1]}"

    @property
    def requests(self) -> list[RecordedRequest]:
        """The API requests since the last reset, in the order of their arrival."""
        return self._log.matching()

    @property
    def sessions(self) -> dict[str, Session]:
        """The sessions issued since the last reset, by id."""
        return self._sessions.all()

    def fail(
        self, fault: Fault | str | int, *, times: int | None = None, path: str = _API_PATHS
    ) -> None:
        """Switch a fault on: a `Fault`, the name of a scenario, or a bare HTTP status.

        It meets the next `times` requests (None: all, until `reset()`) whose path fits the pattern.
        Faults meet requests in the order they were switched on, and one without `times` replaces
        the one before it that has the same path and no `times` either.
        """
        self._faults.add(Rule(resolve(fault), path, times))

    def hold(self, *, times: int | None = None, path: str = _API_PATHS) -> None:
        """Make requests wait until `release()`."""
        self.fail("hold", times=times, path=path)

    def release(self) -> None:
        """Let held and delayed requests go on, drop hung ones, and hold and hang no more."""
        self._faults.lift("hold", "hang")
        self._gate.open(go_on=True)

    def wait_for_request(
        self, count: int = 1, *, timeout: float = 5.0, path: str = "*"
    ) -> list[RecordedRequest]:
        """Block until `count` requests have arrived since the last reset, answered or not.

        Returns those that fit the path; `TimeoutError` if they do not come in time.
        """
        return self._log.wait(count, timeout, path)

    def reset(self) -> None:
        """Be as new: no faults, no sessions, nothing recorded, waiting requests dropped."""
        self._faults.lift()
        self._gate.open(go_on=False)
        self._sessions.clear()
        self._log.clear()

    async def _serve(self, started: Future[_Running]) -> None:
        runner = web.AppRunner(
            server.build(self._api.routes(), self._log, self._faults, self._gate),
            access_log=None,
            handler_cancellation=True,
            shutdown_timeout=0.1,
        )
        try:
            await runner.setup()
            await web.TCPSite(runner, self._host, self._port).start()
        except BaseException as error:
            await runner.cleanup()
            started.set_exception(error)
            return
        stopping = asyncio.Event()
        port = runner.addresses[0][1]
        thread = threading.current_thread()
        started.set_result(_Running(thread, asyncio.get_running_loop(), stopping, port))
        await stopping.wait()
        await runner.cleanup()
