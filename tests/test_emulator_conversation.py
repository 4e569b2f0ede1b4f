"""The emulator's conversation endpoint, in the exact shapes of the ChatKit protocol."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from chatkit_gateway.testkit import Emulator

Event = dict[str, Any]


class Clock:
    """A time that a test moves."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def emulator(clock: Clock) -> Iterator[Emulator]:
    with Emulator(clock=clock, chunk_delay=0) as running:
        yield running


def secret_of(emulator: Emulator, user: str = "member", **options: Any) -> str:
    body = {"user": user, "workflow": {"id": "wf_demo"}} | options
    headers = {"Authorization": "Bearer sk-test", "OpenAI-Beta": "chatkit_beta=v1"}
    answer = httpx2.post(f"{emulator.api_url}/chatkit/sessions", json=body, headers=headers)
    return str(answer.json()["client_secret"])


def ask(emulator: Emulator, secret: str, kind: str, /, **params: Any) -> httpx2.Response:
    return httpx2.post(
        f"{emulator.api_url}/chatkit/conversation",
        json={"type": kind, "params": params},
        headers={"Authorization": f"Bearer {secret}".strip()},
    )


def message(text: str) -> dict[str, Any]:
    content = [{"type": "input_text", "text": text}]
    return {"content": content, "attachments": [], "inference_options": {}}


def events(response: httpx2.Response) -> list[Event]:
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/event-stream")
    frames = response.text.removesuffix("\n\n").split("\n\n")
    assert all(frame.startswith("data: ") for frame in frames)
    return [json.loads(frame.removeprefix("data: ")) for frame in frames]


def start(emulator: Emulator, secret: str, text: str = "Hello") -> str:
    created = events(ask(emulator, secret, "threads.create", input=message(text)))[0]
    return str(created["thread"]["id"])


def texts(items: list[Event]) -> list[str]:
    return [part["text"] for item in items for part in item["content"]]


def test_create__events_in_order(emulator: Emulator) -> None:
    stream = events(
        ask(emulator, secret_of(emulator), "threads.create", input=message("Who are *you*?"))
    )
    kinds = [event["type"] for event in stream]
    assert kinds[:5] == [
        "thread.created",
        "thread.item.done",
        "stream_options",
        "thread.updated",
        "thread.item.added",
    ]
    assert set(kinds[5:-1]) == {"thread.item.updated"}
    assert kinds[-1] == "thread.item.done"
    created, question, options, updated, added = stream[:5]
    assert created["thread"]["items"] == {"data": [], "has_more": False}
    assert created["thread"]["status"] == {"type": "active"}
    assert question["item"]["type"] == "user_message"
    assert question["item"]["content"] == [{"type": "input_text", "text": "Who are *you*?"}]
    assert options["stream_options"] == {"allow_cancel": True}
    assert updated["thread"]["title"] == "Who are *you*?"
    assert added["item"]["type"] == "assistant_message"
    assert added["item"]["content"] == []


def test_create__text_arrives_in_pieces(emulator: Emulator) -> None:
    stream = events(ask(emulator, secret_of(emulator), "threads.create", input=message("Why?")))
    updates = [event["update"] for event in stream if event["type"] == "thread.item.updated"]
    assert updates[0] == {
        "type": "assistant_message.content_part.added",
        "content_index": 0,
        "content": {"type": "output_text", "text": "", "annotations": []},
    }
    deltas = [update["delta"] for update in updates[1:-1]]
    assert len(deltas) > 50
    assert updates[-1]["type"] == "assistant_message.content_part.done"
    assert updates[-1]["content"]["text"] == "".join(deltas)
    assert stream[-1]["item"]["content"] == [updates[-1]["content"]]
    added = next(event for event in stream if event["type"] == "thread.item.added")
    item_ids = {event["item_id"] for event in stream if "item_id" in event}
    assert item_ids == {added["item"]["id"]} == {stream[-1]["item"]["id"]}


def test_answer__is_marked_and_shows_every_formatting(emulator: Emulator) -> None:
    stream = events(ask(emulator, secret_of(emulator), "threads.create", input=message("Why so?")))
    [text] = texts([stream[-1]["item"]])
    assert text.startswith("**Offline demo.** No model was asked")
    for formatting in ("> Why so?", "\n## ", "\n- ", "\n1. ", "```python\n", "](https://", "*Why*"):
        assert formatting in text


def test_answer__own(emulator: Emulator) -> None:
    emulator.answer_with(lambda question: f"You said: {question.upper()}")
    secret = secret_of(emulator)
    stream = events(ask(emulator, secret, "threads.create", input=message("hello")))
    assert texts([stream[-1]["item"]]) == ["You said: HELLO"]


def test_threads__survive_in_a_new_session_of_the_same_user(emulator: Emulator) -> None:
    thread = start(emulator, secret_of(emulator), "First")
    later = secret_of(emulator)
    events(
        ask(emulator, later, "threads.add_user_message", thread_id=thread, input=message("Again"))
    )
    loaded = ask(emulator, later, "threads.get_by_id", thread_id=thread).json()
    assert loaded["title"] == "First"
    kinds = [item["type"] for item in loaded["items"]["data"]]
    assert kinds == ["user_message", "assistant_message"] * 2
    assert texts(loaded["items"]["data"])[::2] == ["First", "Again"]


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("threads.get_by_id", {}),
        ("items.list", {}),
        ("threads.update", {"title": "Mine"}),
        ("threads.delete", {}),
        ("items.feedback", {"item_ids": ["x"], "kind": "positive"}),
        ("threads.add_user_message", {"input": message("Hi")}),
        ("threads.retry_after_item", {"item_id": "x"}),
    ],
)
def test_threads__another_users_is_as_absent_as_an_unknown_one(
    emulator: Emulator, kind: str, params: dict[str, Any]
) -> None:
    foreign = start(emulator, secret_of(emulator, "ada"))
    secret = secret_of(emulator, "bob")
    answers = [
        ask(emulator, secret, kind, thread_id=thread_id, **params)
        for thread_id in (foreign, "cthr_unknown")
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].text.replace(foreign, "cthr_unknown") == answers[1].text
    assert ask(emulator, secret, "threads.list").json() == {"data": [], "has_more": False}


def test_threads__list_in_pages(emulator: Emulator) -> None:
    secret = secret_of(emulator)
    for text in ("One", "Two", "Three"):
        start(emulator, secret, text)
    first = ask(emulator, secret, "threads.list", limit=2).json()
    assert [thread["title"] for thread in first["data"]] == ["Three", "Two"]
    assert first["has_more"]
    rest = ask(emulator, secret, "threads.list", limit=2, after=first["after"]).json()
    assert [thread["title"] for thread in rest["data"]] == ["One"]
    assert rest["has_more"] is False
    assert "after" not in rest
    assert ask(emulator, secret, "threads.list", after="cthr_unknown").status_code == 404


def test_threads__history_as_the_session_allows(emulator: Emulator) -> None:
    secret = secret_of(emulator)
    for text in ("One", "Two"):
        start(emulator, secret, text)
    for history, expected in (
        ({"enabled": False}, []),
        ({"recent_threads": 1}, ["Two"]),
        ({"recent_threads": 9}, ["Two", "One"]),
    ):
        allowed = secret_of(emulator, chatkit_configuration={"history": history})
        listed = ask(emulator, allowed, "threads.list").json()["data"]
        assert [thread["title"] for thread in listed] == expected


def test_threads__no_title_unless_the_session_wants_it(emulator: Emulator) -> None:
    untitled = {"automatic_thread_titling": {"enabled": False}}
    secret = secret_of(emulator, chatkit_configuration=untitled)
    thread = start(emulator, secret)
    assert "title" not in ask(emulator, secret, "threads.get_by_id", thread_id=thread).json()


def test_threads__rename_and_delete(emulator: Emulator) -> None:
    secret = secret_of(emulator)
    thread = start(emulator, secret)
    renamed = ask(emulator, secret, "threads.update", thread_id=thread, title="Mine").json()
    assert renamed["title"] == "Mine"
    assert ask(emulator, secret, "threads.delete", thread_id=thread).json() == {}
    assert ask(emulator, secret, "threads.get_by_id", thread_id=thread).status_code == 404


def test_items__list_and_feedback(emulator: Emulator) -> None:
    secret = secret_of(emulator)
    thread = start(emulator, secret)
    page = ask(emulator, secret, "items.list", thread_id=thread, limit=1).json()
    assert [item["type"] for item in page["data"]] == ["assistant_message"]
    older = ask(emulator, secret, "items.list", thread_id=thread, after=page["after"]).json()
    assert [item["type"] for item in older["data"]] == ["user_message"]
    liked = [page["data"][0]["id"]]
    feedback = {"thread_id": thread, "item_ids": liked, "kind": "positive"}
    assert ask(emulator, secret, "items.feedback", **feedback).json() == {}


def test_retry__forgets_what_followed(emulator: Emulator) -> None:
    secret = secret_of(emulator)
    thread = start(emulator, secret, "First")
    events(
        ask(emulator, secret, "threads.add_user_message", thread_id=thread, input=message("Second"))
    )
    items = ask(emulator, secret, "items.list", thread_id=thread, order="asc").json()["data"]
    stream = events(
        ask(emulator, secret, "threads.retry_after_item", thread_id=thread, item_id=items[0]["id"])
    )
    assert [event["type"] for event in stream[:2]] == ["stream_options", "thread.item.added"]
    kept = ask(emulator, secret, "items.list", thread_id=thread, order="asc").json()["data"]
    assert [item["id"] for item in kept] == [items[0]["id"], stream[-1]["item"]["id"]]


def test_secret__unknown_or_missing(emulator: Emulator) -> None:
    for secret in ("", "ek_unknown"):
        refused = ask(emulator, secret, "threads.list")
        assert refused.status_code == 401
        assert set(refused.json()["error"]) == {"message", "type", "param", "code"}


def test_secret__expires(emulator: Emulator, clock: Clock) -> None:
    secret = secret_of(emulator, expires_after={"anchor": "created_at", "seconds": 60})
    clock.now += 59
    assert ask(emulator, secret, "threads.list").status_code == 200
    clock.now += 1
    assert ask(emulator, secret, "threads.list").status_code == 401


def test_rate_limit__counts_answers_per_minute(emulator: Emulator, clock: Clock) -> None:
    secret = secret_of(emulator, rate_limits={"max_requests_per_1_minute": 2})
    start(emulator, secret)
    clock.now += 20
    start(emulator, secret)
    limited = ask(emulator, secret, "threads.create", input=message("Too much"))
    assert limited.status_code == 429
    assert limited.headers["Retry-After"] == "40"
    assert ask(emulator, secret, "threads.list").status_code == 200
    clock.now += 40
    start(emulator, secret)


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("threads.create", {}),
        ("threads.create", {"input": {"content": "Hello"}}),
        ("threads.create", {"input": message("Hi") | {"attachments": ["atc_1"]}}),
        ("threads.create", {"input": message("Hi") | {"content": [{"type": "image"}]}}),
        ("threads.list", {"order": "random"}),
        ("threads.list", {"limit": -1}),
        ("threads.update", {"thread_id": "t"}),
        ("items.feedback", {"thread_id": "t", "item_ids": [], "kind": "meh"}),
        ("threads.custom_action", {}),
    ],
)
def test_request__refused_in_words(emulator: Emulator, kind: str, params: dict[str, Any]) -> None:
    refused = ask(emulator, secret_of(emulator), kind, **params)
    assert refused.status_code == 400
    assert refused.json()["error"]["message"]


def test_listener_leaves__the_answer_stops_and_what_was_said_is_kept(emulator: Emulator) -> None:
    emulator.answer_with(lambda question: " ".join(f"word{number}" for number in range(1000)))
    secret = secret_of(emulator)
    emulator.fail("stalled", times=1)
    with httpx2.stream(
        "POST",
        f"{emulator.api_url}/chatkit/conversation",
        json={"type": "threads.create", "params": {"input": message("Long")}},
        headers={"Authorization": f"Bearer {secret}"},
    ) as response:
        lines = response.iter_lines()
        created = json.loads(next(lines).removeprefix("data: "))
        while "word3" not in next(lines):
            pass
    thread = created["thread"]["id"]
    items = kept_items(emulator, secret, thread)
    assert items[1]["content"][0]["text"].startswith("word0 word1 word2")
    assert "word999" not in items[1]["content"][0]["text"]


def kept_items(emulator: Emulator, secret: str, thread: str) -> list[Event]:
    """The items, once the emulator has noticed that the listener is gone."""
    for _ in range(1000):
        page = ask(emulator, secret, "items.list", thread_id=thread, order="asc").json()
        if len(page["data"]) == 2:
            return list(page["data"])
    raise AssertionError("the partial answer was not kept")


def test_truncated__in_the_middle_of_the_answer(emulator: Emulator) -> None:
    secret = secret_of(emulator)
    emulator.fail("truncated")
    with pytest.raises(httpx2.RemoteProtocolError):
        ask(emulator, secret, "threads.create", input=message("Hello"))


def test_cors__any_origin_without_credentials(emulator: Emulator) -> None:
    url = f"{emulator.api_url}/chatkit/conversation"
    asked = {
        "Origin": "https://portal.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    preflight = httpx2.options(url, headers=asked)
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert preflight.headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type"
    assert "Access-Control-Allow-Credentials" not in preflight.headers
    refused = ask(emulator, "ek_unknown", "threads.list")
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    emulator.fail("rate_limited")
    limited = ask(emulator, "ek_unknown", "threads.list")
    assert limited.headers["Access-Control-Allow-Origin"] == "*"
    assert "Retry-After" in limited.headers["Access-Control-Expose-Headers"]
