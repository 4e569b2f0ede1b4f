"""The portal's log: JSON, a line at a time, each with the reference of its request."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from chatkit_gateway.testkit.emulator import Emulator
from tests.conftest import API_KEY, WORKFLOW
from tests.portal_process import PortalProcess
from tests.visitor import Visitor


@dataclass
class Told:
    """What the portal answered a member, by occasion, and what it logged meanwhile."""

    answers: dict[str, httpx2.Response]
    lines: list[dict[str, Any]]

    def of(self, occasion: str) -> list[dict[str, Any]]:
        """Return the log lines with the reference that the answer names."""
        reference = self.answers[occasion].json()["reference"]
        return [line for line in self.lines if line["reference"] == reference]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, chatkit_emulator_server: Emulator) -> Told:
    """Use the portal once, as it is deployed."""
    emulator = chatkit_emulator_server
    emulator.reset()
    folder = tmp_path_factory.mktemp("portal")
    portal = PortalProcess(
        folder,
        OPENAI_API_KEY=API_KEY,
        CHATKIT_WORKFLOW_ID=WORKFLOW,
        CHATKIT_EMULATOR_URL=emulator.url,
    )
    with portal, Visitor(portal.url) as visitor:
        visitor.log_in("maya", portal.passwords["maya"])
        answers = {
            "issued": visitor.ask(),
            "unknown": visitor.ask({"assistant": "nobody\n{}"}),
            "chosen": visitor.ask(
                {"assistant": "nobody"},
                headers={"X-Request-ID": "chosen", "X-Reference": "chosen"},
            ),
        }
        emulator.fail("server_error")
        answers["upstream"] = visitor.ask()
        answers["page"] = visitor.http.get("/nowhere/")
    emulator.reset()
    log = (folder / "portal.log").read_text().splitlines()
    return Told(answers, [json.loads(line) for line in log])


def test_every_line_says_when_how_bad_who_and_what(told: Told) -> None:
    assert told.lines
    for line in told.lines:
        assert {"time", "level", "name", "reference", "message"} <= set(line)


@pytest.mark.parametrize("occasion", ["unknown", "upstream"])
def test_one_reference_ties_the_answer_to_its_lines(occasion: str, told: Told) -> None:
    lines = told.of(occasion)

    assert {line["name"] for line in lines} >= {
        "chatkit_gateway.audit",
        "chatkit_gateway.endpoint",
        "uvicorn.access",
    }
    code = told.answers[occasion].json()["code"]
    assert any(code in line["message"] for line in lines)


def test_every_line_of_a_request_has_a_reference(told: Told) -> None:
    without = {line["name"] for line in told.lines if line["reference"] == "-"}

    assert without == {"uvicorn.error"}
    access = [line["reference"] for line in told.lines if line["name"] == "uvicorn.access"]
    assert len(access) == len(set(access)) >= len(told.answers)


def test_what_a_caller_says_cannot_forge_a_line(told: Told) -> None:
    [line] = [line for line in told.of("unknown") if line["name"] == "chatkit_gateway.audit"]

    assert line["message"].endswith("unknown_assistant (assistant 'nobody\\n{}')")


def test_a_caller_cannot_choose_the_reference(told: Told) -> None:
    assert told.answers["chosen"].json()["reference"] != "chosen"
    assert "chosen" not in {line["reference"] for line in told.lines}
