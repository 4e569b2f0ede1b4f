"""Getting an answer onto the wire, whole or in the way a fault wants it."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import aclosing
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from .faults import Fault
    from .gate import Latch

_EVENTS_BEFORE_TROUBLE = 12


class EventStream(web.Response):
    """An answer as server-sent events, sent as they come."""

    def __init__(self, events: AsyncGenerator[bytes, None]) -> None:
        headers = {"Cache-Control": "no-cache, no-transform"}
        super().__init__(content_type="text/event-stream", headers=headers)
        self.events = events


async def deliver(
    request: web.Request, response: web.Response, fault: Fault, latch: Latch
) -> web.StreamResponse:
    """Send the answer; when the listener leaves, the events stop where they are."""
    streamed = isinstance(response, EventStream)
    if not streamed and fault.connection not in ("truncate", "stall", "trickle"):
        return response
    sent = web.StreamResponse(status=response.status, headers=response.headers)
    if not streamed:
        sent.content_length = len(_body(response))
    await sent.prepare(request)
    pieces_before_trouble = _EVENTS_BEFORE_TROUBLE if streamed else 1
    async with aclosing(_pieces(response)) as pieces:
        count = 0
        async for piece in pieces:
            if count == pieces_before_trouble:
                if fault.connection == "truncate":
                    close(request)
                    break
                if fault.connection == "stall" and not await latch.wait():
                    reset(request)
            count += 1
            if fault.connection == "trickle":
                await _trickle(request, sent, piece, latch, fault.interval)
            else:
                await sent.write(piece)
    return sent


def reset(request: web.Request) -> None:
    """End the connection with RST, as a peer that crashed does; nothing more can be sent."""
    if request.transport is not None:
        connection = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
    raise asyncio.CancelledError


def close(request: web.Request) -> None:
    """End the connection after what has been sent so far."""
    if request.transport is not None:
        request.transport.close()


async def _trickle(
    request: web.Request, sent: web.StreamResponse, piece: bytes, latch: Latch, interval: float
) -> None:
    for byte in piece:
        await sent.write(bytes([byte]))
        if not await latch.wait(interval):
            reset(request)


async def _pieces(response: web.Response) -> AsyncGenerator[bytes, None]:
    if isinstance(response, EventStream):
        async with aclosing(response.events) as events:
            async for event in events:
                yield event
    else:
        body = _body(response)
        yield body[: len(body) // 2]
        yield body[len(body) // 2 :]


def _body(response: web.Response) -> bytes:
    return response.body if isinstance(response.body, bytes) else b""
