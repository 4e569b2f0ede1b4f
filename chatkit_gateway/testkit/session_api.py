"""`/v1/chatkit/sessions` as a server calls it with its API key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from .incoming import Doorkeeper, json_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from .sessions import Sessions


class SessionApi:
    """Handlers that issue and cancel sessions."""

    def __init__(
        self, sessions: Sessions, doorkeeper: Doorkeeper, clock: Callable[[], float]
    ) -> None:
        self._sessions = sessions
        self._doorkeeper = doorkeeper
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        """Where the handlers live."""
        return [
            web.post("/v1/chatkit/sessions", self._create),
            web.post("/v1/chatkit/sessions/{session_id}/cancel", self._cancel),
        ]

    async def _create(self, request: web.Request) -> web.Response:
        self._doorkeeper.admit(request)
        session = self._sessions.create(await json_body(request))
        return web.json_response(session.as_json(self._clock()))

    async def _cancel(self, request: web.Request) -> web.Response:
        self._doorkeeper.admit(request)
        session = self._sessions.cancel(request.match_info["session_id"])
        return web.json_response(session.as_json(self._clock()))
