"""`/v1/chatkit/threads` as a server calls it with its API key: the same threads members see."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from aiohttp import web

from .api_errors import ApiError
from .schema import Check, integer, one_of, record, string
from .threads import Item, Page, Thread, Threads, paginate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .incoming import Doorkeeper

_PAGING: dict[str, Check] = {
    "limit": integer(1, 100),
    "order": one_of("asc", "desc"),
    "after": string(),
    "before": string(),
}


class ThreadApi:
    """Handlers that list, show and delete threads."""

    def __init__(self, threads: Threads, doorkeeper: Doorkeeper) -> None:
        self._threads = threads
        self._doorkeeper = doorkeeper

    def routes(self) -> list[web.RouteDef]:
        """Where the handlers live."""
        thread = "/v1/chatkit/threads/{thread_id}"
        return [
            web.get("/v1/chatkit/threads", self._list),
            web.get(thread, self._show),
            web.delete(thread, self._delete),
            web.get(f"{thread}/items", self._list_items),
        ]

    async def _list(self, request: web.Request) -> web.Response:
        self._doorkeeper.admit(request)
        query = _query(request, {"user": string()})
        threads = self._threads.of(query.pop("user", None))
        return _listing(paginate([(t.id, _thread(t)) for t in threads], **query))

    async def _show(self, request: web.Request) -> web.Response:
        return web.json_response(_thread(self._asked_for(request)))

    async def _delete(self, request: web.Request) -> web.Response:
        thread = self._asked_for(request)
        self._threads.delete(thread)
        answer = {"id": thread.id, "object": "chatkit.thread.deleted", "deleted": True}
        return web.json_response(answer)

    async def _list_items(self, request: web.Request) -> web.Response:
        items = self._asked_for(request).items
        return _listing(paginate([(item["id"], _item(item)) for item in items], **_query(request)))

    def _asked_for(self, request: web.Request) -> Thread:
        self._doorkeeper.admit(request)
        return self._threads.get(request.match_info["thread_id"])


def _query(request: web.Request, extra: Mapping[str, Check] | None = None) -> dict[str, Any]:
    query: dict[str, Any] = dict(request.query)
    if "limit" in query:
        try:
            query["limit"] = int(query["limit"])
        except ValueError:
            raise ApiError(400, "'limit' must be an integer.", param="limit") from None
    record({}, _PAGING | dict(extra or {}))("", query)
    return {"limit": None, "order": "desc"} | query


def _listing(page: Page) -> web.Response:
    first = page.data[0]["id"] if page.data else None
    return web.json_response(
        {
            "object": "list",
            "data": page.data,
            "first_id": first,
            "last_id": page.last,
            "has_more": page.has_more,
        }
    )


def _thread(thread: Thread) -> dict[str, Any]:
    return {
        "id": thread.id,
        "object": "chatkit.thread",
        "created_at": int(thread.created_at),
        "title": thread.title,
        "status": {"type": "active"},
        "user": thread.user,
    }


def _item(item: Item) -> dict[str, Any]:
    """An item in the shape of the API, which differs from that of the ChatKit protocol."""
    shared = {
        "id": item["id"],
        "object": "chatkit.thread_item",
        "type": f"chatkit.{item['type']}",
        "created_at": int(datetime.fromisoformat(item["created_at"]).timestamp()),
        "thread_id": item["thread_id"],
    }
    if item["type"] == "assistant_message":
        return shared | {"content": item["content"]}
    content = [{"type": "input_text", "text": part["text"]} for part in item["content"]]
    if "quoted_text" in item:
        content.append({"type": "quoted_text", "text": item["quoted_text"]})
    return shared | {
        "content": content,
        "attachments": item["attachments"],
        "inference_options": item["inference_options"],
    }
