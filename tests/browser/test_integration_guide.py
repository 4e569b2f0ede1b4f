"""The guide's page without React, and its colours, in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from chatkit_gateway.conf import OPENAI_SCRIPT
from chatkit_gateway.testkit.emulator import Emulator
from tests.browser.front_ends import in_front_of
from tests.guide import blocks
from tests.portal_process import PortalProcess

Login = Callable[[Page, str], None]


@pytest.fixture
def served(portal: PortalProcess, emulator: Emulator) -> Iterator[str]:
    """The address of the guide's page, on the portal's own origin; its script is the emulator's."""
    script_tag, document = blocks("html")
    [code] = blocks("js")
    assert script_tag.strip() in document
    document = document.replace(OPENAI_SCRIPT, f"{emulator.url}/deployments/chatkit/chatkit.js")
    pages = {
        "/chat.html": ("text/html", document),
        "/chat.js": ("text/javascript", code),
    }
    with in_front_of(portal.url, pages) as origin:
        yield f"{origin}/chat.html"


def test_vanilla__chats(page: Page, served: str, emulator: Emulator, login: Login) -> None:
    emulator.answer_with(lambda question: f"You asked: {question}")
    login(page, "maya")
    page.goto(served)
    page.get_by_role("button", name="Review my pitch").click()
    expect(page.get_by_role("article").get_by_text("You asked: Review")).to_be_visible()
    expect(page.locator("#notice")).to_be_empty()
    assert len(emulator.sessions) == 1


def test_vanilla__leads_to_the_login_and_back(
    page: Page, served: str, portal: PortalProcess
) -> None:
    page.goto(served)
    notice = page.locator("#notice")
    expect(notice).to_have_text(re.compile(r"Your login has ended\. .+ [0-9a-f]{12} Log in$"))
    notice.get_by_role("link").click()
    page.get_by_label("Username").fill("maya")
    page.get_by_label("Password", exact=True).fill(portal.passwords["maya"])
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(served)
    expect(page.get_by_role("textbox")).to_be_visible()


def test_vanilla__says_when_the_script_is_blocked(
    page: Page, served: str, emulator: Emulator, login: Login
) -> None:
    login(page, "maya")
    emulator.fail(404, path="/deployments/*")
    page.clock.install()
    with page.expect_response("**/chatkit/session"):
        page.goto(served)
    page.clock.fast_forward(9_000)
    expect(page.locator("#notice")).to_have_text("The chat did not load.")


@pytest.mark.parametrize(("scheme", "accent"), [("light", "#005fad"), ("dark", "#0078d2")])
def test_colours__reach_the_widget(
    page: Page, portal: PortalProcess, login: Login, scheme: str, accent: str
) -> None:
    [colours] = blocks("css")
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.add_init_script(
        "customElements.whenDefined('openai-chatkit').then(() => {"
        "  const { prototype } = customElements.get('openai-chatkit');"
        "  const { setOptions } = prototype;"
        "  prototype.setOptions = function (options) {"
        "    window.theme = options.theme; setOptions.call(this, options);"
        "  };"
        "})"
    )
    login(page, "maya")
    styles = f":root {{ color-scheme: light dark }} {colours}"
    page.route(
        "**/pitchguard/tokens.css",
        lambda route: route.fulfill(body=styles, content_type="text/css"),
    )
    page.goto(f"{portal.url}/assistant/")
    expect(page.get_by_role("textbox")).to_be_visible()
    theme = page.evaluate("window.theme")
    assert theme["color"]["accent"]["primary"] == accent
    assert theme["color"]["surface"] == (
        {"background": "#ffffff", "foreground": "#102347"}
        if scheme == "light"
        else {"background": "#0b1a35", "foreground": "#ffffff"}
    )
    assert theme["typography"]["fontFamily"].startswith('"DM Sans"')
