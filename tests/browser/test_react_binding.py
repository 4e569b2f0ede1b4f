"""The official React binding drives our element as it drives OpenAI's."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from chatkit_gateway.testkit.emulator import Emulator
from tests.browser.widget.issuing import issue_secret

ROOT = Path(__file__).resolve().parents[2]

# `issueSecret` comes from Python. A new greeting is a new set of options, as state changes give.
APPLICATION = """
import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";
import { ChatKit, useChatKit } from "@openai/chatkit-react";

window.seen = [];

function Application() {
  const [greeting, setGreeting] = useState("Good morning");
  const { control, sendUserMessage } = useChatKit({
    api: { getClientSecret: async (current) => (seen.push(["secret", current]), issueSecret()) },
    startScreen: { greeting },
    onReady: () => seen.push(["ready"]),
    onError: ({ error }) => seen.push(["error", error.message]),
    onResponseEnd: () => seen.push(["end"]),
    onThreadChange: ({ threadId }) => seen.push(["thread", typeof threadId]),
  });
  return (
    <>
      <button onClick={() => setGreeting("Good evening")}>Later</button>
      <button onClick={() => sendUserMessage({ text: "From React" })}>Ask</button>
      <ChatKit control={control} style={{ height: 500 }} />
    </>
  );
}

createRoot(document.getElementById("root")).render(<StrictMode><Application /></StrictMode>);
"""
PAGE = """<!doctype html><meta charset="utf-8"><title>React</title><div id="root"></div>
<script src="/bundle.js" defer></script>
<script async src="/deployments/chatkit/chatkit.js"></script>
"""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The application with the published binding and React's development build."""
    folder = tmp_path_factory.mktemp("react")
    source = folder / "application.jsx"
    source.write_text(APPLICATION)
    subprocess.run(
        [
            ROOT / "node_modules/.bin/esbuild",
            source,
            "--bundle",
            "--jsx=automatic",
            '--define:process.env.NODE_ENV="development"',
            f"--outfile={folder / 'bundle.js'}",
            "--log-level=warning",
        ],
        check=True,
        env={"NODE_PATH": str(ROOT / "node_modules"), "PATH": "/usr/bin:/bin"},
    )
    return (folder / "bundle.js").read_text()


def test_strict_mode__chats_with_one_secret(page: Page, emulator: Emulator, bundle: str) -> None:
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.expose_function("issueSecret", lambda: issue_secret(emulator))
    page.route(
        f"{emulator.url}/react",
        lambda route: route.fulfill(body=PAGE, content_type="text/html"),
    )
    page.route(
        f"{emulator.url}/bundle.js",
        lambda route: route.fulfill(body=bundle, content_type="text/javascript"),
    )
    emulator.answer_with(lambda question: f"You asked: {question}")
    page.goto(f"{emulator.url}/react")
    expect(page.get_by_text("Good morning")).to_be_visible()
    page.get_by_role("button", name="Later").click()
    expect(page.get_by_text("Good evening")).to_be_visible()
    page.get_by_role("textbox").fill("Hello")
    page.get_by_role("textbox").press("Enter")
    expect(page.get_by_role("article").get_by_text("You asked: Hello")).to_be_visible()
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("article").get_by_text("You asked: From React")).to_be_visible()
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    page.wait_for_function("seen.filter(([name]) => name === 'end').length === 2")
    seen = [entry if len(entry) > 1 else entry[0] for entry in page.evaluate("seen")]
    assert sorted(map(str, seen)) == sorted(
        map(str, [["secret", None], "ready", ["thread", "string"], "end", "end"])
    )
    assert problems == []
