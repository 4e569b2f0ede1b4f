"""Fixtures of the browser suite, which runs in a pytest process of its own.

Playwright's event loop stays in pytest's thread, so nothing here touches Django's ORM: the portal
is a process, and what it stored is asked through its own commands and pages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route

from chatkit_gateway.testkit.emulator import Emulator
from tests.portal_process import PortalProcess

API_KEY = "sk-test-key-that-must-never-show-QK0e"
WORKFLOW = "wf_0123456789abcdef"

Login = Callable[[Page, str], None]


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Debian's Chromium, which looks nobody up but this machine."""
    return {
        "executable_path": "/usr/bin/chromium-headless-shell",
        "args": [
            "--no-sandbox",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--disable-quic",
            "--disable-gpu",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
        ],
    }


@pytest.fixture
def emulator(chatkit_emulator: Emulator) -> Emulator:
    """The OpenAI API and CDN that the portal talks to, as new."""
    return chatkit_emulator


@pytest.fixture(scope="session")
def portal(
    tmp_path_factory: pytest.TempPathFactory, chatkit_emulator_server: Emulator
) -> Iterator[PortalProcess]:
    """The portal, configured for the emulator; the quota is out of the way."""
    with PortalProcess(
        tmp_path_factory.mktemp("portal"),
        OPENAI_API_KEY=API_KEY,
        CHATKIT_WORKFLOW_ID=WORKFLOW,
        CHATKIT_EMULATOR_URL=chatkit_emulator_server.url,
    ) as process:
        yield process


@pytest.fixture
def foreign_requests(page: Page) -> Iterator[list[str]]:
    """What the page asked of other hosts than this machine; asserted to be nothing at the end.

    Taken by every test through ``guarded``. Requests to OpenAI's CDN are refused like the rest.
    """
    asked: list[str] = []

    def guard(route: Route) -> None:
        if urlsplit(route.request.url).hostname in {"127.0.0.1", "localhost", None}:
            route.fallback()
        else:
            asked.append(route.request.url)
            route.abort()

    page.route("**/*", guard)
    yield asked
    assert asked == []


@pytest.fixture(autouse=True)
def guarded(foreign_requests: list[str]) -> None:
    """No test passes whose page asked a foreign host for anything."""


@pytest.fixture
def login(portal: PortalProcess) -> Login:
    """Return a function that logs a demo account in by the form."""

    def log_in(page: Page, username: str) -> None:
        page.goto(f"{portal.url}/accounts/login/")
        page.get_by_label("Username").fill(username)
        page.get_by_label("Password", exact=True).fill(portal.passwords[username])
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url(lambda url: "/accounts/login/" not in url)

    return log_in


@pytest.fixture
def pictures() -> Path:
    """Where screenshots for the eye go; not part of the repository."""
    folder = Path(".pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
