"""The emulator's web application: every request is recorded, disrupted if so wished, answered."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any, cast

from aiohttp import web

from .api_errors import ApiError
from .cdn import DEPLOYMENTS
from .conversation import CONVERSATION
from .disruptions import disrupt
from .faults import Fault, FaultBoard
from .recording import RecordedRequest, RequestLog

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aiohttp.typedefs import Handler

    from .gate import Gate

CONTROL = "/_emulator/"
_API = "/v1/"


def build(
    routes: Iterable[web.AbstractRouteDef], log: RequestLog, faults: FaultBoard, gate: Gate
) -> web.Application:
    """An application with these routes, under the eye of the log and at the mercy of the faults."""

    @web.middleware
    async def attend(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(CONTROL) or request.method == "OPTIONS":
            return await _answer(request, handler)
        if request.path.startswith(_API):
            log.add(await _record(request))
        fault = faults.take(request.path) or Fault()
        return await disrupt(request, fault, gate.latch, lambda: _answer(request, handler))

    application = web.Application(middlewares=[attend])
    application.add_routes(routes)
    application.on_response_prepare.append(_sign)
    return application


async def _answer(request: web.Request, handler: Handler) -> web.Response:
    try:
        response = await handler(request)
    except ApiError as refusal:
        return web.json_response(refusal.as_json(), status=refusal.status, headers=refusal.headers)
    except web.HTTPException as refusal:
        message = f"Invalid URL ({request.method} {request.path})"
        return web.json_response(ApiError(refusal.status, message).as_json(), status=refusal.status)
    return cast(web.Response, response)


async def _record(request: web.Request) -> RecordedRequest:
    body: Any = None
    try:
        body = json.loads(await request.read())
    except ValueError:
        body = None
    return RecordedRequest.of(
        request.method, request.path, dict(request.query), dict(request.headers), body
    )


async def _sign(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.setdefault("x-request-id", f"req_{secrets.token_hex(16)}")
    if request.path.startswith((CONVERSATION, DEPLOYMENTS)):
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "Retry-After, x-request-id"
