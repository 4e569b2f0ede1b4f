"""The admin's list of issuances in a browser: it fits, and its buttons save a file."""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import findings
from tests.portal_process import PortalProcess

Login = Callable[[Page, str], None]

LIST = "/admin/chatkit_gateway/issuance/"
LONG = """
from chatkit_gateway.models import Issuance
Issuance.objects.get_or_create(
    reference="abcdef012345", username="maria-magdalena.von-und-zu-hohenstein@students.example.edu",
    assistant="investment-committee", outcome="failed", error_code="upstream_rejected_request",
    status=502, ip_address="2001:db8:85a3:8d3:1319:8a2e:370:7348",
)
"""
WIDTH_OF_TEXT = """heading => {
    const text = document.createRange();
    text.selectNodeContents(heading);
    return text.getBoundingClientRect().width;
}"""


@pytest.fixture(scope="module")
def long_row(portal: PortalProcess) -> None:
    """An issuance with as much to show as one may have."""
    portal.manage("shell", "-v", "0", "-c", LONG)


@pytest.fixture
def listed(page: Page, portal: PortalProcess, login: Login, long_row: None) -> Page:
    """The list, as an admin sees it."""
    login(page, "admin")
    page.goto(f"{portal.url}{LIST}")
    return page


@pytest.mark.parametrize("width", [1440, 1920])
def test_list__needs_no_scrolling_sideways(width: int, listed: Page) -> None:
    listed.set_viewport_size({"width": width, "height": 900})

    expect(listed.get_by_text("abcdef012345")).to_be_visible()
    wanted, given = listed.locator(".results").evaluate(
        "results => [results.scrollWidth, results.clientWidth]"
    )
    assert wanted <= given
    [reference] = listed.get_by_text("abcdef012345").evaluate_all(
        "cells => cells.map(cell => { const lines = document.createRange();"
        " lines.selectNodeContents(cell); return lines.getClientRects().length })"
    )
    assert reference == 1


@pytest.mark.parametrize("width", [320, 768, 1024, 1280, 1440])
def test_tools__lie_over_nothing(width: int, listed: Page) -> None:
    listed.set_viewport_size({"width": width, "height": 900})

    title = listed.get_by_role("heading", level=1, name="Select issuance to view").bounding_box()
    search = listed.locator("#toolbar").bounding_box()
    assert title
    assert search
    tools = listed.locator(".object-tools :is(a, button)")
    assert tools.count() == 6
    for tool in tools.all():
        box = tool.bounding_box()
        assert box
        below = box["y"] >= title["y"] + title["height"]
        beside = box["x"] >= title["x"] + listed.locator("h1").evaluate(WIDTH_OF_TEXT)
        assert below or beside
        assert box["y"] + box["height"] <= search["y"]
        assert 0 <= box["x"] <= width - box["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_list__is_accessible(scheme: Any, listed: Page) -> None:
    listed.emulate_media(color_scheme=scheme)

    assert findings(listed, "#content-main") == []


def test_export__saves_what_the_list_is_filtered_to(
    listed: Page, portal: PortalProcess, tmp_path: Any
) -> None:
    listed.goto(f"{portal.url}{LIST}?error_code=upstream_rejected_request")
    with listed.expect_download() as download:
        listed.get_by_role("button", name="Export as CSV").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)

    assert file.name.startswith("issuances-")
    with file.open(newline="") as rows:
        assert [row["reference"] for row in csv.DictReader(rows)] == ["abcdef012345"]

    listed.goto(f"{portal.url}/admin/chatkit_gateway/export/")
    listed.get_by_role("link", name="error_code = upstream_rejected_request").click()
    expect(listed.get_by_text("1 issuance", exact=True)).to_be_visible()
