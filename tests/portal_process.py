"""The portal as it is deployed: uvicorn in a process of its own, on a database file of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).resolve().parents[1]


class PortalProcess:
    """Migrates, creates the demo accounts, serves. ``environment`` adds to the portal's own.

    ``url`` is its address; ``passwords`` holds the demo accounts' passwords by username (members
    `maya` and `jonas`, the outsider `oscar`, the superuser `admin`).
    """

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.environment = {
            "PATH": os.environ["PATH"],
            "DJANGO_ENV_FILE": "",
            "DJANGO_SECRET_KEY": "only-for-tests-" * 4,
            "DJANGO_SECURE": "false",
            "DATABASE_URL": f"sqlite:///{folder / 'portal.sqlite3'}",
            **environment,
        }
        # Bound before the process starts: nobody can take the port in between, and connections
        # that arrive early wait in its queue.
        self.socket = socket.create_server(("127.0.0.1", 0))
        # Accepted connections inherit it; asyncio sets it only on sockets it made itself.
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.passwords: dict[str, str] = {}
        self.process: subprocess.Popen[bytes] | None = None

    def server(self, fd: int) -> list[str]:
        """Return the server's module and arguments; it takes over a listening socket."""
        application = "pitchguard_site.asgi:application"
        own = ["--no-proxy-headers", "--lifespan", "off"]
        return ["uvicorn", application, "--fd", str(fd), *own]

    def manage(self, *arguments: str) -> str:
        """Run a management command in the portal's environment and return what it printed."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    def __enter__(self) -> Self:
        self.manage("migrate", "--verbosity", "0")
        passwords = self.folder / "passwords.json"
        self.manage("demo_accounts", "--passwords", str(passwords))
        self.passwords = json.loads(passwords.read_text())
        self.log = (self.folder / "portal.log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", *self.server(self.socket.fileno())],
            cwd=ROOT,
            env=self.environment,
            pass_fds=[self.socket.fileno()],
            stdout=self.log,
            stderr=self.log,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=20)
        self.log.close()
        self.socket.close()
