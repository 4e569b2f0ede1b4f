"""What handlers read off a request before they look at what it asks for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .api_errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Collection

    from aiohttp import web


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


class Doorkeeper:
    """Admits requests that carry an accepted API key and ask for the beta."""

    def __init__(self, api_keys: Collection[str] | None) -> None:
        self._api_keys = api_keys

    def admit(self, request: web.Request) -> None:
        """Raise unless the request may go on."""
        key = bearer(request)
        if not key:
            raise ApiError(401, "You didn't provide an API key in an Authorization header.")
        accepted = key.startswith("sk-") if self._api_keys is None else key in self._api_keys
        if not accepted:
            raise ApiError(401, "Incorrect API key provided.", code="invalid_api_key")
        if request.headers.get("OpenAI-Beta") != "chatkit_beta=v1":
            message = "This API is in beta: send the header 'OpenAI-Beta: chatkit_beta=v1'."
            raise ApiError(400, message, code="invalid_beta")
