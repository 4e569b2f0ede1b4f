"""axe-core finds nothing at WCAG 2.1 AA on any page, in any state, in either scheme."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from chatkit_gateway.testkit.emulator import Emulator
from tests.portal_process import PortalProcess

Login = Callable[[Page, str], None]

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
    "resultTypes": ["violations"],
}
MODELS = (
    "from chatkit_gateway import quotas;"
    "from chatkit_gateway.models import Pause, QuotaWindow;"
    "from django.contrib.auth.models import User"
)
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])


def findings(page: Page, within: str | None = None) -> list[tuple[str, Any]]:
    page.wait_for_load_state("load")  # Without its styles a page has other contrasts.
    answer = Axe().run(page, context=within, options=RULES)
    return [
        (rule["id"], [(node["target"], node["failureSummary"]) for node in rule["nodes"]])
        for rule in answer.response["violations"]
    ]


@SCHEMES
def test_pages_for_everybody(page: Page, portal: PortalProcess, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    for path in (
        "/accounts/login/",
        "/accounts/password_reset/",
        "/accounts/password_reset/done/",
        "/accounts/reset/x/y/",
        "/accounts/reset/done/",
        "/nowhere",
    ):
        page.goto(f"{portal.url}{path}")
        assert findings(page) == [], path
    page.goto(f"{portal.url}/accounts/login/")
    page.get_by_label("Username").fill("maya")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    assert findings(page) == []


@SCHEMES
@pytest.mark.parametrize("username", ["maya", "oscar", "admin"])
def test_pages_after_login(
    page: Page, portal: PortalProcess, login: Login, username: str, scheme: Any
) -> None:
    page.emulate_media(color_scheme=scheme)
    login(page, username)
    for path in ("/", "/accounts/password_change/", "/accounts/password_change/done/"):
        page.goto(f"{portal.url}{path}")
        assert findings(page) == [], path


@SCHEMES
def test_outsiders_refusal(page: Page, portal: PortalProcess, login: Login, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    login(page, "oscar")
    page.goto(f"{portal.url}/assistant/")
    assert findings(page) == []


@SCHEMES
@pytest.mark.parametrize("width", [320, 1440])
def test_chat(
    page: Page, portal: PortalProcess, login: Login, emulator: Emulator, scheme: Any, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 720})
    page.emulate_media(color_scheme=scheme)
    login(page, "maya")
    page.goto(f"{portal.url}/assistant/")
    expect(page.locator(".chatkit")).to_have_attribute("data-state", "ready")
    assert findings(page) == []


@SCHEMES
@pytest.mark.parametrize("username", ["maya", "admin"])
@pytest.mark.parametrize("fault", ["server_error", "workflow_not_found", "rate_limited"])
def test_refusals(
    page: Page,
    portal: PortalProcess,
    login: Login,
    emulator: Emulator,
    fault: str,
    username: str,
    scheme: Any,
) -> None:
    page.emulate_media(color_scheme=scheme)
    login(page, username)
    emulator.fail(fault, times=1)
    page.goto(f"{portal.url}/assistant/")
    retry = page.get_by_role("button", name="Try again")
    expect(retry).to_be_visible()
    assert findings(page) == []
    retry.click()
    expect(page.locator(".chatkit")).to_have_attribute("data-state", "ready")


@SCHEMES
def test_calm_notices(
    page: Page, portal: PortalProcess, login: Login, emulator: Emulator, scheme: Any
) -> None:
    page.emulate_media(color_scheme=scheme)
    login(page, "maya")
    emulator.fail("server_error", times=1)
    page.goto(f"{portal.url}/assistant/")
    retry = page.get_by_role("button", name="Try again")
    page.context.clear_cookies(name="sessionid")
    retry.click()
    expect(page.get_by_text("Please log in again").first).to_be_visible()
    assert findings(page) == []
    page.context.set_offline(True)
    expect(page.get_by_text("You are offline")).to_be_visible()
    assert findings(page) == []


@SCHEMES
def test_paused(page: Page, portal: PortalProcess, login: Login, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    login(page, "maya")
    portal.manage("shell", "-c", f"{MODELS}; Pause.objects.create(reason='Elections until noon.')")
    try:
        page.goto(f"{portal.url}/assistant/")
        expect(page.get_by_text("Elections until noon.")).to_be_visible()
        assert findings(page) == []
    finally:
        portal.manage("shell", "-c", f"{MODELS}; Pause.objects.all().delete()")


@SCHEMES
def test_quota_used_up(page: Page, portal: PortalProcess, login: Login, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    login(page, "jonas")
    portal.manage(
        "shell",
        "-c",
        f"{MODELS}; member = User.objects.get(username='jonas');"
        "[quotas.take(member, 'default', {'day': 300}) for _ in range(300)]",
    )
    try:
        page.goto(f"{portal.url}/assistant/")
        expect(page.get_by_text("You have reached your limit for now")).to_be_visible()
        assert findings(page) == []
    finally:
        portal.manage("shell", "-c", f"{MODELS}; QuotaWindow.objects.all().delete()")


@SCHEMES
def test_widget_script_silent(page: Page, portal: PortalProcess, login: Login, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    login(page, "maya")
    page.route("**/chatkit.js", lambda route: route.abort())
    page.goto(f"{portal.url}/assistant/")
    expect(page.get_by_text("The chat did not load")).to_be_visible(timeout=15_000)
    assert findings(page) == []


@SCHEMES
def test_form_of_a_page_that_is_out_of_date(page: Page, portal: PortalProcess, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{portal.url}/accounts/login/")
    page.get_by_label("Username").fill("maya")
    page.get_by_label("Password", exact=True).fill("whatever")
    page.context.clear_cookies(name="csrftoken")
    with page.expect_response(lambda answer: answer.request.method == "POST") as posted:
        page.keyboard.press("Enter")
    assert posted.value.status == 403
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Welcome back")
    assert findings(page) == []


@SCHEMES
def test_admin_of_the_audit(
    page: Page, portal: PortalProcess, login: Login, emulator: Emulator, scheme: Any
) -> None:
    """What is ours in the admin; the frame around it is Django's."""
    page.emulate_media(color_scheme=scheme)
    login(page, "admin")
    page.goto(f"{portal.url}/assistant/")
    expect(page.locator(".chatkit")).to_have_attribute("data-state", "ready")
    page.goto(f"{portal.url}/admin/chatkit_gateway/issuance/")
    assert "issued" in page.locator("#result_list").inner_text()
    assert findings(page, "#content") == []
    page.locator("#result_list tbody a").first.click()
    expect(page.get_by_text("Keyed hash of the client secret")).to_be_visible()
    assert findings(page, "#content") == []
