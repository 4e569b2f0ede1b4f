"""The widget's script where OpenAI's CDN has it, told where the conversations are."""

from __future__ import annotations

import json
from pathlib import Path

from aiohttp import web

from .conversation import CONVERSATION

DEPLOYMENTS = "/deployments/chatkit/"

_WIDGET = Path(__file__).resolve().parent.parent / "static" / "chatkit_gateway" / "widget"
_ENTRY = "chatkit.js"
_CONTENT_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


class Cdn:
    """Handlers for `/deployments/chatkit/...`: the files of the first-party widget."""

    def __init__(self, directory: Path = _WIDGET) -> None:
        self._directory = directory.resolve()

    def routes(self) -> list[web.RouteDef]:
        """Where the handlers live."""
        return [web.get(DEPLOYMENTS + "{path:.+}", self._file)]

    async def _file(self, request: web.Request) -> web.Response:
        file = self._inside(request.match_info["path"])
        content = file.read_bytes()
        if file == self._directory / _ENTRY:
            content = _where_conversations_are(request) + content
        return web.Response(
            body=content,
            content_type=_CONTENT_TYPES.get(file.suffix, "application/octet-stream"),
            charset="utf-8",
            headers={"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"},
        )

    def _inside(self, path: str) -> Path:
        """The file, unless it is absent or outside the widget's directory."""
        try:
            file = (self._directory / path).resolve()
            if file.is_relative_to(self._directory) and file.is_file():
                return file
        except ValueError:  # a NUL in the path
            pass
        raise web.HTTPNotFound


def _where_conversations_are(request: web.Request) -> bytes:
    """One line of script; the address is the one by which the browser reached us."""
    address = json.dumps(f"{request.url.origin()}{CONVERSATION}")
    return f"globalThis.__chatkitHostedConversations = {address};\n".encode()
