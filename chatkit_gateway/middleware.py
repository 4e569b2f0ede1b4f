"""Optional middleware: one reference id for the whole request, not for the gateway's part alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, cast

from asgiref.sync import iscoroutinefunction
from django.utils.decorators import sync_and_async_middleware

from chatkit_gateway import reference

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase


@sync_and_async_middleware
def reference_middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[..., Any]:
    """Set the reference before anything else runs. List it first in ``MIDDLEWARE``.

    It stays set when the response is on its way, since Django and the server log their own lines
    then. It cannot reach another request: under ASGI each has a context of its own, and under WSGI
    the thread's next request sets the next one.
    """
    if iscoroutinefunction(get_response):

        async def serve(request: HttpRequest) -> HttpResponseBase:
            reference.begin()
            return await cast("Awaitable[HttpResponseBase]", get_response(request))

        return serve

    def serve_sync(request: HttpRequest) -> HttpResponseBase:
        reference.begin()
        return cast("HttpResponseBase", get_response(request))

    return serve_sync
