"""One's own ChatKit server: the page's fetch carries all requests, its words are shown."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.widget.conftest import Chat
from tests.browser.widget.streams import BEGUN, THREAD, USER, answer_item, open_with


def test_request__goes_through_the_pages_fetch(chat: Chat) -> None:
    open_with(chat, *BEGUN, {"type": "thread.item.done", "item": answer_item("Grüße 👋")})
    chat.ask("Hello")
    chat.expect_answer("Grüße 👋")
    [sent] = chat.page.evaluate("chat.sent")
    assert sent["url"] == f"{chat.emulator.url}/own/chatkit"
    assert sent["type"] == "threads.create"
    assert sent["params"]["input"] == {
        "content": [{"type": "input_text", "text": "Hello"}],
        "attachments": [],
        "inference_options": {},
    }


def test_server_error__is_shown_in_its_words(chat: Chat) -> None:
    words = "The **market** is closed."
    open_with(chat, *BEGUN, {"type": "error", "code": "custom", "message": words})
    chat.ask("Hello")
    expect(chat.alert).to_contain_text(words)
    expect(chat.page.get_by_role("button", name="Try again")).to_have_count(0)


def test_retry__after_the_message_was_taken_does_not_send_it_again(chat: Chat) -> None:
    open_with(chat, *BEGUN, {"type": "error", "code": "stream.error", "allow_retry": True})
    chat.ask("Hello")
    chat.page.get_by_role("button", name="Try again").click()
    expect(chat.alert).to_contain_text("Something went wrong")
    kinds = [sent["type"] for sent in chat.page.evaluate("chat.sent")]
    assert kinds == ["threads.create", "threads.retry_after_item"]


def test_empty_stream__is_a_failure(chat: Chat) -> None:
    open_with(chat, *BEGUN)
    chat.ask("Hello")
    expect(chat.alert).to_contain_text("No answer came")


def test_events__beside_the_answer_are_shown(chat: Chat) -> None:
    source = {"type": "url", "title": "Annual report", "url": "https://example.org/report"}
    open_with(
        chat,
        *BEGUN,
        {"type": "client_effect", "name": "celebrate", "data": {"level": 3}},
        {"type": "notice", "level": "warning", "title": "Careful", "message": "Only **two** left"},
        {"type": "an.event.of.the.future", "detail": 1},
        {"type": "thread.item.done", "item": USER | {"type": "widget", "id": "w1", "widget": {}}},
        {"type": "thread.item.done", "item": USER | {"type": "end_of_turn", "id": "e1"}},
        {
            "type": "thread.item.done",
            "item": answer_item("Here.", annotations=[{"type": "annotation", "source": source}]),
        },
    )
    chat.ask("Hello")
    answer = chat.expect_answer("Here.")
    expect(answer.get_by_role("link", name="Annual report")).to_be_visible()
    expect(chat.page.get_by_text("Only two left")).to_be_visible()
    expect(chat.page.get_by_text("cannot be shown here yet")).to_be_visible()
    assert chat.events("effect") == [{"name": "celebrate", "data": {"level": 3}}]


def test_closed_thread__takes_no_message(chat: Chat) -> None:
    thread = THREAD | {"status": {"type": "closed", "reason": "The pitch is over."}}
    open_with(
        chat,
        *BEGUN,
        {"type": "notice", "level": "info", "message": "Bye"},
        {"type": "thread.updated", "thread": thread},
    )
    chat.ask("Hello")
    expect(chat.page.get_by_text("The pitch is over.")).to_be_visible()
    expect(chat.composer).to_be_disabled()
