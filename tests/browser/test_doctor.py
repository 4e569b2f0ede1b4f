"""The doctor's page in a browser: asked by keyboard, readable on a telephone, nothing for axe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from chatkit_gateway.testkit.emulator import Emulator
from tests.browser.test_accessibility import SCHEMES, findings
from tests.portal_process import PortalProcess

Login = Callable[[Page, str], None]

ISSUANCES = "/admin/chatkit_gateway/issuance/"


@pytest.fixture
def examined(
    page: Page, portal: PortalProcess, login: Login, emulator: Emulator
) -> Callable[[], Page]:
    """Return a function that has an admin go to the doctor and ask, all by keyboard."""

    def examine() -> Page:
        login(page, "admin")
        page.goto(f"{portal.url}{ISSUANCES}")
        page.get_by_role("link", name="Doctor").press("Enter")
        expect(page.get_by_role("heading", name="Doctor")).to_be_visible()
        page.get_by_role("button", name="Examine").press("Enter")
        expect(page.get_by_role("heading", name="Report")).to_be_visible()
        return page

    return examine


@SCHEMES
def test_report(scheme: Any, page: Page, emulator: Emulator, examined: Callable[[], Page]) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.emulate_media(color_scheme=scheme)
    emulator.fail("workflow_not_found", path="/v1/chatkit/*")

    examined()

    repair = page.locator(".doctor-urgent li")
    expect(repair).to_contain_text("make a key in the workflow's project")
    row = page.locator("[data-finding='session.create']")
    expect(row).to_have_attribute("data-level", "problem")
    expect(row.get_by_role("rowheader")).to_have_text("A real session")
    assert findings(page, "#content") == []
    assert complaints == []


def test_fits_a_telephone(page: Page, examined: Callable[[], Page]) -> None:
    page.set_viewport_size({"width": 360, "height": 740})

    examined()

    wanted, given = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wanted <= given
    assert findings(page, "#content") == []
