"""The processes of the demo: started in order, watched, ended in order."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 30.0
"""Seconds for a process to start serving, on a slow machine."""
FAREWELL = 5.0
"""Seconds for a process to end by itself when it is asked to."""

Result = TypeVar("Result")


class DemoFailed(Exception):
    """Carries what the operator is told."""


@dataclass(frozen=True, slots=True)
class Running:
    """A process of the demo and the file its output goes to."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def require(self) -> None:
        """Raise `DemoFailed` with the end of its log if it has ended."""
        status = self.process.poll()
        if status is not None:
            end = "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
            raise DemoFailed(f"The {self.name} has ended by itself (status {status}).\n{end}")

    def until(self, probe: Callable[[], Result | None]) -> Result:
        """Return what the probe finds while the process starts; it is asked again and again.

        Raises `DemoFailed` if the process ends, or takes too long.
        """
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self.require()
            if found := probe():
                return found
            time.sleep(0.05)
        raise DemoFailed(f"The {self.name} did not start in {PATIENCE:.0f} s: see {self.log}")


@contextmanager
def running(
    log: Path, command: Sequence[str], variables: Mapping[str, str], pass_fds: Sequence[int] = ()
) -> Iterator[Running]:
    """Run a Python program for as long as the block does; it is called what its log is called."""
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, *command],
            cwd=ROOT,
            env=variables,
            pass_fds=pass_fds,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # Ctrl-C reaches the demo alone, which then ends the others.
            process_group=0,
        )
    try:
        yield Running(log.stem, process, log)
    finally:
        process.terminate()
        try:
            process.wait(FAREWELL)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def watch(processes: Sequence[Running]) -> None:
    """Return never; raise `DemoFailed` as soon as one of them ends."""
    while True:
        for process in processes:
            process.require()
        time.sleep(0.2)


def begin(command: Sequence[str], variables: Mapping[str, str]) -> subprocess.Popen[str]:
    """Begin a Python program whose output is wanted; see `result`.

    As a context manager it is waited for: nobody's Ctrl-C interrupts a migration.
    """
    return subprocess.Popen(  # noqa: S603
        [sys.executable, *command],
        cwd=ROOT,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )


def result(process: subprocess.Popen[str]) -> str:
    """Wait for the program and return what it printed; `DemoFailed` if it failed."""
    output, errors = process.communicate()
    if process.returncode:
        raise DemoFailed(f"The database could not be prepared.\n{errors.strip()}")
    return output
