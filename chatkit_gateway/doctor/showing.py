"""How values are shown in a finding: never a secret, and nothing that a stranger wrote as it is."""

from __future__ import annotations

from urllib.parse import urlsplit

_HEAD, _TAIL = 7, 4
_SHORTEST = 24
"""A key shorter than this is not shown at all: too little of it would stay hidden."""
_LONGEST_FOREIGN = 100


def masked(key: str) -> str:
    """Return the key's first 7 and last 4 characters, or three dots where it is too short."""
    return f"{key[:_HEAD]}…{key[-_TAIL:]}" if len(key) >= _SHORTEST else "…"


def address(url: str) -> str:
    """Return a URL without what may be secret in it: user, password, query and fragment."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return foreign(f"{parts.scheme}://{host}{parts.path}" if parts.scheme else parts.path)


def foreign(text: str) -> str:
    """Return what somebody else wrote: printable ASCII, and not too much of it."""
    kept = "".join(letter if " " <= letter <= "~" else "?" for letter in text)
    return kept if len(kept) <= _LONGEST_FOREIGN else f"{kept[:_LONGEST_FOREIGN]}…"


def origin(url: str) -> str:
    """Return scheme, host and port as a browser's Origin header has them."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if ":" in host:
        host = f"[{host}]"
    standard = {"http": 80, "https": 443}.get(parts.scheme)
    port = "" if parts.port in {None, standard} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def is_local(url: str) -> bool:
    """Tell whether browsers trust this address without HTTPS: it is this machine's own."""
    host = urlsplit(url).hostname or ""
    return host in {"localhost", "127.0.0.1", "::1"} or host.endswith(".localhost")
