"""Why a request was lost, in words. Takes no message over: one may quote what no report may."""

from __future__ import annotations

import os
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _


def of_environment(error: Exception) -> str:
    """Return what in the environment keeps the client from being made; empty if it is slowness."""
    if isinstance(error, TimeoutError):
        return ""
    if isinstance(error, OSError):
        return _("the certificates that the environment names (SSL_CERT_FILE) cannot be read")
    return _("the proxy that the environment names is of a kind that cannot be used")


def reason(error: Exception, seconds: float) -> str:
    """Return what an error of the HTTP client means."""
    chain = list(_chain(error))
    # First: what timed out in the middle of TLS also has an error of TLS in its chain.
    if any(isinstance(link, TimeoutError) or "Timeout" in type(link).__name__ for link in chain):
        return _("no answer within %(seconds).0f seconds") % {"seconds": seconds}
    for link in chain:
        if words := _known(link):
            return words
    for link in chain:
        if isinstance(link, OSError) and link.errno:
            return os.strerror(link.errno)
    return type(error).__name__


def proxy_answers(status: str) -> str:
    """Return that a proxy did not let a request through."""
    return _("the proxy answers %(status)s") % {"status": status}


def certificate_end(certificate: Mapping[str, Any]) -> datetime | None:
    """Return when a certificate, as `ssl` describes it, expires."""
    ends = certificate.get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC) if ends else None


def _known(error: BaseException) -> str:
    match error:
        case socket.gaierror():
            return _("the name does not resolve")
        case ssl.SSLCertVerificationError():
            # OpenSSL's own words: "self-signed certificate", "certificate has expired".
            return _("the certificate is not trusted (%(why)s)") % {"why": error.verify_message}
        case ssl.SSLError():
            return _("the other side does not speak TLS")
        case ConnectionRefusedError():
            return _("the connection is refused")
        case ConnectionResetError():
            return _("the connection is reset")
    match type(error).__name__:
        case "ProxyError":
            status = re.match(r"\d{3}", str(error))
            return proxy_answers(status[0] if status else "?")
        case "RemoteProtocolError":
            return _("what comes back is no HTTP")
        case "InvalidURL":
            return _("the address is malformed")
    return ""


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for part in error.exceptions:
                yield from _chain(part)
        error = error.__cause__ or error.__context__
