"""`manage.py chatkit_doctor`: table, JSON, exit status, and never a secret."""

from __future__ import annotations

import io
import json
import logging
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError

from chatkit_gateway.doctor.examination import AREAS
from chatkit_gateway.testkit.emulator import Emulator
from chatkit_gateway.testkit.faults import Fault
from tests.conftest import API_KEY, WORKFLOW
from tests.doctor.conftest import Configure

ROOT = Path(__file__).resolve().parents[2]
MEMBERS = {"id", "level", "assistant", "title", "found", "to_do"}


def doctor(*arguments: str) -> tuple[str, int]:
    """Return what it prints, and its exit status."""
    printed = io.StringIO()
    try:
        call_command("chatkit_doctor", *arguments, stdout=printed)
    except CommandError as error:
        return printed.getvalue(), error.returncode
    return printed.getvalue(), 0


class TestStatus:
    def test_fine(self, healthy: Emulator) -> None:
        printed, status = doctor()

        assert status == 0
        assert printed.rstrip().endswith("0 warning, 0 problem")

    def test_problem(self, healthy: Emulator) -> None:
        healthy.fail("wrong_key", path="/v1/chatkit/*")

        assert doctor()[1] == 1

    def test_warning(self, healthy: Emulator) -> None:
        healthy.fail(Fault(body="globalThis.x = 1"), path="/deployments/*")

        assert doctor()[1] == 0
        assert doctor("--fail-level", "warning")[1] == 1

    @pytest.mark.parametrize(
        "arguments",
        [
            ["--assistant", "nobody"],
            ["--url", "portal.example.org"],
            ["--url", "ftp://portal.example.org/"],
            ["--url", "https://ada:hunter2@portal.example.org/"],
            ["--url", "https://portal.example.org:0/"],
            ["--url", "https://portal.example.org:99999/"],
            ["--url", "https://[::1/"],
            ["--member", "maria"],
            ["--member", "nobody", "--url", "https://portal.example.org/"],
        ],
    )
    def test_asked_wrongly(self, arguments: list[str], healthy: Emulator) -> None:
        printed, status = doctor(*arguments)

        assert (printed, status) == ("", 2)
        assert healthy.requests == []

    def test_about_settings_that_cannot_be_read(
        self, healthy: Emulator, configure: Configure
    ) -> None:
        """The doctor is there for what is broken: it examines what it can."""
        configure(UPSTREAM={"patience": 1})

        printed, status = doctor("--assistant", "default")

        assert status == 1
        assert "patience" in printed

    def test_member_without_a_database(self, healthy: Emulator, tmp_path: Path) -> None:
        command = [sys.executable, "manage.py", "chatkit_doctor", "--member", "maria"]
        done = subprocess.run(
            [*command, "--url", "https://portal.example.org/"],
            cwd=ROOT,
            env=portal_environment(tmp_path, healthy),
            capture_output=True,
            text=True,
        )

        assert done.returncode == 2
        assert "without --member" in done.stderr


class TestTable:
    def test_names_every_area_and_what_to_do(self, healthy: Emulator) -> None:
        healthy.fail("workflow_not_found", path="/v1/chatkit/*")

        printed, _status = doctor()

        assert "Checked" in printed
        assert "What to do" in printed
        for area in AREAS:
            assert f"\n{area.title} ─" in printed
        assert "workflow_not_found" in printed
        assert "organisation" in printed
        assert "\x1b" not in printed

    def test_names_assistants_where_there_are_several(
        self, healthy: Emulator, settings: Any
    ) -> None:
        assert "default: API key" not in doctor()[0]
        assistants = settings.CHATKIT_GATEWAY["ASSISTANTS"]
        settings.CHATKIT_GATEWAY |= {"ASSISTANTS": {**assistants, "b": assistants["default"]}}

        printed, _status = doctor()
        assert "default: API key" in printed
        assert "b: API key" in printed
        assert "b: API key" not in doctor("--assistant", "default")[0]

    def test_brackets_are_brackets(self, healthy: Emulator, configure: Configure) -> None:
        configure(options={"organization": "[bold]org[/bold]"})

        assert "[bold]org[/bold]" in doctor("--no-session")[0]

    def test_in_colour_in_a_terminal(self, tmp_path: Path, healthy: Emulator) -> None:
        """As wide as the terminal, which is one of the narrow ones."""
        keyboard, terminal = pty.openpty()
        command = [sys.executable, "manage.py", "chatkit_doctor", "--no-session"]
        environment = portal_environment(tmp_path, healthy) | {"TERM": "xterm", "COLUMNS": "80"}
        done = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=terminal, stderr=subprocess.DEVNULL
        )
        os.close(terminal)
        printed = read_to_the_end(keyboard)
        assert done.wait(timeout=60) == 1  # The database of this portal is empty.
        assert "\x1b[" in printed
        assert "sk-test…QK0e" in printed


def read_to_the_end(terminal: int) -> str:
    pieces = []
    try:
        while piece := os.read(terminal, 65536):
            pieces.append(piece)
    except OSError:  # How a terminal says that nobody writes to it any more.
        pass
    os.close(terminal)
    return b"".join(pieces).decode()


def portal_environment(folder: Path, emulator: Emulator) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_ENV_FILE": "",
        "DJANGO_SECRET_KEY": "only-for-tests-" * 4,
        "DATABASE_URL": f"sqlite:///{folder / 'portal.sqlite3'}",
        "CHATKIT_EMULATOR_URL": emulator.url,
        "OPENAI_API_KEY": API_KEY,
        "CHATKIT_WORKFLOW_ID": WORKFLOW,
    }


class TestJson:
    def test_shape(self, healthy: Emulator) -> None:
        printed, _status = doctor("--json", "--url", "https://nowhere.invalid/x?token=y#z")

        report = json.loads(printed)
        assert set(report) == {"version", "examined_at", "url", "worst", "counts", "findings"}
        assert report["version"] == 1
        assert report["url"] == "https://nowhere.invalid/x"
        assert report["worst"] == "problem"
        assert list(report["counts"]) == ["ok", "info", "warning", "problem"]
        assert sum(report["counts"].values()) == len(report["findings"])
        areas = {area.id for area in AREAS}
        for finding in report["findings"]:
            assert set(finding) == MEMBERS
            assert finding["id"].partition(".")[0] in areas
            assert finding["to_do"] or finding["level"] in {"ok", "info"}

    def test_nothing_else_is_printed(self, healthy: Emulator, tmp_path: Path) -> None:
        """The log goes to stderr, and not even there without ``--verbosity 2``."""
        command = [sys.executable, "manage.py", "chatkit_doctor", "--json"]
        environment = portal_environment(tmp_path, healthy)
        runs = [
            subprocess.run(
                [*command, "--verbosity", verbosity],
                cwd=ROOT,
                env=environment,
                capture_output=True,
                text=True,
            )
            for verbosity in ("1", "2")
        ]

        assert [run.returncode for run in runs] == [1, 1]
        for run in runs:
            assert json.loads(run.stdout)["worst"] == "problem"
        assert runs[0].stderr.startswith("CommandError: The doctor found")
        assert "httpx2" in runs[1].stderr
        secrets = {session.client_secret for session in healthy.sessions.values()}
        for run in runs:
            for hidden in (*secrets, API_KEY):
                assert hidden not in run.stdout + run.stderr


class TestSecrecy:
    @pytest.mark.parametrize(
        "fault", [None, "wrong_key", "not_json", "expiry_text", "reset", "bad_request"]
    )
    def test_no_secret_and_no_key(
        self,
        fault: str | None,
        healthy: Emulator,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        if fault:
            healthy.fail(fault, path="/v1/chatkit/*")
        with caplog.at_level(logging.DEBUG):
            printed = doctor("--verbosity", "2")[0] + doctor("--json", "--verbosity", "2")[0]

        secrets = {session.client_secret for session in healthy.sessions.values()}
        assert secrets or fault
        for hidden in (*secrets, API_KEY):
            assert hidden not in printed
            assert hidden not in caplog.text

    def test_nor_what_an_answer_quotes(self, healthy: Emulator) -> None:
        message = f"Incorrect API key provided: {API_KEY}. You can find yours at"
        healthy.fail(Fault(status=401, message=message))

        assert API_KEY not in doctor()[0] + doctor("--json")[0]


def test_sees_the_page_as_a_member(serve: Any, maria: User) -> None:
    printed, status = doctor("--url", f"{serve()}/assistant/", "--member", "maria")

    assert status == 0
    assert "A member gets the page" in printed
