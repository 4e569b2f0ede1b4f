"""The portal as it is deployed: uvicorn in one or more processes, on a database of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[1]
QUICK_LOGINS = {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"]}
"""The real hasher is slow on purpose: a third of a second of each of hundreds of logins."""


class PortalProcess:
    """Migrates, creates the demo accounts, serves. ``environment`` adds to the portal's own.

    ``settings`` are laid over the portal's own, dicts key by key, as JSON can say them.
    ``servers`` is how many processes serve the one database, each at an address of its own:
    ``urls``, of which ``url`` is the first. ``pids`` are theirs.

    ``passwords`` holds the demo accounts' passwords by username (members `maya` and `jonas`, the
    outsider `oscar`, the superuser `admin`).
    """

    def __init__(
        self,
        folder: Path,
        *,
        servers: int = 1,
        settings: Mapping[str, Any] | None = None,
        **environment: str,
    ) -> None:
        self.folder = folder
        self.environment = {
            "PATH": os.environ["PATH"],
            "DJANGO_ENV_FILE": "",
            "DJANGO_SECRET_KEY": "only-for-tests-" * 4,
            "DJANGO_SECURE": "false",
            "DATABASE_URL": f"sqlite:///{folder / 'portal.sqlite3'}",
            **environment,
        }
        self.environment["DJANGO_SETTINGS_MODULE"] = "tests.portal_settings"
        self.environment["TEST_PORTAL_SETTINGS"] = json.dumps(QUICK_LOGINS | dict(settings or {}))
        # Bound before the processes start: nobody can take a port in between, and connections
        # that arrive early wait in its queue.
        self.sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(servers)]
        for listening in self.sockets:
            # Accepted connections inherit it; asyncio sets it only on sockets it made itself.
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.urls = [f"http://127.0.0.1:{each.getsockname()[1]}" for each in self.sockets]
        self.url = self.urls[0]
        self.passwords: dict[str, str] = {}
        self.pids: list[int] = []
        self.running = ExitStack()

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
        for listening in self.sockets:
            self.serve(listening)
        return self

    def serve(self, listening: socket.socket) -> None:
        """Start a process that answers there until the end."""
        self.running.enter_context(listening)
        log = self.running.enter_context((self.folder / "portal.log").open("ab"))
        process = subprocess.Popen(
            [sys.executable, "-m", *self.server(listening.fileno())],
            cwd=ROOT,
            env=self.environment,
            pass_fds=[listening.fileno()],
            stdout=log,
            stderr=log,
        )
        self.pids.append(process.pid)
        self.running.callback(process.wait, timeout=20)
        self.running.callback(process.terminate)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.running.close()
