"""examples/react-client against a running portal, behind a proxy and from other origins."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from chatkit_gateway.testkit.emulator import Emulator
from tests.browser import front_ends
from tests.browser.conftest import API_KEY, WORKFLOW
from tests.browser.test_accessibility import MODELS, findings
from tests.portal_process import PortalProcess
from tests.visitor import Visitor

Login = Callable[[Page, str], None]

SCRIPT = "/deployments/chatkit/chatkit.js"
QUESTION = "What is a moat?"
REFERENCE = re.compile(r"^[0-9a-f]{12}$")
FETCH = """
([url, method, credentials]) => fetch(url, { method, credentials })
  .then((answer) => answer.text(), (error) => error.name)
"""


class Addresses:
    """Where the client is: behind Vite's proxy, on a listed origin, and on one that is not."""

    def __init__(self, proxied: str, listed: str, unlisted: str) -> None:
        self.proxied, self.listed, self.unlisted = proxied, listed, unlisted


def by_another_name(address: str) -> str:
    """Return the same address on what browsers take for another site."""
    return address.replace("127.0.0.1", "localhost")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the built client will be."""
    return tmp_path_factory.mktemp("built")


@pytest.fixture(scope="module")
def listed(built: Path) -> Iterator[str]:
    """An origin that the portal lists."""
    with front_ends.folder_served(built) as origin:
        yield origin


@pytest.fixture(scope="module")
def portal(
    tmp_path_factory: pytest.TempPathFactory, chatkit_emulator_server: Emulator, listed: str
) -> Iterator[PortalProcess]:
    """The portal, which lists one server's origin by both of its names."""
    origins = f"{listed},{by_another_name(listed)}"
    with PortalProcess(
        tmp_path_factory.mktemp("portal"),
        OPENAI_API_KEY=API_KEY,
        CHATKIT_WORKFLOW_ID=WORKFLOW,
        CHATKIT_EMULATOR_URL=chatkit_emulator_server.url,
        CORS_ALLOWED_ORIGINS=origins,
        DJANGO_CSRF_TRUSTED_ORIGINS=origins,
    ) as process:
        yield process


@pytest.fixture(scope="module")
def addresses(
    built: Path, listed: str, portal: PortalProcess, chatkit_emulator_server: Emulator
) -> Iterator[Addresses]:
    """The client, built for the portal's own address and in development behind a proxy."""
    script = f"{chatkit_emulator_server.url}{SCRIPT}"
    front_ends.build(built, VITE_PORTAL_URL=portal.url, VITE_CHATKIT_SCRIPT_URL=script)
    with (
        front_ends.folder_served(built) as unlisted,
        front_ends.development_server(
            PORTAL_URL=portal.url, VITE_CHATKIT_SCRIPT_URL=script
        ) as proxied,
    ):
        yield Addresses(proxied, listed, unlisted)


@pytest.fixture(scope="module")
def cookies() -> dict[str, list[Any]]:
    """What the members' browsers hold after a login, by username."""
    return {}


@pytest.fixture
def signed_in(portal: PortalProcess, cookies: dict[str, list[Any]]) -> Login:
    """Return a function that gives a browser a login without the form, which takes a second."""

    def sign_in(page: Page, username: str) -> None:
        if username not in cookies:
            with Visitor(portal.url).log_in(username, portal.passwords[username]) as visitor:
                jar = visitor.http.cookies.jar
                cookies[username] = [
                    {"name": cookie.name, "value": cookie.value, "url": portal.url}
                    for cookie in jar
                ]
        page.context.add_cookies(cookies[username])

    return sign_in


@pytest.fixture(autouse=True)
def brief(emulator: Emulator) -> None:
    """Answer in a few words, which take a moment and not seconds."""
    emulator.answer_with(lambda question: f"You asked: {question}")


@pytest.fixture
def client(addresses: Addresses, emulator: Emulator) -> str:
    """The client on another origin than the portal's."""
    return f"{addresses.listed}/"


@pytest.fixture(params=["proxied", "listed"])
def either(request: pytest.FixtureRequest, addresses: Addresses, emulator: Emulator) -> str:
    """The client in each of the two ways it can be served."""
    return f"{getattr(addresses, request.param)}/"


def expect_chat(page: Page) -> None:
    expect(page.get_by_role("textbox")).to_be_visible()
    expect(page.locator(".problem")).to_have_count(0)


def expect_problem(page: Page, words: str) -> None:
    expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible()
    expect(page.locator(".problem code")).to_have_text(REFERENCE)


def retry(page: Page) -> None:
    page.locator(".problem").get_by_role("button", name="Try again").click()


def expect_thread(page: Page) -> None:
    """Expect the conversation that began with our question."""
    expect(page.get_by_role("article").first).to_contain_text(QUESTION)


def ask(page: Page, question: str) -> None:
    page.get_by_role("textbox").fill(question)
    page.keyboard.press("Enter")
    expect(page.get_by_role("article").get_by_text(f"You asked: {question}")).to_be_visible()
    expect(page.get_by_role("button", name="Send")).to_be_visible()


def log_in_from(page: Page, portal: PortalProcess, username: str = "maya") -> None:
    page.locator(".problem").get_by_role("link", name="Log in").click()
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password", exact=True).fill(portal.passwords[username])
    page.get_by_role("button", name="Log in").click()


def in_database(portal: PortalProcess, statement: str) -> list[tuple[Any, ...]]:
    """Run a statement on the portal's database, which takes a thousandth of a command's time."""
    with closing(sqlite3.connect(portal.folder / "portal.sqlite3")) as database, database:
        return database.execute(statement).fetchall()


def issued(portal: PortalProcess) -> int:
    [(count,)] = in_database(
        portal, "SELECT count(*) FROM chatkit_gateway_issuance WHERE outcome = 'issued'"
    )
    return int(count)


def test_logs_in_and_chats(page: Page, either: str, portal: PortalProcess) -> None:
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(either)
    expect_problem(page, "Your login has ended.")
    log_in_from(page, portal)
    page.wait_for_url(either)
    expect_chat(page)
    expect(page.get_by_role("heading", name="Pitch assistant")).to_be_visible()
    page.get_by_role("button", name="Review my pitch").click()
    expect(page.get_by_role("article").get_by_text("You asked: Review")).to_be_visible()
    assert complaints == []


def test_strict_mode__issues_once(
    page: Page, addresses: Addresses, portal: PortalProcess, emulator: Emulator, signed_in: Login
) -> None:
    before = issued(portal)
    signed_in(page, "maya")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    page.goto(addresses.proxied)
    expect_chat(page)
    ask(page, QUESTION)
    # React's development build ran the effect twice, which asks twice and issues once.
    assert asked.count("config?assistant=default") == 2
    assert asked.count("session") == 1
    assert len(emulator.sessions) == issued(portal) - before == 1


def test_login_that_ended__leads_back_to_the_same_thread(
    page: Page, either: str, portal: PortalProcess, emulator: Emulator, signed_in: Login
) -> None:
    signed_in(page, "maya")
    page.goto(either)
    expect_chat(page)
    ask(page, QUESTION)
    [session] = emulator.sessions.values()
    session.expires_at = 0
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("textbox").fill("And who has one?")
    page.keyboard.press("Enter")
    expect_problem(page, "Your login has ended.")
    expect_thread(page)
    # The client has to remember the thread itself: OpenAI's widget may not.
    page.evaluate(
        "Object.keys(sessionStorage).filter((key) => key.startsWith('chatkit.'))"
        ".forEach((key) => sessionStorage.removeItem(key))"
    )
    log_in_from(page, portal)
    page.wait_for_url(either)
    expect_chat(page)
    expect_thread(page)
    ask(page, "And who has one?")
    expect(page.get_by_role("article")).to_have_count(4)


def test_login_in_another_tab__is_enough(
    page: Page, either: str, portal: PortalProcess, emulator: Emulator, login: Login
) -> None:
    login(page, "maya")
    page.goto(either)
    expect_chat(page)
    ask(page, QUESTION)
    [session] = emulator.sessions.values()
    session.expires_at = 0
    other = page.context.new_page()
    other.goto(portal.url)
    other.get_by_role("button", name="Log out").click()
    login(other, "maya")
    page.get_by_role("textbox").fill("And who has one?")
    page.keyboard.press("Enter")
    # The token is another since that login.
    expect_problem(page, "This page is out of date.")
    retry(page)
    expect_chat(page)
    expect_thread(page)


def test_upstream_down__can_be_tried_again(
    page: Page, client: str, emulator: Emulator, signed_in: Login
) -> None:
    signed_in(page, "maya")
    emulator.fail("server_error", times=1)
    page.goto(client)
    expect_problem(page, "The assistant cannot be reached just now.")
    page.get_by_role("button", name="Try again").focus()
    page.keyboard.press("Enter")
    expect_chat(page)
    expect(page.get_by_role("main")).to_be_focused()


def test_upstream_down_while_chatting__keeps_the_chat(
    page: Page, client: str, emulator: Emulator, signed_in: Login
) -> None:
    signed_in(page, "maya")
    page.goto(client)
    expect_chat(page)
    ask(page, QUESTION)
    [session] = emulator.sessions.values()
    session.expires_at = 0
    emulator.fail("server_error", times=1, path="/v1/chatkit/sessions")
    page.get_by_role("textbox").fill("And who has one?")
    page.keyboard.press("Enter")
    expect_problem(page, "The assistant cannot be reached just now.")
    retry(page)
    expect(page.locator(".problem")).to_have_count(0)
    expect_thread(page)


@pytest.mark.parametrize(("username", "hints"), [("maya", 0), ("admin", 1)])
def test_configuration_mistake__hint_for_staff_only(
    page: Page, client: str, emulator: Emulator, signed_in: Login, username: str, hints: int
) -> None:
    signed_in(page, username)
    emulator.fail("workflow_not_found", times=1)
    page.goto(client)
    expect_problem(page, "The assistant is not set up correctly.")
    expect(page.get_by_text("For staff:")).to_have_count(hints)


def test_outsider__is_told_whom_to_ask(page: Page, client: str, signed_in: Login) -> None:
    signed_in(page, "oscar")
    page.goto(client)
    expect_problem(page, "Your account may not use this assistant.")


def test_paused__says_why(page: Page, client: str, portal: PortalProcess, signed_in: Login) -> None:
    signed_in(page, "maya")
    portal.manage("shell", "-c", f"{MODELS}; Pause.objects.create(reason='Elections until noon.')")
    try:
        page.goto(client)
        expect_problem(page, "Elections until noon.")
    finally:
        in_database(portal, "DELETE FROM chatkit_gateway_pause")
    retry(page)
    expect_chat(page)


def test_quota_used_up__says_when_to_come_back(
    page: Page, client: str, portal: PortalProcess, signed_in: Login
) -> None:
    signed_in(page, "jonas")
    [token] = [c["value"] for c in page.context.cookies() if c["name"] == "csrftoken"]
    session, headers = f"{portal.url}/chatkit/session", {"X-CSRFToken": token}
    while page.request.post(session, headers=headers).status == 200:
        pass
    page.goto(client)
    expect_problem(page, "You have opened the assistant very often.")
    expect(page.get_by_text(re.compile(r"again in \d+ (minute|second)s?\."))).to_be_visible()


def test_script_blocked__says_so_and_loads_it_again(
    page: Page, client: str, emulator: Emulator, signed_in: Login
) -> None:
    signed_in(page, "maya")
    emulator.fail(404, path=SCRIPT)
    page.clock.install()
    with page.expect_response("**/chatkit/session"):
        page.goto(client)
    expect(page.get_by_role("status")).to_have_text("Opening the assistant…")
    page.clock.fast_forward(9_000)
    expect_problem(page, "The chat window could not be loaded.")
    emulator.clear_faults()
    retry(page)
    expect_chat(page)


def test_script_silent__says_so(
    page: Page, client: str, emulator: Emulator, signed_in: Login
) -> None:
    signed_in(page, "maya")
    page.route(
        f"**{SCRIPT}",
        lambda route: route.fulfill(
            content_type="text/javascript",
            body="customElements.define('openai-chatkit',"
            "class extends HTMLElement { setOptions() { document.title = 'Silence'; } })",
        ),
    )
    page.clock.install()
    page.goto(client)
    expect(page).to_have_title("Silence")
    page.clock.fast_forward(9_000)
    expect_problem(page, "The chat window could not be loaded.")


def test_portal_gone__says_so(page: Page, client: str, signed_in: Login) -> None:
    signed_in(page, "maya")
    page.route("**/api/chatkit/config*", lambda route: route.abort())
    page.goto(client)
    expect(page.get_by_role("alert")).to_contain_text("The site could not be reached.")
    page.unroute("**/api/chatkit/config*")
    retry(page)
    expect_chat(page)


@pytest.mark.parametrize("credentials", ["include", "omit"])
@pytest.mark.parametrize(("method", "path"), [("GET", "config"), ("POST", "session")])
def test_unlisted_origin__gets_nothing(
    page: Page,
    addresses: Addresses,
    portal: PortalProcess,
    emulator: Emulator,
    signed_in: Login,
    method: str,
    path: str,
    credentials: str,
) -> None:
    signed_in(page, "maya")
    asked = [f"{portal.url}/api/chatkit/{path}", method, credentials]
    page.goto(f"{addresses.listed}/assets/")
    if credentials == "include":
        assert page.evaluate(FETCH, asked).startswith("{")
    page.goto(f"{addresses.unlisted}/assets/")
    assert page.evaluate(FETCH, asked) == "TypeError"
    assert emulator.requests == []


def test_unlisted_origin__is_told_calmly(
    page: Page, addresses: Addresses, emulator: Emulator, signed_in: Login
) -> None:
    signed_in(page, "maya")
    page.goto(addresses.unlisted)
    expect(page.get_by_role("alert")).to_contain_text("The site could not be reached.")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    assert emulator.requests == []


def test_another_site__gets_no_cookies(
    page: Page, client: str, emulator: Emulator, signed_in: Login
) -> None:
    """What `chatkit_gateway.W010` warns of: listed, and yet the login does not get there."""
    signed_in(page, "maya")
    page.goto(by_another_name(client))
    expect_problem(page, "Your login has ended.")
    page.goto(client)
    expect_chat(page)


def test_theme__follows_the_system_until_chosen(page: Page, client: str, signed_in: Login) -> None:
    page.emulate_media(color_scheme="dark")
    signed_in(page, "maya")
    page.goto(client)
    chat = page.locator("openai-chatkit")
    expect_chat(page)
    expect(chat).to_have_css("color-scheme", "dark")
    page.get_by_role("button", name="Change to light").click()
    expect(chat).to_have_css("color-scheme", "light")
    page.get_by_role("button", name="Change to dark").click()
    page.emulate_media(color_scheme="light")
    expect(chat).to_have_css("color-scheme", "light")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible__at_375_pixels(
    page: Page, addresses: Addresses, emulator: Emulator, signed_in: Login, scheme: Any
) -> None:
    page.set_viewport_size({"width": 375, "height": 720})
    page.emulate_media(color_scheme=scheme)
    signed_in(page, "admin")
    emulator.fail("workflow_not_found", times=1)
    page.goto(addresses.listed)
    expect_problem(page, "The assistant is not set up correctly.")
    assert findings(page) == []
    retry(page)
    expect_chat(page)
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 375
