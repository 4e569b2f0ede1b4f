"""The two commands: the demo as an operator meets it, and what a bare machine is told."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chatkit_gateway.conf import OPENAI_SCRIPT
from chatkit_gateway.testkit import Emulator
from tests.visitor import Visitor

ROOT = Path(__file__).resolve().parent.parent
DEMO = [sys.executable, "-m", "scripts.run_demo"]
BARE = {"PATH": os.environ["PATH"], "DJANGO_ENV_FILE": ""}


class Demo:
    """A demo that is ready, and what it said."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.words = ""
        assert process.stdout is not None
        for line in process.stdout:
            self.words += line
            if "Ctrl-C" in line:
                break
        ready = re.search(r"PitchGuard is ready: (\S+)/\n", self.words)
        assert ready, self.words
        self.address = ready[1]
        self.passwords: dict[str, str] = dict(
            re.findall(r"^  (\w+) +(\S+) +an? ", self.words, re.MULTILINE)
        )
        self.children = self._children()

    def _children(self) -> dict[str, Path]:
        """Return the demo's own processes, by what they run, as folders of /proc."""
        pid = self.process.pid
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        found = {}
        for child in (Path("/proc") / number for number in listed):
            command = (child / "cmdline").read_text()
            found["site" if "uvicorn" in command else "emulator"] = child
        return found

    def visitor(self, username: str) -> Visitor:
        """Return one of the demo's people, logged in."""
        return Visitor(self.address).log_in(username, self.passwords[username])

    def assert_ended(self, status: int) -> str:
        """Wait for the end of the demo and all it started, and return its last words."""
        words, _ = self.process.communicate(timeout=20)
        assert self.process.returncode == status, words
        assert [child for child in self.children.values() if child.exists()] == []
        return words


@contextmanager
def demo(folder: Path, **environment: str) -> Iterator[Demo]:
    """Run the demo on a free port, without this machine's own settings for the portal."""
    process = subprocess.Popen(
        [*DEMO, "--port", "0", "--folder", str(folder)],
        cwd=ROOT,
        env=BARE | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        try:
            yield Demo(process)
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demos of this module keep what they keep; the name is awkward on purpose."""
    return tmp_path_factory.mktemp("demo") / "my demo + 100%"


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_demo__chats_offline_and_ends(folder: Path, ending: signal.Signals) -> None:
    kept = folder / "passwords.json"
    before = json.loads(kept.read_text()) if kept.exists() else None
    with demo(folder, DATABASE_URL="sqlite:////nowhere", DJANGO_ALLOWED_HOSTS="elsewhere") as run:
        assert "Offline demo: " in run.words
        assert set(run.children) == {"site", "emulator"}
        assert set(run.passwords) == {"maya", "jonas", "oscar", "admin"}
        assert before in (None, run.passwords)
        with run.visitor("maya") as maya, run.visitor("oscar") as oscar:
            assert maya.ask().status_code == 200
            assert oscar.ask().status_code == 403
        run.process.send_signal(ending)
        assert run.assert_ended(status=0).strip() == ""
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("victim", ["site", "emulator"])
def test_demo__tells_what_died(folder: Path, victim: str) -> None:
    with demo(folder) as run:
        os.kill(int(run.children[victim].name), signal.SIGKILL)
        assert f"The {victim} has ended by itself (status -9)." in run.assert_ended(status=1)


def test_demo__talks_to_openai(folder: Path, tmp_path: Path, chatkit_emulator: Emulator) -> None:
    file = tmp_path / ".env"
    file.write_text("CHATKIT_WORKFLOW_ID=wf_real\nDATABASE_URL=sqlite:////nowhere\n")
    key = "sk-real-key-Zx81"
    variables = {"OPENAI_API_KEY": key, "OPENAI_BASE_URL": chatkit_emulator.api_url}
    with demo(folder, DJANGO_ENV_FILE=str(file), **variables) as run:
        assert "talks to OpenAI" in run.words
        assert "OPENAI_API_KEY from environment, CHATKIT_WORKFLOW_ID from .env" in run.words
        assert key not in run.words
        assert set(run.children) == {"site"}
        with run.visitor("maya") as maya:
            assert OPENAI_SCRIPT in maya.http.get("/assistant/").text
            assert maya.ask().status_code == 200
    [request] = chatkit_emulator.requests
    assert request.api_key_matches(key)
    assert request.json["workflow"]["id"] == "wf_real"


def test_demo__port_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [*DEMO, "--port", port, "--folder", str(tmp_path / "demo")],
            cwd=ROOT,
            env=BARE,
            capture_output=True,
            text=True,
        )
    assert done.returncode == 1
    assert done.stderr == f"Port {port} is taken: choose another with --port.\n"
    assert not (tmp_path / "demo").exists()


class Machine:
    """A copy of the scripts on a machine that has only the programs of its own folder."""

    def __init__(self, folder: Path) -> None:
        self.root, self.programs = folder / "project", folder / "bin"
        (self.root / "scripts").mkdir(parents=True)
        self.programs.mkdir()
        for name in ("bash", "dirname", "env", "sed", "sha256sum", "cat", "true"):
            (self.programs / name).symlink_to(f"/usr/bin/{name}")
        for name in ("prepare.sh", "demo"):
            (self.root / "scripts" / name).symlink_to(ROOT / "scripts" / name)

    def program(self, name: str, script: str) -> None:
        """Add a program."""
        path = self.programs / name
        path.write_text(f"#!/usr/bin/bash\n{script}\n")
        path.chmod(0o755)

    def demo(self) -> subprocess.CompletedProcess[str]:
        """Run `scripts/demo` there."""
        return subprocess.run(
            ["/usr/bin/bash", str(self.root / "scripts" / "demo")],
            env={"PATH": str(self.programs)},
            cwd="/",
            capture_output=True,
            text=True,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


PYTHON_WITHOUT_VENV = 'case "$*" in *version_info*) exit 0;; *) exit 1;; esac'


def test_bare_machine__needs_python(machine: Machine) -> None:
    machine.program("python3", "exit 1")
    done = machine.demo()
    assert done.returncode == 1
    assert done.stderr == (
        "Python 3.11 or newer is needed. Please run: sudo apt-get install python3\n"
    )


def test_bare_machine__may_not_install(machine: Machine) -> None:
    machine.program("python3", PYTHON_WITHOUT_VENV)
    machine.program("id", "echo 1000")
    machine.program("apt-get", "exit 1")
    done = machine.demo()
    assert done.returncode == 1
    assert done.stderr == (
        "Missing: python3-venv. "
        "Please run: sudo apt-get install --no-install-recommends python3-venv\n"
    )


def test_bare_machine__installs_what_is_missing(machine: Machine) -> None:
    machine.program("python3", PYTHON_WITHOUT_VENV)
    machine.program("id", "echo 1000")
    machine.program("sudo", 'shift; exec "$@"')
    log = machine.root / "apt.log"
    fails_once = f'[ -e {log} ]; status=$?; echo "$*" >>{log}; exit $status'
    machine.program("apt-get", fails_once)
    machine.demo()
    install = "install -qq -y --no-install-recommends python3-venv"
    assert log.read_text().splitlines() == [install, "update -qq", install]
