"""An admin ends client secrets in the browser: by mouse, by keyboard, and finds a leaked one's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from chatkit_gateway.testkit.emulator import Emulator
from tests.browser.conftest import API_KEY, WORKFLOW
from tests.browser.test_accessibility import SCHEMES, findings
from tests.portal_process import PortalProcess

Login = Callable[[Page, str], None]

ADMIN = "/admin/chatkit_gateway"


@pytest.fixture
def portal(tmp_path: Path, emulator: Emulator) -> Iterator[PortalProcess]:
    """A portal where no other test has left a secret alive."""
    with PortalProcess(
        tmp_path,
        OPENAI_API_KEY=API_KEY,
        CHATKIT_WORKFLOW_ID=WORKFLOW,
        CHATKIT_EMULATOR_URL=emulator.url,
    ) as process:
        yield process


@pytest.fixture
def secret(page: Page, portal: PortalProcess, login: Login, emulator: Emulator) -> str:
    """A client secret of the admin's own, who is logged in."""
    login(page, "admin")
    page.goto(f"{portal.url}/assistant/")
    expect(page.locator(".chatkit")).to_have_attribute("data-state", "ready")
    [session] = emulator.sessions.values()
    return session.client_secret


def states(emulator: Emulator) -> list[str]:
    return [session.status for session in emulator.sessions.values()]


def picture(page: Page, folder: Path, name: str) -> None:
    page.screenshot(path=folder / f"revoke-{name}.png", full_page=True)


def test_one_secret__ends_in_one_click(
    page: Page, portal: PortalProcess, emulator: Emulator, secret: str
) -> None:
    page.goto(f"{portal.url}{ADMIN}/issuance/")
    page.locator("#result_list tbody th a").first.click()

    page.get_by_role("button", name="Revoke this client secret").click()

    expect(page.get_by_text("1 client secret was ended.")).to_be_visible()
    tries = page.get_by_role("region", name="Revocations").get_by_role("row")
    expect(tries).to_have_count(3)
    expect(tries.nth(1)).to_contain_text("by an admin")
    expect(tries.nth(1)).to_contain_text("cancelled")
    expect(page.get_by_role("button", name="Revoke this client secret")).to_have_count(0)
    assert states(emulator) == ["cancelled"]


def test_selected_secrets__end_by_keyboard_alone(
    page: Page, portal: PortalProcess, emulator: Emulator, secret: str
) -> None:
    page.goto(f"{portal.url}{ADMIN}/issuance/")
    page.locator("#result_list tbody input[type=checkbox]").first.focus()
    page.keyboard.press("Space")
    page.get_by_role("combobox", name="Action:").focus()
    page.keyboard.type("Revoke")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 of them is alive.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Reason:")).to_be_focused()
    page.keyboard.type("A drill.")
    page.keyboard.press("Enter")

    expect(page.get_by_text("1 client secret was ended.")).to_be_visible()
    expect(page.get_by_role("region", name="Revocations")).to_contain_text("A drill.")
    assert states(emulator) == ["cancelled"]


def test_a_workflow__is_confirmed_with_its_count(
    page: Page, portal: PortalProcess, emulator: Emulator, secret: str
) -> None:
    page.goto(f"{portal.url}{ADMIN}/issuance/")
    page.get_by_role("link", name="Revoke client secrets").click()
    by_workflow = page.get_by_role("region", name="By workflow")
    by_workflow.get_by_role("link").click()
    expect(page.get_by_role("button", name="Revoke 1 client secret")).to_be_visible()

    page.get_by_role("link", name="No, take me back").click()

    expect(by_workflow).to_be_visible()
    assert states(emulator) == ["active"]


@SCHEMES
def test_every_page_of_it__is_accessible(
    page: Page,
    portal: PortalProcess,
    emulator: Emulator,
    secret: str,
    scheme: Any,
    pictures: Path,
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 1280, "height": 800})

    def look(name: str) -> None:
        assert findings(page, "#content") == [], name
        picture(page, pictures, f"{name}-{scheme}")

    page.goto(f"{portal.url}{ADMIN}/issuance/")
    look("list")
    page.get_by_role("link", name="Whose secret is this?").click()
    look("lookup-empty")
    page.get_by_label("Client secret").fill(f"{secret}x")
    page.get_by_role("button", name="Look up").click()
    expect(page.get_by_text("No issuance has the fingerprint")).to_be_visible()
    look("lookup-nothing")
    page.get_by_label("Client secret").fill(secret)
    page.keyboard.press("Enter")
    expect(page.get_by_text("It was issued to admin.")).to_be_visible()
    expect(page.get_by_label("Client secret")).to_have_value("")
    look("lookup-found")
    page.goto(f"{portal.url}{ADMIN}/revocation/add/")
    look("choose")
    page.get_by_role("textbox", name="Member:").fill("admin")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The client secrets of member admin")).to_be_visible()
    look("confirm")
    emulator.fail("overloaded", path="*/cancel", times=1)
    page.get_by_label("Reason").fill("A leaked laptop.")
    page.get_by_role("button", name="Revoke 1 client secret").click()
    expect(page.get_by_text("1 is pending")).to_be_visible()
    look("pending")
    page.locator("#result_list tbody td a").first.click()
    expect(page.get_by_role("region", name="Revocations")).to_be_visible()
    look("detail-pending")
    page.get_by_role("button", name="Revoke this client secret").click()
    expect(page.get_by_text("1 client secret was ended.")).to_be_visible()
    look("detail-revoked")
    page.goto(f"{portal.url}{ADMIN}/revocation/")
    look("revocations")
