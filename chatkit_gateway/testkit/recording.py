"""What the emulator was sent, for a test to look at."""

from __future__ import annotations

import hashlib
import hmac
import threading
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode(errors="surrogateescape")).digest()


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """One call of the API. The key it carried can be compared but not read."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """By lower-case name; `authorization` says only `Bearer [hidden]`."""
    json: Any
    """The body if it was JSON, else None."""
    _bearer: bytes | None = field(repr=False)

    @classmethod
    def of(
        cls, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], json: Any
    ) -> RecordedRequest:
        """Record a request, hiding its credential."""
        kept = {name.lower(): value for name, value in headers.items()}
        scheme, _, secret = kept.get("authorization", "").partition(" ")
        if "authorization" in kept:
            kept["authorization"] = f"{scheme} [hidden]" if secret else "[hidden]"
        return cls(method, path, query, kept, json, _digest(secret) if secret else None)

    def api_key_matches(self, key: str) -> bool:
        """Whether this API key (or client secret) was sent as the bearer."""
        return self._bearer is not None and hmac.compare_digest(self._bearer, _digest(key))

    def as_json(self) -> dict[str, Any]:
        """What may be shown of it over HTTP."""
        return {
            "method": self.method,
            "path": self.path,
            "query": dict(self.query),
            "headers": dict(self.headers),
            "json": self.json,
        }


class RequestLog:
    """Requests in the order of their arrival; written by the server, awaited by tests."""

    def __init__(self) -> None:
        self._requests: list[RecordedRequest] = []
        self._changed = threading.Condition()

    def add(self, request: RecordedRequest) -> None:
        """Record a request and wake whoever waits for it."""
        with self._changed:
            self._requests.append(request)
            self._changed.notify_all()

    def matching(self, path: str = "*") -> list[RecordedRequest]:
        """The requests whose path fits the pattern."""
        with self._changed:
            return [request for request in self._requests if fnmatchcase(request.path, path)]

    def wait(self, count: int, timeout: float, path: str) -> list[RecordedRequest]:
        """Block until this many have arrived; `TimeoutError` if they do not come."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.matching(path)) >= count, timeout):
                arrived = len(self.matching(path))
                message = f"{arrived} of {count} requests for {path} arrived in {timeout} s"
                raise TimeoutError(message)
            return self.matching(path)

    def clear(self) -> None:
        """Forget them all."""
        with self._changed:
            self._requests.clear()
