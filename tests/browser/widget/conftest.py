"""A page with nothing but the widget, served as OpenAI's CDN would, under a strict policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from chatkit_gateway.testkit.emulator import Emulator
from tests.browser.widget.issuing import issue_secret

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; require-trusted-types-for 'script'"
)
SCRIPT = '<script async src="/deployments/chatkit/chatkit.js"></script>'
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Chat</title>
<link rel="stylesheet" href="/page.css">
<main><h1>Chat</h1><openai-chatkit></openai-chatkit></main>{script}
</html>
"""
STYLE = """
html, body { margin: 0 }
h1 { position: absolute; clip-path: inset(50%) }
main { height: 100dvh }
"""

# `api` "hosted" and "self_hosted" stand for the two shapes, whose functions cannot travel as JSON.
SETUP = """
async (options) => {
  await customElements.whenDefined("openai-chatkit");
  const element = document.querySelector("openai-chatkit");
  window.chat ??= { element, asked: [], events: [], sent: [] };
  const names = ["ready", "error", "effect", "deeplink", "response.start", "response.end",
    "history.open", "history.close", "thread.change", "thread.load.start", "thread.load.end",
    "tool.change", "log"];
  if (chat.events.length === 0) for (const name of names) {
    element.addEventListener(`chatkit.${name}`, ({ detail }) => chat.events.push(
      [name, detail?.error ? { code: detail.error.code, text: String(detail.error) } : detail]));
  }
  const apis = {
    hosted: {
      getClientSecret: async (current) => {
        chat.asked.push(current);
        if (window.refusals-- > 0) throw new Error("refused");
        return issueSecret();
      },
    },
    self_hosted: {
      url: "/own/chatkit",
      domainKey: "local-dev",
      fetch: (url, init) => {
        chat.sent.push({ url, ...JSON.parse(init.body) });
        return chat.answer(JSON.parse(init.body), init);
      },
    },
  };
  element.setOptions({ ...options, api: apis[options.api] ?? options.api });
}
"""

# Long enough to be stopped in the middle.
ANSWER = """Good question. You asked: {question}

## In short

It depends on the numbers, on the story behind them, and on who is listening."""


class Chat:
    """The widget as a member uses it, and what the page around it saw."""

    def __init__(self, page: Page, emulator: Emulator) -> None:
        self.page = page
        self.emulator = emulator
        self.secrets: list[str] = []
        self.problems: list[str] = []
        self.composer = page.get_by_role("textbox")
        self.answers = page.locator("article.assistant")
        self.alert = page.get_by_role("alert")

    def open(self, **options: Any) -> None:
        self.page.goto(f"{self.emulator.url}/page")
        self.configure(**options)

    def configure(self, **options: Any) -> None:
        self.page.evaluate(SETUP, {"api": "hosted"} | options)

    def ask(self, text: str) -> None:
        self.composer.fill(text)
        self.composer.press("Enter")

    def expect_answer(self, text: str | None = None) -> Locator:
        """The last answer, once it is whole."""
        answer = self.answers.last
        expect(answer.get_by_role("button", name="Copy", exact=True)).to_be_visible()
        if text is not None:
            expect(answer).to_contain_text(text)
        return answer

    def events(self, name: str) -> list[Any]:
        return [detail for kind, detail in self.page.evaluate("chat.events") if kind == name]

    def issue_secret(self) -> str:
        secret = issue_secret(self.emulator)
        self.secrets.append(secret)
        return secret


@pytest.fixture
def chat(page: Page, emulator: Emulator) -> Iterator[Chat]:
    """A page that is about to load the widget; anything wrong in its console fails the test."""
    emulator.answer_with(lambda question: ANSWER.format(question=question))
    chat = Chat(page, emulator)
    page.on("pageerror", lambda error: chat.problems.append(str(error)))
    page.on("console", lambda message: _note(message.type, message.text, chat.problems))
    page.expose_function("issueSecret", chat.issue_secret)
    serve(page, emulator, "/page", PAGE.format(script=SCRIPT))
    serve(page, emulator, "/page.css", STYLE, "text/css")
    serve(page, emulator, "/favicon.ico", "")
    yield chat
    assert chat.problems == []


def serve(page: Page, emulator: Emulator, path: str, body: str, kind: str = "text/html") -> None:
    """Answer this address of the emulator's origin, under the strict policy."""
    page.route(
        emulator.url + path,
        lambda route: route.fulfill(
            body=body, content_type=kind, headers={"Content-Security-Policy": POLICY}
        ),
    )


def _note(kind: str, text: str, problems: list[str]) -> None:
    """Chromium itself reports refused requests, which some tests are about."""
    if kind in ("error", "warning") and not text.startswith("Failed to load resource"):
        problems.append(text)
