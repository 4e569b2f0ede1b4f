"""The assistant's page in every state, with the real portal and the emulator behind it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from chatkit_gateway.testkit.emulator import Emulator
from tests.portal_process import PortalProcess

Login = Callable[[Page, str], None]

SCRIPT = "/deployments/chatkit/chatkit.js"
MODULE = "/deployments/chatkit/element.js"


@pytest.fixture
def member(page: Page, login: Login, emulator: Emulator) -> Page:
    """A browser in which a member has logged in."""
    login(page, "maya")
    return page


def open_assistant(page: Page, portal: PortalProcess) -> None:
    page.goto(f"{portal.url}/assistant/")


def expect_chat(page: Page) -> None:
    expect(page.locator(".chatkit")).to_have_attribute("data-state", "ready")
    expect(page.get_by_role("textbox")).to_be_visible()
    expect(page.locator(".chatkit-notice")).to_have_count(0)


def expect_title(page: Page, role: str, title: str) -> None:
    expect(page.locator(f".chatkit [role={role}] .chatkit-notice-title")).to_have_text(title)


def expect_notice(page: Page, role: str, title: str) -> None:
    expect_title(page, role, title)
    expect(page.locator(".chatkit-notice-reference code")).to_have_text(re.compile(r"^[0-9a-f]+$"))


def retry(page: Page) -> None:
    page.get_by_role("button", name="Try again").click()


def test_chat__opens_with_one_request_and_a_clean_console(
    member: Page, portal: PortalProcess
) -> None:
    asked: list[str] = []
    complaints: list[str] = []
    member.on("request", lambda request: asked.append(request.url))
    member.on("console", lambda message: complaints.append(message.text))
    member.on("pageerror", lambda error: complaints.append(str(error)))
    open_assistant(member, portal)
    expect_chat(member)
    member.get_by_role("textbox").fill("What is a moat?")
    member.keyboard.press("Enter")
    expect(member.get_by_text("Offline demo")).to_be_visible()
    assert [url for url in asked if url.endswith("/session")] == [f"{portal.url}/chatkit/session"]
    assert complaints == []


def test_page__holds_no_secret_key_or_workflow_id(member: Page, portal: PortalProcess) -> None:
    source = member.request.get(f"{portal.url}/assistant/").text()
    assert "data-chatkit" in source
    for private in ("ek_", portal.environment["OPENAI_API_KEY"], "wf_"):
        assert private not in source


def test_upstream_down__can_be_tried_again(
    member: Page, portal: PortalProcess, emulator: Emulator
) -> None:
    emulator.fail("server_error", times=1)
    open_assistant(member, portal)
    expect_notice(member, "alert", "The assistant cannot be reached")
    retry(member)
    expect_chat(member)


def test_upstream_busy__is_not_called_unreachable(
    member: Page, portal: PortalProcess, emulator: Emulator
) -> None:
    emulator.fail("rate_limited")
    open_assistant(member, portal)
    expect_notice(member, "alert", "The assistant is busy")
    expect(member.get_by_text("You can try again in")).to_be_visible()


def test_session_ended__leads_to_login_and_back(
    member: Page, portal: PortalProcess, emulator: Emulator
) -> None:
    emulator.fail("server_error", times=1)
    open_assistant(member, portal)
    expect_notice(member, "alert", "The assistant cannot be reached")
    member.context.clear_cookies(name="sessionid")
    retry(member)
    expect_notice(member, "status", "Please log in again")
    member.get_by_role("link", name="Log in").click()
    member.get_by_label("Username").fill("maya")
    member.get_by_label("Password", exact=True).fill(portal.passwords["maya"])
    member.get_by_role("button", name="Log in").click()
    member.wait_for_url(f"{portal.url}/assistant/")
    expect_chat(member)


def test_login_in_another_tab__does_not_break_this_one(
    member: Page, portal: PortalProcess, emulator: Emulator, login: Login
) -> None:
    emulator.fail("server_error", times=1)
    open_assistant(member, portal)
    expect_notice(member, "alert", "The assistant cannot be reached")
    other = member.context.new_page()
    other.goto(portal.url)
    other.get_by_role("button", name="Log out").click()
    login(other, "maya")
    retry(member)
    expect_chat(member)


def test_quota_used_up__says_when_to_come_back(
    page: Page, portal: PortalProcess, emulator: Emulator, login: Login
) -> None:
    page.clock.install()
    login(page, "jonas")
    open_assistant(page, portal)
    expect_chat(page)
    [token] = [c["value"] for c in page.context.cookies() if c["name"] == "csrftoken"]
    status = 200
    while status == 200:
        answer = page.request.post(
            f"{portal.url}/chatkit/session",
            headers={"X-CSRFToken": token, "Referer": portal.url},
        )
        status = answer.status
    assert answer.json()["code"] == "quota_exceeded"
    assert "You can open it again in" in answer.json()["detail"]
    page.reload()
    expect_notice(page, "status", "You have reached your limit for now")
    # When to come back is said once, by the line that counts down.
    expect(page.locator(".chatkit-notice-detail")).to_have_text(
        "You have opened the assistant very often."
    )
    when = page.locator(".chatkit-notice-when")
    expect(when).to_have_text(
        re.compile(r"You can try again in \d+ (minute|second)s? \(.*\d\d:\d\d\)\.")
    )
    page.clock.fast_forward(answer.json()["retry_after"] * 1000)
    expect(when).to_have_text("You can try again now.")


@pytest.mark.parametrize(("username", "hints"), [("maya", 0), ("admin", 1)])
def test_configuration_mistake__hint_for_staff_only(
    page: Page,
    portal: PortalProcess,
    emulator: Emulator,
    login: Login,
    username: str,
    hints: int,
) -> None:
    emulator.fail("workflow_not_found", times=1)
    login(page, username)
    open_assistant(page, portal)
    expect_notice(page, "alert", "The assistant is not ready")
    expect(page.locator(".chatkit-notice-hint")).to_have_count(hints)
    retry(page)
    expect_chat(page)


def test_script_silent__says_so_after_8_seconds_and_recovers_when_it_comes(
    member: Page, portal: PortalProcess, emulator: Emulator
) -> None:
    emulator.hold(path=SCRIPT)
    member.clock.install(time=0)
    # Standing still: on a busy machine the eight seconds would go by on their own.
    member.clock.pause_at(1)
    with member.expect_response(f"{portal.url}/chatkit/session"):
        member.goto(f"{portal.url}/assistant/", wait_until="commit")
    expect(member.get_by_text("Opening the assistant…")).to_be_visible()
    member.clock.run_for(7_900)
    expect(member.locator(".chatkit-notice")).to_have_count(0)
    member.clock.run_for(100)
    expect_notice(member, "alert", "The chat did not load")
    emulator.release()
    member.clock.resume()
    expect_chat(member)


def test_script_missing__can_be_loaded_again(
    member: Page, portal: PortalProcess, emulator: Emulator
) -> None:
    emulator.fail(404, path=SCRIPT)
    member.clock.install()
    open_assistant(member, portal)
    member.clock.fast_forward(9_000)
    expect_notice(member, "alert", "The chat did not load")
    emulator.clear_faults()
    retry(member)
    expect_chat(member)
    assert len(emulator.sessions) == 1


def test_offline__recovers_when_the_connection_is_back(
    member: Page, portal: PortalProcess, emulator: Emulator
) -> None:
    emulator.fail("server_error", times=1)
    open_assistant(member, portal)
    expect_notice(member, "alert", "The assistant cannot be reached")
    member.context.set_offline(True)
    expect_title(member, "status", "You are offline")
    member.context.set_offline(False)
    expect_chat(member)


def test_offline_while_the_script_loads__loads_it_again(
    member: Page, portal: PortalProcess, emulator: Emulator
) -> None:
    emulator.hold(path=MODULE)
    with (
        member.expect_request(f"**{MODULE}"),
        member.expect_response(f"{portal.url}/chatkit/session"),
    ):
        member.goto(f"{portal.url}/assistant/", wait_until="commit")
    member.context.set_offline(True)
    expect_title(member, "status", "You are offline")
    with member.expect_event("requestfailed"):
        emulator.release()
    member.context.set_offline(False)
    expect_chat(member)


def test_offline_while_chatting__keeps_the_conversation(
    member: Page, portal: PortalProcess
) -> None:
    open_assistant(member, portal)
    expect_chat(member)
    member.get_by_role("textbox").fill("Half a thought")
    member.context.set_offline(True)
    expect_title(member, "status", "You are offline")
    expect(member.get_by_role("textbox")).to_have_value("Half a thought")
    member.context.set_offline(False)
    expect_chat(member)


def test_retry__keeps_the_keyboard_in_place(
    member: Page, portal: PortalProcess, emulator: Emulator
) -> None:
    emulator.fail("server_error", times=2)
    open_assistant(member, portal)
    button = member.get_by_role("button", name="Try again")
    button.focus()
    member.keyboard.press("Enter")
    expect(member.locator(".chatkit")).to_be_focused()
    expect(button).to_be_visible()
    member.keyboard.press("Tab")
    expect(button).to_be_focused()
    member.keyboard.press("Enter")
    expect_chat(member)


def test_theme_toggle__repaints_the_chat(member: Page, portal: PortalProcess) -> None:
    member.emulate_media(color_scheme="light")
    open_assistant(member, portal)
    expect_chat(member)
    chat = member.locator("openai-chatkit")
    expect(chat).to_have_css("color-scheme", "light")
    member.emulate_media(color_scheme="dark")
    expect(chat).to_have_css("color-scheme", "dark")
    member.get_by_role("button", name="Change to light").click()
    expect(chat).to_have_css("color-scheme", "light")


def test_outsider__is_told_whom_to_ask(page: Page, portal: PortalProcess, login: Login) -> None:
    login(page, "oscar")
    answer = page.goto(f"{portal.url}/assistant/")
    assert answer
    assert answer.status == 403
    expect(page.get_by_role("heading", name="You cannot use this assistant yet")).to_be_visible()
    expect(page.locator("main").get_by_role("link", name="@")).to_be_visible()
