"""One event loop in a thread of its own, for calls that must end on time.

Blocking sockets only time out between two bytes, so an upstream that trickles could hold a thread
for as long as it likes. A coroutine can be cancelled at its deadline; run here, it can from any
view, under WSGI as under ASGI, and all calls of the process share one client and its connections.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")

_loop: asyncio.AbstractEventLoop | None = None
_starting = threading.Lock()


def run(call: Callable[[], Coroutine[Any, Any, Result]], deadline: float) -> Result:
    """Run the call on the loop and return its result; blocks the calling thread.

    Raises TimeoutError when it has not ended after ``deadline`` seconds (the call is cancelled
    then), and whatever the call raises.
    """

    async def within_deadline() -> Result:
        async with asyncio.timeout(deadline):
            return await call()

    return asyncio.run_coroutine_threadsafe(within_deadline(), _running_loop()).result()


def forget() -> None:
    """Let the next call start a loop of its own; the present one is left to its thread."""
    global _loop, _starting
    _loop, _starting = None, threading.Lock()


# A forked worker inherits the loop without its thread, and the lock as it was.
os.register_at_fork(after_in_child=forget)


def _running_loop() -> asyncio.AbstractEventLoop:
    global _loop
    with _starting:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            # A daemon: an upstream that hangs must not keep the server from stopping.
            threading.Thread(target=_loop.run_forever, name="chatkit-upstream", daemon=True).start()
        return _loop
