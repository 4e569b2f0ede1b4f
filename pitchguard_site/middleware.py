"""No page of the portal is for a cache: each is made for one visitor."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, cast

from asgiref.sync import iscoroutinefunction
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import sync_and_async_middleware

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase


@sync_and_async_middleware
def no_store_middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[..., Any]:
    """Forbid caches to keep an answer that says nothing about it. List it after static files."""
    if iscoroutinefunction(get_response):

        async def serve(request: HttpRequest) -> HttpResponseBase:
            return _marked(await cast("Awaitable[HttpResponseBase]", get_response(request)))

        return serve

    def serve_sync(request: HttpRequest) -> HttpResponseBase:
        return _marked(cast("HttpResponseBase", get_response(request)))

    return serve_sync


def _marked(response: HttpResponseBase) -> HttpResponseBase:
    if not response.has_header("Cache-Control"):
        add_never_cache_headers(response)
    return response
