"""One HTTP exchange in bounded time, that tells how far it got.

It goes by the HTTP client that also makes the members' sessions, so it takes the same proxies,
trusts the same certificates and meets the same obstacles. How far it gets is heard from that
client's `trace` extension; nothing here reads the environment.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from chatkit_gateway.backends import event_loop, hosted
from chatkit_gateway.doctor import wire_failures

LARGEST_BODY = 4 * 1024 * 1024
_SHARE_OF_ONE_WAIT = 0.9


class Layer(StrEnum):
    """Where a request can be lost, in the order in which it gets there."""

    DNS = "dns"
    TCP = "tcp"
    PROXY = "proxy"
    TLS = "tls"
    HTTP = "http"


@dataclass(frozen=True, slots=True)
class Request:
    """What to send; no redirect is followed."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    """As far as it was read: at most 4 MiB."""
    seconds: float
    """Until the headers were there."""
    received_at: datetime
    proxy: str
    """Host and port of the proxy it came through; empty without one."""
    certificate_ends: datetime | None
    """When the other side's certificate expires; None without TLS."""

    def header(self, name: str) -> str:
        """Return the first header of that name; empty without one."""
        return next(iter(self.every(name)), "")

    def every(self, name: str) -> list[str]:
        """Return all headers of that name."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def media_type(self) -> str:
        """Return the content type without its parameters."""
        return self.header("Content-Type").partition(";")[0].strip().lower()

    @property
    def is_html(self) -> bool:
        """Tell whether this is a page, whatever was asked for."""
        return self.media_type == "text/html" or self.body.lstrip()[:1] == b"<"


@dataclass(frozen=True, slots=True)
class Lost:
    """No answer came: at which layer it was lost, and why in words."""

    layer: Layer
    reason: str
    proxy: str


def exchange(request: Request, seconds: float) -> Answer | Lost:
    """Send the request and return what became of it, within so many seconds. Does not raise.

    Needs the SDK, whose HTTP client it takes; raises ImportError without it.
    """
    hosted.HostedBackend.warm_up()  # Importing the SDK is not the other side's slowness.
    journey = _Journey(request.url)
    try:
        return event_loop.run(lambda: _send(request, journey, seconds), seconds)
    except ImportError:
        # Without the SDK there is nothing to ask with; a proxy of a kind that needs a package more
        # is the environment's mistake.
        hosted.require_sdk()
        return Lost(Layer.PROXY, wire_failures.unusable_proxy(), "")
    except Exception as error:
        refused_by_proxy = type(error).__name__ == "ProxyError" or journey.is_new
        layer = Layer.PROXY if refused_by_proxy else journey.layer
        return Lost(layer, wire_failures.reason(error, seconds, journey.is_new), journey.proxy)


class _Journey:
    """How far the client says it has got."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname, parts.port or {"http": 80, "https": 443}[parts.scheme])
        self.layer = Layer.DNS
        self.proxy = ""
        self.is_new = True

    async def note(self, event: str, details: Mapping[str, Any]) -> None:
        """Hear an event of the client: "connection.connect_tcp.started" and the like."""
        self.is_new = False
        layer, _, step = event.partition(".")
        match step:
            case "connect_tcp.started":
                await self._set_out(details["host"], details["port"])
            case "start_tls.started" if not (self.proxy and layer == "connection"):
                self.layer = Layer.TLS
            case "connect_tcp.complete" | "start_tls.complete":
                through = self.layer is Layer.TLS or not self.proxy
                self.layer = Layer.HTTP if through else Layer.PROXY

    async def _set_out(self, host: str, port: int) -> None:
        if (host, port) != self._target:
            self.proxy = f"{host}:{port}"
        self.layer = Layer.PROXY if self.proxy else Layer.DNS
        # The client resolves and connects in one step. That the name resolves is found out before,
        # so that silence from here on is the connection's.
        try:
            await asyncio.get_running_loop().getaddrinfo(host, port)
        except OSError:
            return
        self.layer = Layer.PROXY if self.proxy else Layer.TCP


async def _send(request: Request, journey: _Journey, seconds: float) -> Answer:
    # The client is to give up by itself, since it closes its connection then.
    patience = seconds * _SHARE_OF_ONE_WAIT
    async with hosted.http_client(patience, patience) as client:
        started = time.monotonic()
        async with client.stream(
            request.method,
            request.url,
            headers=dict(request.headers),
            content=request.content,
            extensions={"trace": journey.note},
        ) as response:
            took, received_at = time.monotonic() - started, datetime.now(UTC)
            # Before the body: at its end the connection may be gone, and the certificate with it.
            certificate_ends = _certificate_ends(response.extensions.get("network_stream"))
            body = b""
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > LARGEST_BODY:
                    break
            return Answer(
                status=response.status_code,
                headers=tuple(response.headers.multi_items()),
                body=body[:LARGEST_BODY],
                seconds=took,
                received_at=received_at,
                proxy=journey.proxy,
                certificate_ends=certificate_ends,
            )


def _certificate_ends(stream: Any) -> datetime | None:
    tls = stream.get_extra_info("ssl_object") if stream else None
    certificate = tls.getpeercert() if tls else None
    return wire_failures.certificate_end(certificate) if certificate else None
