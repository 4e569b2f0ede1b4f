"""The demo behind `scripts/demo`: the portal, and the emulator where OpenAI is not configured."""

from __future__ import annotations

import argparse
import errno
import http.client
import re
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from scripts import demo_environment
from scripts.demo_processes import ROOT, DemoFailed, Running, begin, result, running, watch

DATABASE = ("-m", "scripts.demo_database")
EMULATOR = ("manage.py", "chatkit_emulator", "--port", "0")
SITE = (
    "-m",
    "uvicorn",
    "pitchguard_site.asgi:application",
    "--no-proxy-headers",
    "--timeout-graceful-shutdown",
    "2",
)
OFFLINE = (
    "Offline demo: an emulator on this machine plays OpenAI. Set OPENAI_API_KEY and "
    "CHATKIT_WORKFLOW_ID\nin the environment or in .env to talk to OpenAI itself."
)
ONLINE = "This demo talks to OpenAI and loads OpenAI's widget script ({origins})."
READY = """\

PitchGuard is ready: {address}

{accounts}
{upstream}
Logs, and the mail the site sends, are in {folder}. Ctrl-C ends the demo.
"""


def main() -> None:
    """Run the demo until it is told to end, or one of its processes dies."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description=main.__doc__)
    parser.add_argument("--port", type=int, default=8000, help="of the site (8000)")
    parser.add_argument(
        "--folder", type=Path, default=ROOT / ".demo", help="for all it keeps (.demo)"
    )
    arguments = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    try:
        with listen(arguments.port) as listener:
            serve(listener, arguments.folder.resolve())
    except DemoFailed as failure:
        sys.exit(str(failure))


def stop(_number: int, _frame: FrameType | None) -> None:
    """End the demo in order, once, however often it is asked to."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.exit(0)


def listen(port: int) -> socket.socket:
    """Take the site's port before anything starts, so that a taken one is told at once."""
    try:
        listener = socket.create_server(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        reason = "is taken" if taken else "cannot be used"
        raise DemoFailed(f"Port {port} {reason}: choose another with --port.") from None
    # asyncio sets this itself only on sockets it made; what is accepted here inherits it. Without
    # it every answer waits 40 ms for the acknowledgement of its headers.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def serve(listener: socket.socket, folder: Path) -> None:
    """Start everything, say so, and stay until a process dies. What was started is ended."""
    folder.mkdir(mode=0o700, exist_ok=True)
    variables = demo_environment.portal(folder)
    openai, origins = demo_environment.openai()
    with ExitStack() as stack:
        processes: list[Running] = []

        def start(name: str, *command: str, pass_fds: Sequence[int] = ()) -> Running:
            process = running(folder / f"{name}.log", command, variables, pass_fds)
            processes.append(stack.enter_context(process))
            return processes[-1]

        database = begin([*DATABASE, str(folder / "passwords.json")], variables)
        stack.enter_context(database)
        if origins:
            variables |= openai
        else:
            emulator = start("emulator", *EMULATOR)
            url = emulator.until(lambda: address_in(emulator.log))
            variables |= demo_environment.emulated(url)
        fd, port = listener.fileno(), listener.getsockname()[1]
        site = start("site", *SITE, "--fd", str(fd), pass_fds=[fd])
        accounts = result(database)
        site.until(lambda: healthy(port))
        print(greeting(port, accounts, origins, folder), flush=True)
        watch(processes)


def greeting(port: int, accounts: str, origins: str, folder: Path) -> str:
    """Return what the operator is told when everything runs."""
    # OpenAI verifies the domain that a widget is shown on, unless it is called localhost.
    host = "localhost" if origins else "127.0.0.1"
    return READY.format(
        address=f"http://{host}:{port}/",
        accounts=accounts,
        upstream=ONLINE.format(origins=origins) if origins else OFFLINE,
        folder=folder,
    )


def address_in(log: Path) -> str | None:
    """Return the emulator's address if its log tells it yet."""
    line = re.search(r"^OpenAI emulator: (\S+)$", log.read_text(), re.MULTILINE)
    return line[1] if line else None


def healthy(port: int) -> bool:
    """Return whether the site answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    main()
