"""Previous chats: to find, open, rename and delete them."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.widget.conftest import Chat


def open_history(chat: Chat) -> Locator:
    chat.page.get_by_role("button", name="Previous chats").click()
    return chat.page.get_by_role("dialog", name="Previous chats")


def two_threads(chat: Chat, **options: object) -> Locator:
    chat.open(**options)
    chat.ask("First question")
    chat.expect_answer()
    chat.page.get_by_role("button", name="New chat").click()
    chat.ask("Second question")
    chat.expect_answer()
    return open_history(chat)


def test_thread__is_opened_from_the_list(chat: Chat) -> None:
    panel = two_threads(chat)
    expect(panel.get_by_role("listitem")).to_have_count(2)
    panel.get_by_role("button", name="First question", exact=False).first.click()
    expect(panel).to_be_hidden()
    chat.expect_answer("You asked: First question")
    assert chat.events("history.open") == chat.events("history.close") == [None]


def test_thread__is_renamed(chat: Chat) -> None:
    panel = two_threads(chat)
    panel.get_by_role("button", name="Rename: Second question").click()
    field = panel.get_by_role("textbox", name="New name")
    expect(field).to_be_focused()
    field.fill("Valuation")
    field.press("Enter")
    expect(panel.get_by_role("button", name="Rename: Valuation")).to_be_visible()
    expect(panel.locator(":focus")).to_contain_text("Valuation")
    chat.page.keyboard.press("Escape")
    expect(chat.page.get_by_role("heading", name="Valuation")).to_be_visible()


def test_thread__is_deleted_after_a_question(chat: Chat) -> None:
    panel = two_threads(chat)
    panel.get_by_role("button", name="Delete: Second question").click()
    panel.get_by_role("button", name="Cancel").click()
    expect(panel.get_by_role("listitem")).to_have_count(2)
    panel.get_by_role("button", name="Delete: Second question").click()
    panel.get_by_role("button", name="Delete", exact=True).click()
    expect(panel.get_by_role("listitem")).to_have_count(1)
    expect(panel.get_by_role("button", name="Close")).to_be_focused()
    chat.page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(chat.page.get_by_text("What can I help with today?")).to_be_visible()


def test_keyboard__escape_goes_back_to_the_button(chat: Chat) -> None:
    chat.open()
    panel = open_history(chat)
    expect(panel.get_by_role("button", name="Close")).to_be_focused()
    expect(panel).to_contain_text("Nothing here yet")
    chat.page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(chat.page.get_by_role("button", name="Previous chats")).to_be_focused()


def test_failure__is_said_in_the_panel(chat: Chat) -> None:
    chat.open()
    chat.emulator.fail("server_error", path="/v1/chatkit/conversation")
    panel = open_history(chat)
    expect(panel).to_contain_text("has a problem at the moment")
    chat.emulator.clear_faults()
    panel.get_by_role("button", name="Try again").click()
    expect(panel).to_contain_text("Nothing here yet")


def test_options__take_the_buttons_away(chat: Chat) -> None:
    panel = two_threads(chat, history={"showRename": False, "showDelete": False})
    expect(panel.get_by_role("listitem")).to_have_count(2)
    expect(panel.get_by_role("button", name="Rename")).to_have_count(0)
    expect(panel.get_by_role("button", name="Delete")).to_have_count(0)
    chat.page.keyboard.press("Escape")
    chat.configure(history={"enabled": False})
    expect(chat.page.get_by_role("button", name="Previous chats")).to_have_count(0)
