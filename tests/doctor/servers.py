"""Real servers that misbehave, each on a free port of this machine."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answering = Callable[["Asked"], "Said"]


@dataclass(frozen=True)
class Asked:
    """A request as a server heard it."""

    method: str
    path: str
    headers: dict[str, str]


@dataclass(frozen=True)
class Said:
    """What to answer."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@contextmanager
def http_server(answer: Answering, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve by a function; yields the address."""

    class Handler(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            self.timeout = 5
            super().handle_one_request()

        def do_GET(self) -> None:
            asked = Asked(self.command, self.path, dict(self.headers))
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            said = answer(asked)
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said.body)))
            self.end_headers()
            self.wfile.write(said.body)

        def do_POST(self) -> None:
            self.do_GET()

        def do_OPTIONS(self) -> None:
            self.do_GET()

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    # What a client thinks of it all is the client's to tell.
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def raw_server(reply: bytes | None) -> Iterator[str]:
    """Answer whatever comes with these bytes and hang up; None: take it and keep silent."""
    listener = socket.create_server(("127.0.0.1", 0))
    held: list[socket.socket] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _address = listener.accept()
                held.append(connection)
                if reply is not None:
                    connection.recv(65536)
                    connection.sendall(reply)
                    connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
        for connection in held:
            connection.close()


@contextmanager
def deaf_port() -> Iterator[str]:
    """A port to which connections are not refused and do not come about: its queue is full."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = []
        for _ in range(2):
            queued = socket.socket()
            queued.setblocking(False)
            queued.connect_ex(listener.getsockname())
            waiting.append(queued)
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            for queued in waiting:
                queued.close()


@contextmanager
def tls_front(upstream: str, tls: ssl.SSLContext, header: str = "") -> Iterator[str]:
    """End TLS in front of a site, as a proxy does; adds a header line to each connection's start.

    Without the header it is the proxy that tells Django nothing of HTTPS.
    """
    host, _, port = upstream.rpartition("//")[2].partition(":")
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _address = listener.accept()
                threading.Thread(target=carry, args=(connection,), daemon=True).start()

    def carry(connection: socket.socket) -> None:
        with suppress(OSError), tls.wrap_socket(connection, server_side=True) as browser:
            request = _whole(browser).replace(b"onnection: keep-alive", b"onnection: close")
            line, _, rest = request.partition(b"\r\n")
            added = f"{header}\r\n".encode() if header else b""
            with socket.create_connection((host, int(port))) as site:
                site.sendall(line + b"\r\n" + added + rest)
                while piece := site.recv(65536):
                    browser.sendall(piece)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def _whole(browser: socket.socket) -> bytes:
    """Read a request to its end, which may come in pieces."""
    request = b""
    while b"\r\n\r\n" not in request:
        request += browser.recv(65536)
    head, _, _body = request.partition(b"\r\n\r\n")
    length = re.search(rb"(?im)^content-length: *(\d+)", head)
    end = len(head) + 4 + (int(length[1]) if length else 0)
    while len(request) < end:
        request += browser.recv(65536)
    return request
