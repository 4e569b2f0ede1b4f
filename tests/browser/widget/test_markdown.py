"""What becomes of the Markdown of an answer, and of what does not belong into one."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.widget.conftest import Chat

PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


def test_link__opens_apart(chat: Chat) -> None:
    chat.emulator.answer_with(lambda _question: "See [the guide](https://example.org/guide).")
    chat.open()
    chat.ask("Hi")
    link = chat.expect_answer().get_by_role("link", name="the guide")
    assert link.get_attribute("href") == "https://example.org/guide"
    assert link.get_attribute("target") == "_blank"
    assert link.get_attribute("rel") == "noopener noreferrer"


def test_deeplink__is_reported_and_leads_nowhere(chat: Chat) -> None:
    chat.emulator.answer_with(lambda _question: "[Open it](chatkit-link://pitch?id=7)")
    chat.open()
    chat.ask("Hi")
    chat.expect_answer().get_by_role("link", name="Open it").click()
    assert chat.events("deeplink") == [{"name": "pitch", "data": {"id": "7"}}]
    assert len(chat.page.context.pages) == 1


def test_blocks__are_rendered_and_reachable(chat: Chat) -> None:
    chat.emulator.answer_with(
        lambda _question: (
            "| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nprint(1)\n```\n\n- [x] done\n- [ ] open"
        )
    )
    chat.open()
    chat.ask("Hi")
    answer = chat.expect_answer()
    expect(answer.get_by_role("cell", name="2")).to_be_visible()
    expect(answer.get_by_role("region", name="python")).to_have_attribute("tabindex", "0")
    expect(answer.get_by_role("button", name="Copy code")).to_be_visible()
    expect(answer).to_contain_text("☑ done")
    expect(answer).to_contain_text("☐ open")


@pytest.mark.parametrize(
    "source",
    [
        "<img src=x onerror='window.hurt = 1'>",
        "<script>window.hurt = 1</script>",
        "[x](javascript:window.hurt=1)",
        "[x](data:text/html,<script>alert(1)</script>)",
        "[x](data:image/svg+xml,%3Csvg%20onload=%22alert(1)%22%3E)",
        f"[x]({PIXEL})",
        "![x](data:image/svg+xml;base64,PHN2Zy8+)",
        "<a href='javascript:window.hurt=1'>x</a>",
        "![x](https://evil.example/pixel.png)",
        "<style>*{display:none}</style> <iframe src='https://evil.example'></iframe>",
        '![x" onerror="window.hurt=1](data:image/png;base64,AAAA)',
        '```" onmouseover="window.hurt=1\nx\n```',
    ],
)
def test_hostile_answer__is_harmless(chat: Chat, source: str) -> None:
    chat.emulator.answer_with(lambda _question: f"Before\n\n{source}\n\nAfter the hostile part.")
    chat.open()
    chat.ask("Hi")
    answer = chat.expect_answer("After the hostile part.")
    assert answer.locator("script, iframe, style, svg:not(.icon)").count() == 0
    hrefs = answer.locator("a").evaluate_all("links => links.map((link) => link.href)")
    assert all(href == "" or href.startswith("https:") for href in hrefs)
    assert answer.locator("img").evaluate_all("all => all.every((i) => /^data:/.test(i.src))")
    assert answer.evaluate(
        "(node) => [...node.querySelectorAll('*')]"
        ".every((each) => each.getAttributeNames().every((name) => !name.startsWith('on')))"
    )
    assert chat.page.evaluate("window.hurt") is None


def test_image__within_the_message_is_shown(chat: Chat) -> None:
    chat.emulator.answer_with(lambda _question: f"![A pixel]({PIXEL})")
    chat.open()
    chat.ask("Hi")
    expect(chat.expect_answer().get_by_role("img", name="A pixel")).to_be_visible()


def test_streaming__leaves_finished_blocks_alone(chat: Chat) -> None:
    chat.emulator.fail("stalled", path="/v1/chatkit/conversation")
    chat.emulator.answer_with(lambda _question: "First paragraph.\n\n" + "More and more. " * 20)
    chat.open()
    chat.ask("Hi")
    first = chat.answers.get_by_text("First paragraph.")
    first.evaluate("(node) => { window.kept = node }")
    chat.emulator.release()
    chat.expect_answer()
    assert first.evaluate("(node) => node === window.kept")
