"""The portal's own pages: the way in, the way out, the look, the keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.portal_process import PortalProcess

Login = Callable[[Page, str], None]

ANONYMOUS = ["/accounts/login/", "/accounts/password_reset/", "/accounts/reset/x/y/", "/nowhere"]
MEMBERS = ["/", "/assistant/", "/accounts/password_change/"]
WIDTHS = [320, 375, 768, 1440, 1920]


def toggle(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def test_anonymous_visitor__logs_in_and_arrives_where_they_wanted(
    page: Page, portal: PortalProcess
) -> None:
    page.goto(f"{portal.url}/assistant/")
    expect(page).to_have_url(f"{portal.url}/accounts/login/?next={quote('/assistant/')}")
    page.get_by_label("Username").fill("maya")
    page.get_by_label("Password", exact=True).fill(portal.passwords["maya"])
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{portal.url}/assistant/")


def test_wrong_password__is_said_at_once(page: Page, portal: PortalProcess) -> None:
    page.goto(f"{portal.url}/accounts/login/")
    page.get_by_label("Username").fill("maya")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("correct username and password")


def test_log_out__ends_at_the_login(page: Page, portal: PortalProcess, login: Login) -> None:
    login(page, "maya")
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_url(f"{portal.url}/accounts/login/")
    page.goto(portal.url)
    expect(page).to_have_url(re.compile("/accounts/login/"))


def test_home__says_what_is_recorded_and_for_how_long(
    page: Page, portal: PortalProcess, login: Login
) -> None:
    login(page, "maya")
    recorded = page.get_by_role("region", name="What we record")
    for words in ("365 days", "IP address", "your browser", "reference", "fingerprint", "Never"):
        expect(recorded).to_contain_text(words)
    page.get_by_role("link", name="Pitch assistant").click()
    expect(page).to_have_url(f"{portal.url}/assistant/")


def test_home__outsider__is_told_whom_to_ask(page: Page, login: Login) -> None:
    login(page, "oscar")
    expect(page.get_by_text("has not been given access")).to_be_visible()
    expect(page.get_by_role("link", name="Pitch assistant")).to_have_count(0)
    expect(page.get_by_role("link", name="Assistant", exact=True)).to_have_count(0)


def test_password__is_changed(page: Page, portal: PortalProcess, login: Login) -> None:
    login(page, "jonas")
    page.get_by_role("link", name="Change your password").click()
    page.get_by_label("Old password").fill(portal.passwords["jonas"])
    page.get_by_label("New password", exact=True).fill(portal.passwords["jonas"])
    page.get_by_label("New password confirmation").fill("something else")
    page.keyboard.press("Enter")
    expect(page.locator(".errorlist")).to_be_visible()
    page.get_by_label("Old password").fill(portal.passwords["jonas"])
    page.get_by_label("New password", exact=True).fill(portal.passwords["jonas"])
    page.get_by_label("New password confirmation").fill(portal.passwords["jonas"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your password is changed")).to_be_visible()


def test_forgotten_password__mail_leads_to_a_new_one(page: Page, portal: PortalProcess) -> None:
    page.goto(f"{portal.url}/accounts/login/")
    page.get_by_role("link", name="Forgotten your password?").click()
    page.get_by_label("Email").fill("oscar@example.org")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
    mail = (portal.folder / "portal.log").read_text()
    [link] = re.findall(r"http://\S+/accounts/reset/\S+", mail)
    page.goto(link)
    page.get_by_label("New password", exact=True).fill(portal.passwords["oscar"])
    page.get_by_label("New password confirmation").fill(portal.passwords["oscar"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your new password is set")).to_be_visible()
    page.goto(link)
    expect(page.get_by_role("heading", name="This link no longer works")).to_be_visible()


def test_address_that_does_not_exist__gets_a_page_of_the_portal(
    page: Page, portal: PortalProcess
) -> None:
    answer = page.goto(f"{portal.url}/nowhere")
    assert answer
    assert answer.status == 404
    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()


def test_form_without_its_cookie__gets_a_page_of_the_portal(
    page: Page, portal: PortalProcess
) -> None:
    page.goto(f"{portal.url}/accounts/login/")
    page.context.clear_cookies()
    page.get_by_label("Username").fill("maya")
    page.get_by_label("Password", exact=True).fill("x")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="This page is out of date")).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_every_width__nothing_sticks_out(
    page: Page, portal: PortalProcess, login: Login, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 720})

    def expect_to_fit(path: str) -> None:
        page.goto(f"{portal.url}{path}")
        wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wider <= 0, path

    for path in ANONYMOUS:
        expect_to_fit(path)
    login(page, "maya")
    for path in MEMBERS:
        expect_to_fit(path)


def test_assistant__fills_the_window_without_scrolling(
    page: Page, portal: PortalProcess, login: Login
) -> None:
    login(page, "maya")
    page.goto(f"{portal.url}/assistant/")
    for width, height in ((320, 568), (1440, 900)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollHeight - innerHeight") <= 0
        box = page.locator(".chatkit").bounding_box()
        assert box
        assert box["height"] > 0.7 * height


def test_theme__follows_the_system_until_chosen_and_is_remembered(
    page: Page, portal: PortalProcess
) -> None:
    light, dark = "rgb(255, 255, 255)", "rgb(5, 11, 22)"
    page.emulate_media(color_scheme="dark")
    page.goto(f"{portal.url}/accounts/login/")
    root = page.locator("html")
    expect(root).to_have_css("background-color", dark)
    toggle(page, "Colours: as the system. Change to light")
    expect(root).to_have_css("background-color", light)
    page.reload()
    expect(root).to_have_css("background-color", light)
    toggle(page, "Colours: light. Change to dark")
    page.emulate_media(color_scheme="light")
    expect(root).to_have_css("background-color", dark)
    toggle(page, "Colours: dark. Change to as the system")
    expect(root).to_have_css("background-color", light)
    expect(root).not_to_have_attribute("data-theme", re.compile(".*"))


def test_theme__chosen_in_another_tab__is_taken_over(page: Page, portal: PortalProcess) -> None:
    page.goto(f"{portal.url}/accounts/login/")
    other = page.context.new_page()
    other.goto(f"{portal.url}/accounts/login/")
    toggle(other, "Change to light")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


def test_keyboard__reaches_everything_in_order_and_shows_where_it_is(
    page: Page, portal: PortalProcess, login: Login
) -> None:
    login(page, "maya")
    names = []
    for _ in range(8):
        page.keyboard.press("Tab")
        focused = page.locator(":focus-visible")
        expect(focused).not_to_have_css("outline-style", "none")
        names.append(focused.get_attribute("aria-label") or focused.inner_text().split("\n")[0])
    assert names == [
        "Skip to the content",
        "PitchGuard",
        "Home",
        "Assistant",
        "Colours: as the system. Change to light",
        "Log out",
        "Pitch assistant",
        "Change your password",
    ]


def test_skip_link__leads_past_the_header(page: Page, login: Login) -> None:
    login(page, "maya")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Pitch assistant")).to_be_focused()


def test_reduced_motion__nothing_moves(page: Page, portal: PortalProcess, login: Login) -> None:
    page.emulate_media(reduced_motion="reduce")
    login(page, "maya")
    durations = page.evaluate(
        "[...document.querySelectorAll('*')].map((e) => getComputedStyle(e).transitionDuration)"
    )
    assert set(durations) == {"0s"}


def test_without_javascript__the_page_says_what_is_missing(
    page: Page, portal: PortalProcess, login: Login
) -> None:
    login(page, "maya")
    assert "needs JavaScript" in page.request.get(f"{portal.url}/assistant/").text()
