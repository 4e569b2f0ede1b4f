"""Front ends as they are served: behind a proxy, by Vite, and built, from other origins."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from aiohttp import ClientSession, DummyCookieJar, web

from chatkit_gateway.testkit.server_thread import ServerThread

ROOT = Path(__file__).resolve().parents[2]
CLIENT = ROOT / "examples" / "react-client"
VITE = ["node", str(CLIENT / "node_modules" / "vite" / "bin" / "vite.js")]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing: a test that fails tells what it saw."""


@contextmanager
def in_front_of(portal: str, pages: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    """Serve pages (media type and text, by path), and the portal behind them as a proxy does."""

    async def answer(request: web.Request) -> web.Response:
        if request.path in pages:
            content_type, text = pages[request.path]
            return web.Response(text=text, content_type=content_type)
        async with (
            ClientSession(cookie_jar=DummyCookieJar(), auto_decompress=False) as session,
            session.request(
                request.method,
                f"{portal}{request.path_qs}",
                headers=request.headers,
                data=await request.read(),
                allow_redirects=False,
            ) as passed_on,
        ):
            headers = passed_on.headers.copy()
            headers.popall("Transfer-Encoding", None)
            headers.popall("Content-Length", None)
            body = await passed_on.read()
            return web.Response(status=passed_on.status, headers=headers, body=body)

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    server = ServerThread.start(application, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.stop()


@contextmanager
def folder_served(folder: Path) -> Iterator[str]:
    """Serve a folder, which may still be empty, on a port and so an origin of its own."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder)) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def build(folder: Path, **variables: str) -> None:
    """Build the client into the folder, with its environment variables."""
    done = subprocess.run(
        [*VITE, "build", "--outDir", str(folder), "--emptyOutDir", "--logLevel", "warn"],
        cwd=CLIENT,
        env=_environment(variables),
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr


@contextmanager
def development_server(**variables: str) -> Iterator[str]:
    """Run ``npm run dev`` and yield its address."""
    process = subprocess.Popen(
        [*VITE, "--host", "127.0.0.1", "--port", "0", "--clearScreen", "false"],
        cwd=CLIENT,
        env=_environment(variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            said = ""
            for line in process.stdout:
                said += line
                if local := re.search(r"Local: +(\S+)/\n", line):
                    break
            else:
                raise AssertionError(said)
            # Nobody reads on; a full pipe would stop it.
            Thread(target=process.stdout.read, daemon=True).start()
            yield local[1]
        finally:
            process.terminate()


def _environment(variables: dict[str, str]) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "NO_COLOR": "1"} | variables
