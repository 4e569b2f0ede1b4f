"""The conversation as the ChatKit widget holds it: one endpoint, a client secret, many requests."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from aiohttp import web

from . import answers
from .delivery import EventStream
from .incoming import bearer, json_body
from .protocol import check_request
from .threads import Item, Thread, Threads, paginate

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from .sessions import Session, Sessions

CONVERSATION = "/v1/chatkit/conversation"

_STREAMING = {"threads.create", "threads.add_user_message", "threads.retry_after_item"}


class Conversation:
    """Handlers for the requests of the ChatKit protocol.

    `answer` turns a question into Markdown; `chunk_delay` is the pause in seconds between two
    pieces of it. Only what asks for an answer counts in the session's limit per minute.
    """

    def __init__(
        self,
        sessions: Sessions,
        threads: Threads,
        clock: Callable[[], float],
        chunk_delay: float,
    ) -> None:
        self.answer: Callable[[str], str] = answers.offline_demo
        self._chunk_delay = chunk_delay
        self._sessions = sessions
        self._threads = threads
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        """Where the handlers live."""
        return [
            web.post(CONVERSATION, self._handle),
            web.options(CONVERSATION, self._preflight),
        ]

    async def _preflight(self, _request: web.Request) -> web.Response:
        allowed = {
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Headers": "Authorization, Content-Type",
            "Access-Control-Max-Age": "600",
        }
        return web.Response(status=204, headers=allowed)

    async def _handle(self, request: web.Request) -> web.Response:
        session = self._sessions.opened_by(bearer(request))
        body = await json_body(request)
        kind, params = check_request(body)
        if kind in _STREAMING:
            session.count_request(self._clock())
            return EventStream(self._stream(session, *self._begin(session, kind, params)))
        return web.json_response(self._look_up(session, kind, params))

    def _begin(
        self, session: Session, kind: str, params: dict[str, Any]
    ) -> tuple[Thread, Item, list[dict[str, Any]]]:
        """Take the user's message; the thread, the message and the events that report them."""
        if kind == "threads.retry_after_item":
            thread = self._threads.get(params["thread_id"], session.user)
            return thread, thread.cut_after(params["item_id"]), []
        if kind == "threads.create":
            thread = self._threads.create(session.user)
            events = [{"type": "thread.created", "thread": thread.as_json()}]
        else:
            thread, events = self._threads.get(params["thread_id"], session.user), []
        message = self._message(thread, params["input"])
        thread.items.append(message)
        return thread, message, [*events, {"type": "thread.item.done", "item": message}]

    def _message(self, thread: Thread, given: dict[str, Any]) -> Item:
        quoted = given.get("quoted_text")
        return thread.new_item(
            self._clock(),
            "user_message",
            content=given["content"],
            attachments=[],
            inference_options=_present(given["inference_options"]),
            **({} if quoted is None else {"quoted_text": quoted}),
        )

    async def _stream(
        self, session: Session, thread: Thread, message: Item, begun: list[dict[str, Any]]
    ) -> AsyncGenerator[bytes, None]:
        for event in begun:
            yield _frame(event)
        yield _frame({"type": "stream_options", "stream_options": {"allow_cancel": True}})
        question = "\n".join(part["text"] for part in message["content"])
        titling = session.chatkit_configuration["automatic_thread_titling"]["enabled"]
        if thread.title is None and titling:
            thread.title = answers.title(question)
            yield _frame({"type": "thread.updated", "thread": thread.as_json()})
        async with aclosing(self._answer(thread, self.answer(question))) as answer:
            async for event in answer:
                yield _frame(event)

    async def _answer(self, thread: Thread, text: str) -> AsyncGenerator[dict[str, Any], None]:
        item = thread.new_item(self._clock(), "assistant_message", content=[])
        part: dict[str, Any] = {"type": "output_text", "text": "", "annotations": []}

        def update(kind: str, **change: Any) -> dict[str, Any]:
            kind = f"assistant_message.content_part.{kind}"
            details = {"type": kind, "content_index": 0} | change
            return {"type": "thread.item.updated", "item_id": item["id"], "update": details}

        try:
            yield {"type": "thread.item.added", "item": item}
            yield update("added", content=part)
            for piece in answers.pieces(text):
                await asyncio.sleep(self._chunk_delay)
                part["text"] += piece
                yield update("text_delta", delta=piece)
            yield update("done", content=part)
        finally:  # also when the listener has left: what was said stays said
            if part["text"]:
                item["content"] = [part]
                thread.items.append(item)
        yield {"type": "thread.item.done", "item": item}

    def _look_up(self, session: Session, kind: str, params: dict[str, Any]) -> dict[str, Any]:
        if kind == "threads.list":
            return self._list(session, params)
        thread = self._threads.get(params["thread_id"], session.user)
        match kind:
            case "threads.get_by_id":
                return thread.as_json(thread.page(limit=None, order="asc", after=None))
            case "items.list":
                return thread.page(**_paging(params)).as_json()
            case "threads.update":
                thread.title = params["title"]
                return thread.as_json()
            case "threads.delete":
                self._threads.delete(thread)
        return {}

    def _list(self, session: Session, params: dict[str, Any]) -> dict[str, Any]:
        history = session.chatkit_configuration["history"]
        threads = self._threads.of(session.user) if history["enabled"] else []
        threads = threads[-(history["recent_threads"] or len(threads)) :]
        entries = [(thread.id, thread.as_json()) for thread in threads]
        return paginate(entries, **_paging(params)).as_json()


def _paging(params: dict[str, Any]) -> dict[str, Any]:
    return {
        "limit": params.get("limit"),
        "order": params.get("order") or "desc",
        "after": params.get("after"),
    }


def _present(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _frame(event: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(event)}\n\n".encode()
