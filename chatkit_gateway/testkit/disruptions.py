"""A fault carried out on one request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aiohttp import web

from .api_errors import error_body
from .delivery import deliver, reset

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .faults import Fault
    from .gate import Latch


async def disrupt(
    request: web.Request, fault: Fault, latch: Latch, answer: Callable[[], Awaitable[web.Response]]
) -> web.StreamResponse:
    """Answer a request the way the fault wants it; `answer` does what was truly asked."""
    if fault.delay and not await latch.wait(fault.delay):
        reset(request)
    if fault.connection == "reset":
        reset(request)
    if fault.connection in ("hold", "hang"):
        go_on = await latch.wait()
        if fault.connection == "hang" or not go_on:
            reset(request)
    response = _replacement(fault) if fault.replaces_answer else _spoil(await answer(), fault)
    return await deliver(request, response, fault, latch)


def _replacement(fault: Fault) -> web.Response:
    status = fault.status or 200
    body = fault.body
    if body is None:
        body = json.dumps(error_body(status, fault.message, code=fault.code))
    response = web.Response(status=status, text=body, content_type="application/json")
    response.headers.update(fault.headers)
    return response


def _spoil(response: web.Response, fault: Fault) -> web.Response:
    response.headers.update(fault.headers)
    if (fault.fields or fault.without) and response.content_type == "application/json":
        content = json.loads(response.text or "null")
        if isinstance(content, dict):
            content |= fault.fields
            response.text = json.dumps(
                {name: value for name, value in content.items() if name not in fault.without}
            )
    return response
