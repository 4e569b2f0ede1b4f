"""Somebody else's site: made by `startproject`, in an environment that holds the built wheel."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.pages import ROOT, Step
from tests.visitor import PASSWORD

BARE = {
    "PATH": os.environ["PATH"],
    "PYTHONUNBUFFERED": "1",
    "PYTHONWARNINGS": "default",
    # For `createsuperuser`, which would else ask.
    "DJANGO_SUPERUSER_USERNAME": "ada",
    "DJANGO_SUPERUSER_EMAIL": "ada@example.org",
    "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
}
"""The environment of the site's processes: nothing of this machine's, and every warning."""
EMULATOR = "http://127.0.0.1:8787"
"""Where the pages expect `manage.py chatkit_emulator`."""
QUICK_PASSWORDS = """
# Logging in is Django's part; its hasher is slow on purpose.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
"""
LOGIN_FOR_EVERYBODY = """
from django.contrib.auth.views import LoginView

urlpatterns += [path("accounts/login/", LoginView.as_view(template_name="admin/login.html"))]
"""


class Environment:
    """A virtual environment with the wheel in it, and uvicorn."""

    def __init__(self, folder: Path) -> None:
        self.python = str(folder / "bin" / "python")

    @classmethod
    def pinned(cls, folder: Path, wheel: Path) -> Environment:
        """Make one of this Python and the releases that this project pins."""
        return cls._made(folder, sys.executable, "-c", str(ROOT / "requirements.txt"), str(wheel))

    @classmethod
    def newest(cls, folder: Path, wheel: Path, python: str, django: str) -> Environment:
        """Make one of another Python and Django, and the newest releases of the rest."""
        return cls._made(folder, python, str(wheel), django)

    @classmethod
    def _made(cls, folder: Path, python: str, *packages: str) -> Environment:
        run("uv", "venv", "-q", "--python", python, str(folder))
        environment = cls(folder)
        environment.pip("install", *packages, "uvicorn")
        return environment

    def pip(self, command: str, *arguments: str) -> None:
        """Change what the environment holds; needs no pip in it."""
        run("uv", "pip", command, "-q", "--python", self.python, *arguments)


class FreshSite:
    """A project called ``club``.

    ``addresses`` replaces those of the pages: the emulator's, at least. ``variables`` are added to
    the environment of its processes.
    """

    def __init__(
        self,
        folder: Path,
        environment: Environment,
        addresses: Mapping[str, str],
        **variables: str,
    ) -> None:
        self.folder = folder
        self.python = environment.python
        self.addresses = addresses
        self.variables = BARE | variables
        self.log = folder / "site.log"
        self.run("-m", "django", "startproject", "club", ".")

    def write(self, files: Mapping[str, str]) -> None:
        """Add to files, or create them; a bare name is in the folder that `startproject` makes."""
        for name, text in files.items():
            file = self.folder / (name if "/" in name else f"club/{name}")
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("a") as written:
                written.write(f"\n\n{text}")

    def follow(self, steps: Iterable[Step]) -> str:
        """Write what the steps say, run their commands, and return what those printed."""
        steps = list(steps)
        for step in steps:
            if step.where.endswith((".py", ".html")):
                self.write({step.where: self._readdressed(step.code)})
        commands = [command for step in steps if not step.where for command in step.commands()]
        return "".join(self.manage(*command) for command in commands)

    def _readdressed(self, code: str) -> str:
        for address, real in self.addresses.items():
            code = code.replace(address, real)
        return code

    def manage(self, *arguments: str, **variables: str) -> str:
        """Run a management command and return everything it printed."""
        if arguments == ("createsuperuser",):
            arguments = (*arguments, "--noinput")
        return self.run("manage.py", *arguments, **variables)

    def shell(self, code: str) -> str:
        """Run code in the project's shell."""
        return self.manage("shell", "-v", "0", "-c", code)

    def run(self, *arguments: str, **variables: str) -> str:
        """Run the environment's Python in the project's folder."""
        return run(self.python, *arguments, cwd=self.folder, env=self.variables | variables)

    @contextmanager
    def runserver(self) -> Iterator[str]:
        """Serve the site as its reader would try it, and yield its address."""
        ready = re.compile(r"Starting .*development server at (\S+)/$")
        command = ["manage.py", "runserver", "--noreload", "127.0.0.1:0"]
        with self._process(command, stdout=subprocess.PIPE) as server:
            assert server.stdout is not None
            address = next(filter(None, map(ready.match, server.stdout)), None)
            assert address, self.log.read_text()
            yield address[1]

    @contextmanager
    def uvicorn(self) -> Iterator[str]:
        """Serve the site under ASGI, and yield its address."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            fd = listener.fileno()
            command = ["-m", "uvicorn", "club.asgi:application", "--fd", str(fd)]
            with self._process(command, pass_fds=[fd]):
                yield f"http://127.0.0.1:{listener.getsockname()[1]}"

    @contextmanager
    def _process(self, command: list[str], **options: Any) -> Iterator[subprocess.Popen[str]]:
        with self.log.open("ab") as log:
            options = {"stdout": log, "stderr": log, **options}
            server = subprocess.Popen(
                [self.python, *command], cwd=self.folder, env=self.variables, text=True, **options
            )
        try:
            yield server
        finally:
            server.terminate()
            server.communicate(timeout=20)


def run(program: str, *arguments: str, **options: Any) -> str:
    """Run a program to its end, which must be a good one, and return everything it printed."""
    # uv is where this Python's programs are, in the PATH or not.
    found = shutil.which(program, path=Path(sys.executable).parent) or program
    done = subprocess.run([found, *arguments], capture_output=True, text=True, **options)
    printed: str = done.stdout + done.stderr
    assert done.returncode == 0, printed
    return printed
