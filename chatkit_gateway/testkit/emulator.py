"""The emulator as a test or a command holds it."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, Any, Self, TypeVar

from . import answers, server
from .cdn import Cdn
from .control import Control
from .conversation import Conversation
from .faults import Fault, FaultBoard, Rule, resolve
from .gate import Gate
from .incoming import Doorkeeper
from .recording import RecordedRequest, RequestLog
from .server_thread import ServerThread
from .session_api import SessionApi
from .sessions import Session, Sessions
from .thread_api import ThreadApi
from .threads import Threads

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from types import TracebackType

_Result = TypeVar("_Result")
_API_PATHS = "/v1/*"


class Emulator:
    """OpenAI's ChatKit API on a local port, in a thread of its own.

    `api_keys` and `workflows` say which are accepted; None accepts any key that starts with `sk-`
    and any well-formed `wf_...`. `clock` tells the time in seconds since 1970, `chunk_delay` is the
    pause in seconds between two pieces of an answer. Stopped and started again it keeps its port
    and forgets nothing; while it is stopped, connections are refused.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        api_keys: Collection[str] | None = None,
        workflows: Collection[str] | None = None,
        clock: Callable[[], float] = time.time,
        chunk_delay: float = 0.015,
    ) -> None:
        self._host = host
        self._port = port
        self._server: ServerThread | None = None
        self._log = RequestLog()
        self._faults = FaultBoard()
        self._gate = Gate()
        self._sessions = Sessions(workflows, clock)
        self._threads = Threads(clock)
        self._conversation = Conversation(self._sessions, self._threads, clock, chunk_delay)
        doorkeeper = Doorkeeper(api_keys)
        self._rooms = (
            SessionApi(self._sessions, doorkeeper, clock),
            ThreadApi(self._threads, doorkeeper),
            self._conversation,
            Cdn(),
            Control(self),
        )

    def start(self) -> Self:
        """Listen; `OSError` if the port is taken."""
        if self._server is not None:
            raise RuntimeError("the emulator is running already")
        routes = [route for room in self._rooms for route in room.routes()]
        application = server.build(routes, self._log, self._faults, self._gate)
        self._server = ServerThread.start(application, self._host, self._port)
        self._port = self._server.port
        return self

    def stop(self) -> None:
        """Drop every connection and stop listening; harmless when it does not run."""
        if self._server is not None:
            self._on_loop(lambda: self._gate.open(go_on=False))
            self._server.stop()
            self._server = None

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
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

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
        return self._on_loop(self._sessions.all)

    @property
    def faults(self) -> list[dict[str, Any]]:
        """The faults that are switched on, oldest first."""
        return self._on_loop(self._faults.as_json)

    def answer_with(self, answer: Callable[[str], str]) -> None:
        """Let this turn the members' messages into answers in Markdown, until `reset()`."""
        self._conversation.answer = answer

    def fail(
        self, fault: Fault | str | int, *, times: int | None = None, path: str = _API_PATHS
    ) -> None:
        """Switch a fault on: a `Fault`, the name of a scenario, or a bare HTTP status.

        It meets the next `times` requests (None: all, until `reset()`) whose path fits the pattern.
        Faults meet requests in the order they were switched on, and one without `times` replaces
        the one before it that has the same path and no `times` either.
        """
        rule = Rule(resolve(fault), path, times)
        self._on_loop(lambda: self._faults.add(rule))

    def hold(self, *, times: int | None = None, path: str = _API_PATHS) -> None:
        """Make requests wait until `release()`."""
        self.fail("hold", times=times, path=path)

    def release(self) -> None:
        """Let what is held, stalled or delayed go on and drop what hangs; make no more wait."""
        self._let_go(lambda: self._faults.lift("hold", "hang", "stall"), go_on=True)

    def clear_faults(self) -> None:
        """Switch every fault off and let the requests go that wait for one, as `release()` does."""
        self._let_go(self._faults.lift, go_on=True)

    def wait_for_request(
        self, count: int = 1, *, timeout: float = 20.0, path: str = "*"
    ) -> list[RecordedRequest]:
        """Block until `count` requests for this path have arrived since the last reset.

        It does not matter whether they were answered. Returns them; `TimeoutError` if they do not
        come in time.
        """
        return self._log.wait(count, timeout, path)

    def reset(self) -> None:
        """Be as new: no faults, sessions, threads or records; waiting requests are dropped."""

        def forget() -> None:
            self._faults.lift()
            self._conversation.answer = answers.offline_demo
            self._sessions.clear()
            self._threads.clear()
            self._log.clear()

        self._let_go(forget, go_on=False)

    def _let_go(self, prepare: Callable[[], None], *, go_on: bool) -> None:
        def step() -> None:
            prepare()
            self._gate.open(go_on=go_on)

        self._on_loop(step)

    def _on_loop(self, function: Callable[[], _Result]) -> _Result:
        """Whatever changes what requests meet happens between their steps, never during one."""
        return function() if self._server is None else self._server.call(function)
