"""The servers of one run, each in a process of its own."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

PORTAL = {
    "DJANGO_ENV_FILE": "",
    "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
    "DJANGO_SECRET_KEY": "only-for-benchmarks-" * 3,
    "DJANGO_SECURE": "false",
    "OPENAI_API_KEY": "sk-benchmark",
    "CHATKIT_WORKFLOW_ID": "wf_benchmark",
}
"""The environment of a portal, but for its database and its upstream."""


@contextmanager
def emulator(upstream_ms: int) -> Iterator[str]:
    """Start the emulator of the OpenAI API and yield its address."""
    command = [sys.executable, "manage.py", "chatkit_emulator", "--port", "0"]
    with _process(command, dict(os.environ), stdout=subprocess.PIPE) as process:
        assert process.stdout
        found = re.search(rb"http://\S+", process.stdout.readline())
        assert found
        url = found[0].decode()
        if upstream_ms:
            body = f'[{{"fault": {{"delay": {upstream_ms / 1000}}}}}]'.encode()
            request = urllib.request.Request(
                f"{url}/_emulator/faults",
                body,
                {"Content-Type": "application/json"},
                method="PUT",
            )
            urllib.request.urlopen(request).close()
        yield url


@contextmanager
def uvicorn(application: str, environment: dict[str, str]) -> Iterator[str]:
    """Serve an ASGI application with one uvicorn worker and yield its address."""
    with _listener() as (listener, url):
        command = [
            sys.executable, "-m", "uvicorn", application, "--fd", str(listener.fileno()),
            "--no-proxy-headers", "--no-access-log", "--log-level", "warning",
        ]  # fmt: skip
        with _process(command, environment, pass_fds=[listener.fileno()]):
            yield url


@contextmanager
def gunicorn(application: str, environment: dict[str, str], threads: int) -> Iterator[str]:
    """Serve a WSGI application with one gunicorn worker of so many threads."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}",
        "--threads", str(threads), "--log-level", "warning",
    ]  # fmt: skip
    with _process(command, environment):
        _wait_for_port(port)
        yield f"http://127.0.0.1:{port}"


def _wait_for_port(port: int) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"nobody listens on port {port}")


@contextmanager
def _listener() -> Iterator[tuple[socket.socket, str]]:
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        # Accepted connections inherit it; asyncio sets it only on sockets it made itself.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listener, f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def _process(
    command: list[str], environment: dict[str, str], **options: object
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, env=environment, **options)  # type: ignore[call-overload]
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)
