"""Asking, answering, stopping, and coming back to a thread."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.widget.conftest import Chat

PROMPTS = [{"label": "Explain equity", "prompt": "Explain equity, please", "icon": "chart"}]


def test_answer__is_rendered_and_reported(chat: Chat) -> None:
    chat.open(startScreen={"greeting": "Good morning", "prompts": PROMPTS})
    expect(chat.page.get_by_text("Good morning")).to_be_visible()
    chat.ask("What is a pitch?")
    answer = chat.expect_answer("You asked: What is a pitch?")
    expect(answer.get_by_role("heading", name="In short")).to_be_visible()
    expect(chat.page.locator("article.user")).to_contain_text("What is a pitch?")
    assert chat.page.evaluate("chat.asked") == [None]
    assert len(chat.events("response.start")) == len(chat.events("response.end")) == 1
    [change] = chat.events("thread.change")
    assert change["threadId"]


def test_prompt__is_sent_when_chosen(chat: Chat) -> None:
    chat.open(startScreen={"prompts": PROMPTS})
    chat.page.get_by_role("button", name="Explain equity").click()
    chat.expect_answer("Explain equity, please")
    expect(chat.composer).to_be_focused()


def test_keyboard__shift_enter_breaks_the_line(chat: Chat) -> None:
    chat.open()
    chat.composer.press_sequentially("one")
    chat.composer.press("Shift+Enter")
    chat.composer.press_sequentially("two")
    assert chat.composer.input_value() == "one\ntwo"
    chat.composer.press("Enter")
    chat.expect_answer("one")
    assert chat.composer.input_value() == ""


def test_blank_message__is_not_sent(chat: Chat) -> None:
    chat.open()
    chat.ask("   ")
    expect(chat.page.locator("article")).to_have_count(0)


def test_stop__keeps_what_was_said(chat: Chat) -> None:
    chat.open()
    chat.emulator.fail("stalled", path="/v1/chatkit/conversation")
    chat.ask("What is a pitch?")
    expect(chat.answers).to_contain_text("Good question.")
    chat.page.get_by_role("button", name="Stop answering").click()
    expect(chat.page.get_by_role("button", name="Send")).to_be_visible()
    expect(chat.answers).to_contain_text("Good question.")
    expect(chat.alert).to_be_empty()
    chat.emulator.clear_faults()
    chat.ask("And now?")
    chat.expect_answer("And now?")


def test_stop__gives_an_unsent_message_back(chat: Chat) -> None:
    chat.open()
    expect(chat.composer).to_be_visible()
    chat.emulator.hold(path="/v1/chatkit/conversation")
    chat.ask("What is a pitch?")
    chat.page.get_by_role("button", name="Stop answering").click()
    expect(chat.composer).to_have_value("What is a pitch?")
    expect(chat.page.locator("article")).to_have_count(0)


def test_thread__survives_a_reload(chat: Chat) -> None:
    chat.open()
    chat.ask("What is a pitch?")
    chat.expect_answer()
    chat.open()
    chat.expect_answer("Good question.")
    threads = [detail["threadId"] for detail in chat.events("thread.load.end")]
    assert threads == [detail["threadId"] for detail in chat.events("thread.load.start")]
    chat.ask("More")
    expect(chat.answers).to_have_count(2)


def test_long_thread__is_opened_at_its_end(chat: Chat) -> None:
    chat.emulator.answer_with(lambda _question: "A line.\n\n" * 40 + "The end.")
    chat.open()
    chat.ask("What is a pitch?")
    chat.expect_answer()
    expect(chat.page.get_by_text("The end.", exact=True)).not_to_be_in_viewport()
    chat.page.get_by_role("button", name="Go to the latest message").click()
    expect(chat.page.get_by_text("The end.", exact=True)).to_be_in_viewport()
    chat.open()
    expect(chat.page.get_by_text("The end.", exact=True)).to_be_in_viewport()


def test_long_thread__loaded_between_two_frames_is_opened_at_its_end(chat: Chat) -> None:
    chat.emulator.answer_with(lambda _question: "A line.\n\n" * 40 + "The end.")
    chat.open()
    chat.ask("What is a pitch?")
    chat.expect_answer()
    chat.page.add_init_script("window.requestAnimationFrame = (draw) => setTimeout(draw, 500)")
    chat.open()
    expect(chat.page.get_by_text("The end.", exact=True)).to_be_in_viewport()


def test_initial_thread__null_wins_over_memory(chat: Chat) -> None:
    chat.open()
    chat.ask("What is a pitch?")
    chat.expect_answer()
    chat.open(initialThread=None)
    expect(chat.page.get_by_text("What can I help with today?")).to_be_visible()


def test_initial_thread__that_is_gone_gives_the_start_screen(chat: Chat) -> None:
    chat.open(initialThread="cthr_gone")
    expect(chat.page.get_by_text("What can I help with today?")).to_be_visible()
    expect(chat.alert).to_be_empty()
    expect(chat.composer).to_be_enabled()


def test_new_chat__leaves_the_thread(chat: Chat) -> None:
    chat.open()
    chat.ask("What is a pitch?")
    chat.expect_answer()
    chat.page.get_by_role("button", name="New chat").click()
    expect(chat.page.get_by_text("What can I help with today?")).to_be_visible()
    assert chat.events("thread.change")[-1] == {"threadId": None}


def test_answer_again__replaces_the_answer(chat: Chat) -> None:
    chat.open(threadItemActions={"retry": True, "feedback": True})
    chat.ask("What is a pitch?")
    chat.expect_answer("Good question.")
    chat.emulator.answer_with(lambda _question: "Second thoughts")
    chat.page.get_by_role("button", name="Answer again").click()
    chat.expect_answer("Second thoughts")
    expect(chat.answers).to_have_count(1)


@pytest.mark.parametrize("method", ["sendUserMessage", "setComposerValue"])
def test_methods__put_words_in(chat: Chat, method: str) -> None:
    chat.open()
    chat.page.evaluate(f"chat.element.{method}({{ text: 'From the page', reply: 'a quote' }})")
    if method == "setComposerValue":
        expect(chat.composer).to_have_value("From the page")
        expect(chat.page.get_by_text("Replying to: a quote")).to_be_visible()
        chat.composer.press("Enter")
    chat.expect_answer("From the page")
    [request] = chat.emulator.wait_for_request(1, path="/v1/chatkit/conversation")
    assert request.json["params"]["input"]["quoted_text"] == "a quote"


def test_set_options__in_mid_answer_leaves_the_conversation(chat: Chat) -> None:
    chat.open()
    chat.emulator.fail("stalled", path="/v1/chatkit/conversation")
    chat.ask("What is a pitch?")
    expect(chat.answers).to_contain_text("Good question.")
    chat.configure(theme="dark", composer={"placeholder": "Go on"})
    expect(chat.composer).to_have_attribute("placeholder", "Go on")
    chat.emulator.release()
    chat.expect_answer("Good question.")
    assert chat.page.evaluate("chat.asked") == [None]


def test_ready__is_fired_once_and_after_set_options(chat: Chat) -> None:
    chat.open()
    chat.configure()
    chat.ask("What is a pitch?")
    chat.expect_answer()
    assert len(chat.events("ready")) == 1
    assert chat.page.evaluate("chat.events[0][0]") == "ready"
