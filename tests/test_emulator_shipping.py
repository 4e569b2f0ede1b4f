"""The test kit around the emulator: script delivery, command, pytest plugin, documentation."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from django.core.management import CommandError, call_command

from chatkit_gateway import testkit
from chatkit_gateway.testkit import SCENARIOS, Emulator

ROOT = Path(__file__).resolve().parent.parent
WIDGET = ROOT / "chatkit_gateway" / "static" / "chatkit_gateway" / "widget"
ENVIRONMENT = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
WITHOUT_AIOHTTP = """
import runpy, sys
sys.modules["aiohttp"] = None
sys.argv = ["manage.py", "chatkit_emulator"]
runpy.run_path("manage.py", run_name="__main__")
"""


@contextmanager
def emulator_process(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`manage.py chatkit_emulator` as an operator starts it."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "chatkit_emulator", *arguments],
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


def test_script__is_told_where_conversations_are(emulator: Emulator) -> None:
    response = httpx2.get(f"{emulator.url}/deployments/chatkit/chatkit.js")
    first, _, rest = response.text.partition("\n")
    address = f"{emulator.url}/v1/chatkit/conversation"
    assert first == f'globalThis.__chatkitHostedConversations = "{address}";'
    assert rest == (WIDGET / "chatkit.js").read_text(encoding="utf-8")
    assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Cache-Control"] == "no-cache"


def test_script__modules_are_as_they_are(emulator: Emulator) -> None:
    for module in WIDGET.rglob("*.js"):
        if module.name != "chatkit.js":
            path = module.relative_to(WIDGET).as_posix()
            response = httpx2.get(f"{emulator.url}/deployments/chatkit/{path}")
            assert response.content == module.read_bytes()
            assert response.headers["Content-Type"].startswith("text/javascript")


@pytest.mark.parametrize(
    "path",
    ["../gateway.js", "..%2fgateway.js", "%2e%2e/gateway.js", "%2Fetc%2Fpasswd", "a%00b", ""],
)
def test_script__nothing_outside_the_directory(emulator: Emulator, path: str) -> None:
    address = urlsplit(emulator.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=5)
    connection.request("GET", f"/deployments/chatkit/{path}")
    assert connection.getresponse().status == 404
    connection.close()


def test_script__may_be_missing(emulator: Emulator) -> None:
    emulator.fail(404, path="/deployments/*")
    assert httpx2.get(f"{emulator.url}/deployments/chatkit/chatkit.js").status_code == 404
    assert emulator.requests == []


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_command__serves_until_a_signal(ending: signal.Signals) -> None:
    with emulator_process("--port", "0") as process:
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        url = re.fullmatch(r"OpenAI emulator: (http://127\.0\.0\.1:\d+)", line)
        assert url, line
        headers = {"Authorization": "Bearer sk-hidden", "OpenAI-Beta": "chatkit_beta=v1"}
        body = {"user": "u", "workflow": {"id": "wf_demo"}}
        answer = httpx2.post(f"{url[1]}/v1/chatkit/sessions", json=body, headers=headers)
        assert answer.status_code == 200
        process.send_signal(ending)
        output, errors = process.communicate(timeout=10)
    assert process.returncode == 0
    assert (output, errors) == ("", "")


def test_command__port_taken(emulator: Emulator) -> None:
    port = str(urlsplit(emulator.url).port)
    with pytest.raises(CommandError, match=f"Port {port} is taken: choose another"):
        call_command("chatkit_emulator", port=int(port))


def test_command__extra_missing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_AIOHTTP],
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.strip() == (
        "CommandError: The emulator needs aiohttp: pip install 'django-chatkit-gateway[testkit]'."
    )


def test_plugin__is_light() -> None:
    script = (
        "import sys, chatkit_gateway.testkit.plugin;"
        "print({'aiohttp', 'openai', 'django'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


def test_plugin__emulator_is_clean(chatkit_emulator: Emulator) -> None:
    assert chatkit_emulator.requests == []
    httpx2.get(f"{chatkit_emulator.api_url}/chatkit/threads")


def test_plugin__emulator_is_clean_again(chatkit_emulator: Emulator) -> None:
    assert chatkit_emulator.requests == []


def test_plugin__points_the_assistant_at_the_emulator(
    chatkit_assistant_settings: dict[str, Any], chatkit_emulator: Emulator, settings: Any
) -> None:
    options = settings.CHATKIT_GATEWAY["ASSISTANTS"]["default"]["OPTIONS"]
    assert options == chatkit_assistant_settings
    assert options["base_url"] == chatkit_emulator.api_url
    assert options["api_key"].startswith("sk-")


def test_testkit__names() -> None:
    assert {name: getattr(testkit, name) for name in testkit.__all__}
    with pytest.raises(AttributeError, match="nothing_like_it"):
        _ = testkit.nothing_like_it


def test_documentation__lists_every_scenario() -> None:
    manual = (ROOT / "docs" / "testkit.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|$", manual, flags=re.MULTILINE))
    assert rows == {name: fault.summary for name, fault in SCENARIOS.items()}
