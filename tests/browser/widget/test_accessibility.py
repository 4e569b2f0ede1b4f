"""WCAG 2.1 AA by axe-core in every state, scheme and width, and what axe cannot see."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.widget.conftest import Chat

CONVERSATION = "/v1/chatkit/conversation"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
RICH = (
    "# A\n\n[link](https://example.org)\n\n> quote\n\n```py\nx\n```\n\n"
    "|a|b|\n|-|-|\n|1|2|\n\n`code`"
)
CLUB = {
    "accent": {"primary": "#0078d2", "level": 3},
    "surface": {"background": "#0a1831", "foreground": "#ffffff"},
}
THEMES = [
    {"colorScheme": "light"},
    {"colorScheme": "dark"},
    {"colorScheme": "dark", "color": CLUB},
    {"colorScheme": "light", "color": {"accent": {"primary": "#ffee00", "level": 2}}},
]


def expect_accessible(chat: Chat) -> None:
    chat.page.evaluate("Promise.all(document.getAnimations().map((each) => each.finished))")
    results = Axe().run(chat.page, options=RULES)
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", [320, 1280])
def test_states__have_no_violations(chat: Chat, theme: dict[str, Any], width: int) -> None:
    chat.page.emulate_media(reduced_motion="reduce")
    chat.page.set_viewport_size({"width": width, "height": 640})
    options = {
        "theme": theme,
        "startScreen": {"prompts": [{"label": "A", "prompt": "B"}]},
        "disclaimer": {"text": "Check [it](https://example.org)."},
        "threadItemActions": {"feedback": True, "retry": True},
    }
    chat.emulator.answer_with(lambda _question: RICH)
    chat.open(**options)
    expect(chat.composer).to_be_visible()
    expect_accessible(chat)
    chat.ask("What is a pitch?")
    chat.expect_answer()
    expect_accessible(chat)
    chat.emulator.fail("server_error", times=1, path=CONVERSATION)
    chat.ask("And now?")
    expect(chat.alert).not_to_be_empty()
    expect_accessible(chat)
    chat.page.get_by_role("button", name="Previous chats").click()
    chat.page.get_by_role("button", name="Rename").first.click()
    expect_accessible(chat)
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert chat.page.evaluate(overflow) == 0


def test_answer__is_announced_once_and_whole(chat: Chat) -> None:
    chat.open()
    chat.page.evaluate(
        """() => {
          const status = chat.element.shadowRoot.querySelector(".app > [role=status]");
          window.heard = [];
          new MutationObserver(() => heard.push(status.textContent))
            .observe(status, { childList: true, characterData: true, subtree: true });
        }"""
    )
    chat.ask("What is a pitch?")
    chat.expect_answer()
    before, answer = chat.page.evaluate("window.heard.filter(Boolean)")
    assert before == "The assistant is answering."
    assert answer.startswith("Good question.")
    assert answer.endswith("who is listening.")


def test_keyboard__reaches_everything_in_order(chat: Chat) -> None:
    chat.open(startScreen={"prompts": [{"label": "Explain", "prompt": "Explain"}]})
    expect(chat.composer).to_be_visible()
    reached = []
    for _ in range(4):
        chat.page.keyboard.press("Tab")
        reached.append(
            chat.page.evaluate(
                """() => {
                  const { activeElement } = chat.element.shadowRoot;
                  return activeElement.getAttribute("aria-label") ?? activeElement.textContent;
                }"""
            )
        )
    assert reached == ["Previous chats", "Explain", "Message the AI", "Send"]
