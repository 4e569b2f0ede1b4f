"""The part of the OpenAI API that takes an API key: sessions."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import Any

from aiohttp import web

from .api_errors import ApiError
from .sessions import Sessions


def bearer(request: web.Request) -> str:
    """The credential of a request, or an empty string."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


async def json_body(request: web.Request) -> Any:
    """The body of a request as JSON."""
    try:
        return json.loads(await request.read())
    except ValueError:
        message = "We could not parse the JSON body of your request."
        raise ApiError(400, message) from None


class OpenAIApi:
    """Handlers for `/v1/chatkit/...` as a server calls them."""

    def __init__(
        self,
        sessions: Sessions,
        api_keys: Collection[str] | None,
        clock: Callable[[], float],
    ) -> None:
        self._sessions = sessions
        self._api_keys = api_keys
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        """Where the handlers live."""
        return [
            web.post("/v1/chatkit/sessions", self._create_session),
            web.post("/v1/chatkit/sessions/{session_id}/cancel", self._cancel_session),
        ]

    async def _create_session(self, request: web.Request) -> web.Response:
        self._admit(request)
        session = self._sessions.create(await json_body(request))
        return web.json_response(session.as_json(self._clock()))

    async def _cancel_session(self, request: web.Request) -> web.Response:
        self._admit(request)
        session = self._sessions.cancel(request.match_info["session_id"])
        return web.json_response(session.as_json(self._clock()))

    def _admit(self, request: web.Request) -> None:
        key = bearer(request)
        if not key:
            raise ApiError(401, "You didn't provide an API key in an Authorization header.")
        accepted = key.startswith("sk-") if self._api_keys is None else key in self._api_keys
        if not accepted:
            raise ApiError(401, "Incorrect API key provided.", code="invalid_api_key")
        if request.headers.get("OpenAI-Beta") != "chatkit_beta=v1":
            message = "This API is in beta: send the header 'OpenAI-Beta: chatkit_beta=v1'."
            raise ApiError(400, message, code="invalid_beta")
