"""A fault carried out on one HTTP request."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable

from aiohttp import web

from .api_errors import error_body
from .faults import Fault
from .gate import Gate

Answer = Callable[[], Awaitable[web.Response]]

_EVENTS_BEFORE_TRUNCATION = 5


class EventStream(web.Response):
    """An answer sent in chunks as they come, as server-sent events."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        headers = {"Cache-Control": "no-cache, no-transform"}
        super().__init__(body=chunks, content_type="text/event-stream", headers=headers)
        self.chunks = chunks


async def disrupt(
    request: web.Request, fault: Fault, gate: Gate, answer: Answer
) -> web.StreamResponse:
    """Answer a request the way the fault wants it; `answer` does what was truly asked."""
    if fault.delay and not await gate.wait(fault.delay):
        return _reset(request)
    if fault.connection == "reset":
        return _reset(request)
    if fault.connection in ("hold", "hang"):
        go_on = await gate.wait()
        if fault.connection == "hang" or not go_on:
            return _reset(request)
    response = _replacement(fault) if fault.replaces_answer else _spoil(await answer(), fault)
    if fault.connection == "truncate":
        return await _truncate(request, response)
    if fault.connection == "trickle":
        return await _trickle(request, response, gate, fault.interval)
    return response


def _replacement(fault: Fault) -> web.Response:
    status = fault.status or 200
    body = fault.body
    if body is None:
        body = json.dumps(error_body(status, fault.message, code=fault.code))
    return web.Response(
        status=status, text=body, content_type="application/json", headers=fault.headers
    )


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


async def _truncate(request: web.Request, response: web.Response) -> web.StreamResponse:
    cut = web.StreamResponse(status=response.status, headers=response.headers)
    if isinstance(response, EventStream):
        cut.enable_chunked_encoding()
    else:
        cut.content_length = len(_body(response))
    await cut.prepare(request)
    if isinstance(response, EventStream):
        sent = 0
        async for chunk in response.chunks:
            await cut.write(chunk)
            sent += 1
            if sent == _EVENTS_BEFORE_TRUNCATION:
                break
    else:
        await cut.write(_body(response)[: len(_body(response)) // 2])
    if request.transport is not None:
        request.transport.close()
    return cut


async def _trickle(
    request: web.Request, response: web.Response, gate: Gate, interval: float
) -> web.StreamResponse:
    slow = web.StreamResponse(status=response.status, headers=response.headers)
    await slow.prepare(request)
    async for chunk in _chunks(response):
        for byte in chunk:
            await slow.write(bytes([byte]))
            if not await gate.wait(interval):
                return _reset(request)
    return slow


async def _chunks(response: web.Response) -> AsyncIterator[bytes]:
    if isinstance(response, EventStream):
        async for chunk in response.chunks:
            yield chunk
    else:
        yield _body(response)


def _body(response: web.Response) -> bytes:
    return response.body if isinstance(response.body, bytes) else b""


def _reset(request: web.Request) -> web.StreamResponse:
    """End the connection with RST, as a crashed or overloaded peer does."""
    if request.transport is not None:
        connection = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
    raise asyncio.CancelledError
