"""The wheel and the environments it is installed in: one of each for the whole run."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.other_sites.fresh_site import Environment
from tests.pages import ROOT

OncePerRun = Callable[[str, Callable[[Path], object]], Path]


@pytest.fixture(scope="session")
def once_per_run(tmp_path_factory: pytest.TempPathFactory) -> OncePerRun:
    """Return a function that makes a folder, unless another process of this run has made it."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent

    def make_once(name: str, make: Callable[[Path], object]) -> Path:
        folder, made = base / name, base / f"{name}.made"
        with (base / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.exists():
                make(folder)
                made.touch()
        return folder

    return make_once


@pytest.fixture(scope="session")
def wheel(once_per_run: OncePerRun) -> Path:
    """The package as it is published."""

    def build(folder: Path) -> None:
        command = ["-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
        done = subprocess.run([sys.executable, *command], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr

    [built] = once_per_run("wheel", build).iterdir()
    return built


@pytest.fixture(scope="session")
def environment(once_per_run: OncePerRun, wheel: Path) -> Environment:
    """An environment with the wheel; nobody changes it."""
    return Environment(once_per_run("environment", lambda at: Environment.pinned(at, wheel)))
