"""Markdown that nobody writes by hand: it must neither break nor freeze the conversation."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.widget.conftest import Chat
from tests.browser.widget.streams import BEGUN, answer_item, open_with

COLUMNS = 3000
BREAK_RENDERING = """() => {
  DocumentFragment.prototype.querySelectorAll = () => { throw new Error("broken") };
}"""


@pytest.mark.parametrize(
    "source",
    [
        ">" * 2_500 + "x",
        ">" * 20_000 + "x",
        "[" * 20_000 + "x" + "]" * 20_000,
        "![" * 3_000 + "x" + "](u)" * 3_000,
        "*" * 20_000 + "x" + "*" * 20_000,
    ],
    ids=["quotes", "more quotes", "brackets", "images", "stars"],
)
def test_nesting__without_end_leaves_the_chat_usable(chat: Chat, source: str) -> None:
    chat.emulator.answer_with(lambda question: source if question == "Hi" else "Still here.")
    chat.open()
    chat.ask("Hi")
    chat.expect_answer("x")
    chat.ask("And now?")
    chat.expect_answer("Still here.")


@pytest.mark.parametrize(
    "source",
    [
        "- " * 3_000 + "x",
        "> - " * 3_000 + "x",
        "\n".join("  " * depth + "- x" for depth in range(300)),
    ],
    ids=["one line", "with quotes", "stairs"],
)
def test_list__without_end_is_shown(chat: Chat, source: str) -> None:
    show(chat, source)
    chat.expect_answer("x")
    expect(chat.page.get_by_role("button", name="Send")).to_be_visible()


@pytest.mark.parametrize("rows", [["|1" * COLUMNS], ["|1"] * COLUMNS], ids=["wide", "square"])
def test_table__of_too_many_cells_is_shown_as_written(chat: Chat, rows: list[str]) -> None:
    source = "\n".join(["|a" * COLUMNS, "|-" * COLUMNS, *rows])
    show(chat, f"{source}\n\nThe end.")
    answer = chat.expect_answer("The end.")
    assert answer.locator("table").count() == 0
    assert answer.locator("pre").inner_text().strip() == source


def test_table__of_many_rows_is_a_table(chat: Chat) -> None:
    show(chat, "\n".join(["|a|b|c|", "|-|-|-|", *["|1|2|3|"] * 100]))
    expect(chat.expect_answer().get_by_role("row")).to_have_count(101)


def test_answer__that_cannot_be_rendered_is_shown_as_written(chat: Chat) -> None:
    chat.emulator.answer_with(lambda _question: "One\n\n**two**")
    chat.open()
    chat.page.evaluate(BREAK_RENDERING)
    chat.ask("Hi")
    assert chat.expect_answer().locator(".plain").inner_text() == "One\n\n**two**"
    expect(chat.page.get_by_role("button", name="Send")).to_be_visible()
    assert set(chat.problems) == {"broken"}
    chat.problems.clear()


def test_item__that_cannot_be_shown_leaves_the_chat_usable(chat: Chat) -> None:
    item = answer_item("Lost") | {"content": [None]}
    open_with(chat, *BEGUN, {"type": "thread.item.done", "item": item})
    chat.ask("Hi")
    expect(chat.page.get_by_text("This part of the answer cannot be shown")).to_be_visible()
    expect(chat.page.get_by_role("button", name="Send")).to_be_visible()
    assert chat.problems
    chat.problems.clear()


def show(chat: Chat, source: str) -> None:
    """Let this be the answer, all at once."""
    open_with(chat, *BEGUN, {"type": "thread.item.done", "item": answer_item(source)})
    chat.ask("Hi")
