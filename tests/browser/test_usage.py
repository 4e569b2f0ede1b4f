"""The Usage page in a browser: its charts, its tables, and nothing against its policy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.test_accessibility import findings
from tests.portal_process import PortalProcess

PAGE = "/admin/chatkit_gateway/issuance/usage/"
PANELS = ("outcomes", "latency", "quota", "refusals", "members")
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])
ROWS = """
from datetime import timedelta
from django.utils import timezone
from chatkit_gateway.models import Issuance

def row(days, number, code, outcome, status, took):
    return Issuance(
        member_id=number % 12, username=f"member{number % 12}", assistant="default",
        outcome=outcome, error_code=code, status=status, upstream_ms=took,
        reference=f"{days}-{number}",
        created_at=timezone.now() - timedelta(days=days, minutes=number),
    )

Issuance.objects.bulk_create(
    row(days, number, *ending)
    for days in range(29)
    for number, ending in enumerate(
        [("", "issued", 200, 200 + days)] * 6
        + [("quota_exceeded", "throttled", 429, None)] * 2
        + [("not_a_member", "denied", 403, None), ("upstream_timeout", "failed", 504, 8000)]
    )
)
"""

PIXELS = """(canvas) => {
  const { width, height } = canvas;
  const copy = Object.assign(document.createElement("canvas"), { width, height });
  const pen = copy.getContext("2d", { willReadFrequently: true });
  pen.drawImage(canvas, 0, 0);
  const { data } = pen.getImageData(0, 0, width, height);
  const seen = {};
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] !== 255) continue;
    const colour = `rgb(${data[at]}, ${data[at + 1]}, ${data[at + 2]})`;
    seen[colour] = (seen[colour] ?? 0) + 1;
  }
  return seen;
}"""
COLOUR = """(canvas, name) => {
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.color = `var(${name})`;
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}"""
FILLS = """async () => {
  const { fillOf } = await import("/static/chatkit_gateway/admin/usage/patterns.js");
  return ["issued", "denied", "throttled", "failed"].map((key) => {
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d");
    pen.fillStyle = fillOf(key, "#336699", "#ffffff");
    pen.fillRect(0, 0, 16, 16);
    return pen.getImageData(0, 0, 16, 16).data.join();
  });
}"""


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalProcess]:
    """A portal with a month behind it."""
    with PortalProcess(tmp_path_factory.mktemp("usage")) as process:
        process.manage("shell", "-v", "0", "-c", ROWS)
        yield process


@pytest.fixture(autouse=True)
def _no_complaints(page: Page) -> Iterator[None]:
    """Nothing in the console: no error, no warning, nothing refused by the policy."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield
    assert complaints == []


@pytest.fixture(scope="module")
def cookies(browser: Browser, portal: PortalProcess) -> list[Any]:
    """The cookies of an admin who logged in once; to do it in every test takes most of the time."""
    page = browser.new_page()
    page.goto(f"{portal.url}/accounts/login/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password", exact=True).fill(portal.passwords["admin"])
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{portal.url}/")
    kept = list(page.context.cookies())
    page.close()
    return kept


@pytest.fixture(autouse=True)
def _logged_in(context: BrowserContext, cookies: list[Any]) -> None:
    """Every test is an admin's."""
    context.add_cookies(cookies)


@pytest.fixture
def usage(page: Page, portal: PortalProcess) -> Callable[..., Page]:
    """Return a function that opens the page."""

    def open_page(query: str = "", scheme: Any = "light") -> Page:
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{portal.url}{PAGE}{query}")
        return page

    return open_page


def canvas(page: Page, name: str) -> Any:
    return page.locator(f"#{name} canvas")


def drawn(page: Page, name: str) -> dict[str, int]:
    """Return how many opaque pixels of a chart have which colour."""
    seen: dict[str, int] = canvas(page, name).evaluate(PIXELS)
    return seen


def wait_until_drawn_in(page: Page, rgb: str) -> None:
    page.wait_for_function(
        f"([canvas, rgb]) => ({PIXELS})(canvas)[rgb] > 100",
        arg=[canvas(page, "outcomes").element_handle(), rgb],
    )


def colour(page: Page, name: str) -> str:
    """Return the colour that a custom property has now."""
    return str(page.locator("canvas").first.evaluate(COLOUR, name))


@SCHEMES
@pytest.mark.parametrize("query", ["", "?range=today", "?range=year"])
def test_every_chart_is_drawn(usage: Callable[..., Page], query: str, scheme: str) -> None:
    page = usage(query, scheme)

    for name, series in zip(
        PANELS, ["issued", "p50", "throttled", "failed", "issued"], strict=True
    ):
        assert drawn(page, name).get(colour(page, f"--usage-{series}"), 0) > 20, name


def test_charts_follow_the_admins_theme(usage: Callable[..., Page]) -> None:
    page = usage()
    light = colour(page, "--usage-issued")
    toggle = page.get_by_role("button", name="Toggle theme").first
    while page.locator("html").get_attribute("data-theme") != "dark":
        toggle.click()

    dark = colour(page, "--usage-issued")
    assert dark != light
    wait_until_drawn_in(page, dark)
    assert light not in drawn(page, "outcomes")


def test_charts_follow_the_system(usage: Callable[..., Page]) -> None:
    page = usage()
    light = colour(page, "--usage-issued")
    page.emulate_media(color_scheme="dark")

    dark = colour(page, "--usage-issued")
    assert dark != light
    wait_until_drawn_in(page, dark)


def test_series_differ_without_their_colours(usage: Callable[..., Page]) -> None:
    assert len(set(usage().evaluate(FILLS))) == 4


@SCHEMES
def test_series_stand_out(usage: Callable[..., Page], scheme: str) -> None:
    page = usage(scheme=scheme)
    ground = luminance(colour(page, "--body-bg"))

    for series in ("issued", "denied", "throttled", "failed", "rest", "p50", "p95"):
        own = luminance(colour(page, f"--usage-{series}"))
        darker, lighter = sorted([own, ground])
        assert (lighter + 0.05) / (darker + 0.05) >= 3, series


def luminance(rgb: str) -> float:
    """Return the relative luminance of a colour, as WCAG defines it."""
    channels = [int(part) / 255 for part in rgb.removeprefix("rgb(").rstrip(")").split(",")]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@SCHEMES
@pytest.mark.parametrize("query", ["", "?first=2001-01-01&last=2001-01-02"])
@pytest.mark.parametrize("width", [375, 1440])
def test_axe_finds_nothing(usage: Callable[..., Page], query: str, scheme: str, width: int) -> None:
    page = usage(query, scheme)
    page.set_viewport_size({"width": width, "height": 900})

    assert findings(page, "#content") == []


@SCHEMES
def test_axe_finds_nothing_where_something_is_wrong(
    usage: Callable[..., Page], scheme: str
) -> None:
    page = usage("?first=2001-01-01&last=2000-01-01&per=week&assistant=x", scheme)

    expect(page.get_by_role("status")).to_contain_text("so its days are swapped")
    expect(page.get_by_label("Assistant")).to_have_attribute("aria-invalid", "true")
    assert findings(page, "#content") == []


def test_tables_are_read_by_keyboard(usage: Callable[..., Page]) -> None:
    page = usage()
    table = page.get_by_role("group", name="Issuances by outcome")
    page.get_by_role("button", name="Show").focus()
    page.keyboard.press("Tab")

    expect(table).to_be_focused()
    assert table.evaluate("table => table.scrollHeight > table.clientHeight")
    page.keyboard.press("End")
    last_day = table.get_by_role("row").nth(-2)
    expect(last_day).to_be_in_viewport(ratio=0.9)
    page.wait_for_function("table => table.scrollTop > 0", arg=table.element_handle())


def test_every_chart_says_where_its_numbers_are(usage: Callable[..., Page]) -> None:
    page = usage()

    for name in PANELS:
        panel = page.locator(f"#{name}")
        title = panel.get_by_role("heading").inner_text()
        chart = panel.get_by_role("img")
        expect(chart).to_have_accessible_name(
            f"Chart: {title}. The table after it holds the same numbers."
        )
        expect(panel.get_by_role("table", name=title)).to_be_visible()


@pytest.mark.parametrize("width", [320, 375, 768, 1024, 1440, 1920])
def test_fits_every_width(usage: Callable[..., Page], width: int) -> None:
    page = usage()
    page.set_viewport_size({"width": width, "height": 800})

    # A chart takes its new width when the browser has told it, which is not at once.
    page.wait_for_function("width => document.documentElement.scrollWidth <= width", arg=width)
    for name in PANELS:
        chart = canvas(page, name)
        page.wait_for_function(
            "chart => Math.abs(chart.clientWidth - chart.parentElement.clientWidth) <= 1",
            arg=chart.element_handle(),
        )
        assert drawn(page, name)


def test_range_is_chosen(usage: Callable[..., Page]) -> None:
    page = usage()
    expect(page.get_by_role("link", name="30 days")).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name="7 days").click()
    expect(page.locator("#outcomes tbody tr")).to_have_count(7)
    page.get_by_label("Per").select_option("hour")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#outcomes tbody th").first).to_contain_text("m.")
    page.get_by_role("link", name="quota_exceeded").click()
    expect(page.locator("#result_list")).to_contain_text("throttled")


def test_the_list_leads_here(page: Page, portal: PortalProcess) -> None:
    page.goto(f"{portal.url}/admin/chatkit_gateway/issuance/")
    page.get_by_role("link", name="Usage").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Usage")


def test_without_scripts_there_are_the_tables(
    browser: Browser, portal: PortalProcess, cookies: list[Any]
) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(cookies)
    plain = context.new_page()
    plain.goto(f"{portal.url}{PAGE}")

    for name in PANELS:
        expect(plain.locator(f"#{name} table")).to_be_visible()
        expect(plain.locator(f"#{name} canvas")).to_be_hidden()
    context.close()
