"""What a request for a client secret says: its body, and where it came from."""

from __future__ import annotations

import ipaddress
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from chatkit_gateway import conf, errors
from chatkit_gateway.errors import Refusal

if TYPE_CHECKING:
    from django.http import HttpRequest

MAX_BYTES = 4096
DEFAULT_ASSISTANT = "default"


@dataclass(frozen=True, slots=True)
class Wish:
    """Which assistant the browser wants a secret for, and whether it had one before."""

    assistant: str = DEFAULT_ASSISTANT
    refresh: bool = False


def parse(request: HttpRequest) -> Wish:
    """Read the body.

    Raises `Refusal`: request_too_large, unsupported_media_type, invalid_request.
    """
    announced = request.META.get("CONTENT_LENGTH") or ""
    if announced.isdecimal() and int(announced) > MAX_BYTES:
        raise Refusal(errors.REQUEST_TOO_LARGE)
    body = _read(request)
    if len(body) > MAX_BYTES:
        raise Refusal(errors.REQUEST_TOO_LARGE)
    if not body:
        return Wish()
    if request.content_type != "application/json":
        raise Refusal(errors.UNSUPPORTED_MEDIA_TYPE)
    return _wish(_json_object(body))


def _read(request: HttpRequest) -> bytes:
    """Read one byte more than is allowed, so that its caller sees whether there is one."""
    meta = request.META
    if "wsgi.input" in meta and "HTTP_TRANSFER_ENCODING" in meta:
        # Django takes a WSGI body without a length for an empty one.
        if not meta.get("wsgi.input_terminated"):
            raise Refusal(errors.INVALID_REQUEST)
        chunked: bytes = meta["wsgi.input"].read(MAX_BYTES + 1)
        return chunked
    return request.read(MAX_BYTES + 1)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body.decode("utf-8"), parse_constant=_no_json)
    except (ValueError, RecursionError):
        raise Refusal(errors.INVALID_REQUEST) from None
    if not isinstance(document, dict):
        raise Refusal(errors.INVALID_REQUEST)
    return document


def _no_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _wish(document: dict[str, Any]) -> Wish:
    assistant = document.get("assistant", DEFAULT_ASSISTANT)
    refresh = document.get("refresh", False)
    if not isinstance(assistant, str) or not isinstance(refresh, bool):
        raise Refusal(errors.INVALID_REQUEST)
    return Wish(assistant, refresh)


def client_address(request: HttpRequest) -> str | None:
    """Return the caller's IP address; None when it cannot be told.

    X-Forwarded-For is believed as far as ``TRUSTED_PROXIES`` says: each trusted proxy appends the
    address it was called from, so the caller stands that many places from the end.
    """
    address = request.META.get("REMOTE_ADDR", "")
    trusted = conf.gateway().trusted_proxies
    if trusted > 0:
        header = request.META.get("HTTP_X_FORWARDED_FOR", "")
        forwarded = [entry.strip() for entry in header.split(",") if entry.strip()]
        if len(forwarded) >= trusted:
            address = forwarded[-trusted]
    return _ip(address)


def _ip(address: str) -> str | None:
    host = address
    if address.startswith("["):
        host = address[1:].partition("]")[0]
    elif address.count(":") == 1:
        host = address.partition(":")[0]
    try:
        return str(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        return None
