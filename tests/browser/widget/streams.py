"""One's own ChatKit server, which says just what a test wants."""

from __future__ import annotations

import json
from typing import Any

from tests.browser.widget.conftest import Chat

USER = {
    "type": "user_message",
    "id": "m1",
    "thread_id": "t1",
    "created_at": "2026-11-22T10:00:00Z",
    "content": [{"type": "input_text", "text": "Hello"}],
    "attachments": [],
    "inference_options": {},
}
THREAD = {"id": "t1", "created_at": "2026-11-22T10:00:00Z", "items": {"data": []}}
BEGUN = [{"type": "thread.created", "thread": THREAD}, {"type": "thread.item.done", "item": USER}]


def answer_item(text: str, **part: Any) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": []} | part]
    return USER | {"type": "assistant_message", "id": "a1", "content": content}


def open_with(chat: Chat, *events: dict[str, Any], **options: Any) -> None:
    """Every request is answered with these events, cut at awkward places."""
    stream = "".join(f": ping\r\ndata: {json.dumps(event)}\r\n\r\n" for event in events)
    chat.page.add_init_script(
        f"""window.stream = new TextEncoder().encode({json.dumps(stream)});
        window.answerWithStream = () => new Response(new ReadableStream({{
          start(controller) {{
            for (let at = 0; at < stream.length; at += 7)
              controller.enqueue(stream.slice(at, at + 7));
            controller.close();
          }},
        }}));"""
    )
    chat.open(api="self_hosted", **options)
    chat.page.evaluate("chat.answer = answerWithStream")
