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
"""Of the time for an exchange: the client is to give up by itself, and to say at what."""


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
    was_sent: bool = True
    """Whether it set out; else nothing is known of the layers before this one."""


def exchange(request: Request, seconds: float) -> Answer | Lost:
    """Send the request and return what became of it, within so many seconds.

    Raises nothing but the `Refusal` that the SDK, whose HTTP client it takes, is missing.
    """
    hosted.HostedBackend.warm_up()  # Importing the SDK is not the other side's slowness.
    hosted.require_sdk()
    journey = _Journey(request.url)
    try:
        return event_loop.run(lambda: _send(request, journey, seconds), seconds)
    except Exception as error:
        return journey.lost(error, seconds)


class _Journey:
    """How far the client says it has got."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname, parts.port or {"http": 80, "https": 443}[parts.scheme])
        self.layer = Layer.DNS
        self.proxy = ""
        self.has_client = False
        self._stream: Any = None

    def lost(self, error: Exception, seconds: float) -> Lost:
        """Return that it ended here."""
        if not self.has_client and (reason := wire_failures.of_environment(error)):
            at_certificates = isinstance(error, OSError)
            layer = Layer.TLS if at_certificates else Layer.PROXY
            return Lost(layer, reason, "", was_sent=False)
        layer = Layer.PROXY if type(error).__name__ == "ProxyError" else self.layer
        return Lost(layer, wire_failures.reason(error, seconds), self.proxy)

    async def hang_up(self) -> None:
        """Close the connection, which the client does not when it is interrupted."""
        if self._stream is not None:
            await self._stream.aclose()

    async def note(self, event: str, details: Mapping[str, Any]) -> None:
        """Hear an event of the client: "connection.connect_tcp.started" and the like."""
        layer, _, step = event.partition(".")
        if step == "connect_tcp.complete":
            self._stream = details["return_value"]
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
    patience = seconds * _SHARE_OF_ONE_WAIT
    async with hosted.http_client(patience, patience) as client:
        journey.has_client = True
        started = time.monotonic()
        try:
            async with client.stream(
                request.method,
                request.url,
                headers=dict(request.headers),
                content=request.content,
                extensions={"trace": journey.note},
            ) as response:
                return await _read(response, time.monotonic() - started, journey.proxy)
        except BaseException:
            await journey.hang_up()
            raise


async def _read(response: Any, seconds: float, proxy: str) -> Answer:
    received_at = datetime.now(UTC)
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
        seconds=seconds,
        received_at=received_at,
        proxy=proxy,
        certificate_ends=certificate_ends,
    )


def _certificate_ends(stream: Any) -> datetime | None:
    tls = stream.get_extra_info("ssl_object") if stream else None
    certificate = tls.getpeercert() if tls else None
    return wire_failures.certificate_end(certificate) if certificate else None
