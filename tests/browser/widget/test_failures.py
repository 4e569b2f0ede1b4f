"""What a member reads when something goes wrong, and what they can do about it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.widget.conftest import Chat

CONVERSATION = "/v1/chatkit/conversation"


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        ("server_error", "unavailable", "has a problem at the moment"),
        ("rate_limited", "rate_limited", "a lot at once"),
        ("reset", "unreachable", "could not be reached"),
        ("truncated", "cut_off", "before the answer was complete"),
        ("not_json", "no_answer", "No answer came"),
    ],
)
def test_failed_answer__is_said_and_can_be_retried(
    chat: Chat, fault: str, code: str, words: str
) -> None:
    chat.open()
    chat.emulator.fail(fault, times=1, path=CONVERSATION)
    chat.ask("What is a pitch?")
    expect(chat.alert).to_contain_text(words)
    assert [detail["code"] for detail in chat.events("error")] == [code]
    chat.page.get_by_role("button", name="Try again").click()
    chat.expect_answer("You asked: What is a pitch?")
    expect(chat.alert).to_be_empty()
    expect(chat.page.locator("article.user")).to_have_count(1)
    expect(chat.answers).to_have_count(1)


def test_refused_secret__is_renewed_once(chat: Chat) -> None:
    chat.open()
    chat.ask("What is a pitch?")
    chat.expect_answer()
    chat.emulator.fail("wrong_key", times=1, path=CONVERSATION)
    chat.ask("And now?")
    chat.expect_answer("And now?")
    assert chat.page.evaluate("chat.asked") == [None, chat.secrets[0]]


def test_refused_secret__is_not_renewed_for_ever(chat: Chat) -> None:
    chat.open()
    chat.emulator.fail("wrong_key", path=CONVERSATION)
    chat.ask("What is a pitch?")
    expect(chat.alert).to_contain_text("Your access has ended")
    assert len(chat.page.evaluate("chat.asked")) == 2
    assert len(chat.emulator.wait_for_request(2, path=CONVERSATION)) == 2


def test_no_secret__is_said_at_once(chat: Chat) -> None:
    chat.page.add_init_script("window.refusals = 1")
    chat.open()
    expect(chat.alert).to_contain_text("could not be opened")
    chat.page.get_by_role("button", name="Try again").click()
    expect(chat.alert).to_be_empty()
    chat.ask("What is a pitch?")
    chat.expect_answer()


def test_hosted__without_hosted_conversations_says_what_is_missing(chat: Chat) -> None:
    chat.page.add_init_script(
        """Object.defineProperty(globalThis, "__chatkitHostedConversations",
          { get: () => undefined, set: () => undefined })"""
    )
    chat.open()
    expect(chat.alert).to_contain_text("own chat script, which this page does not load")
    expect(chat.composer).to_be_disabled()
    assert chat.page.evaluate("chat.asked") == []
    assert [detail["code"] for detail in chat.events("error")] == ["hosted_script_needed"]


def test_secret__stays_where_it_is(chat: Chat) -> None:
    chat.open()
    chat.ask("What is a pitch?")
    chat.expect_answer()
    kept = chat.page.evaluate(
        """() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href,
          document.cookie, document.documentElement.outerHTML, chat.events,
          chat.element.shadowRoot.innerHTML])"""
    )
    [secret] = chat.secrets
    assert secret not in kept
