"""How much this process may lean on an upstream: calls in flight, and rest after failures.

The state is this process's own and lives in memory: it protects the process, and nothing that must
be true across processes depends on it.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatkit_gateway import errors
from chatkit_gateway.errors import Refusal

if TYPE_CHECKING:
    from chatkit_gateway.conf import Upstream

_SICK = {
    errors.UPSTREAM_UNAVAILABLE.code,
    errors.UPSTREAM_INVALID_RESPONSE.code,
    errors.UPSTREAM_TIMEOUT.code,
}
"""Refusals that say the upstream is ill. A 4xx is an answer, and 429 has its own Retry-After."""


@dataclass(slots=True)
class _Health:
    failures: int = 0
    resting_until: float = 0.0
    probing: bool = False


_lock = threading.Lock()
_in_flight = 0
_health: dict[str, _Health] = {}


@contextmanager
def admit(upstream: str, limits: Upstream) -> Iterator[None]:
    """Count one call to the upstream (named by its address) for as long as the block runs.

    Raises `Refusal`: gateway_busy when ``limits.in_flight`` calls are under way in this process;
    upstream_paused while the upstream rests after ``limits.rest_after`` failures in a row. When
    the rest is over one call goes through as a probe: success ends the rest, failure renews it.
    """
    health = _enter(upstream, limits)
    sick: bool | None = None
    try:
        yield
        sick = False
    except Refusal as refusal:
        sick = refusal.problem.code in _SICK
        raise
    finally:
        _leave(health, limits, sick)


def reset() -> None:
    """Forget how the upstreams fared. For tests, which share one process."""
    with _lock:
        _health.clear()


def _enter(upstream: str, limits: Upstream) -> _Health:
    global _in_flight
    with _lock:
        health = _health.setdefault(upstream, _Health())
        if health.failures >= limits.rest_after:
            wait = health.resting_until - time.monotonic()
            if wait > 0 or health.probing:
                raise Refusal(errors.UPSTREAM_PAUSED, retry_after=max(1, math.ceil(wait)))
        if _in_flight >= limits.in_flight:
            raise Refusal(errors.GATEWAY_BUSY, retry_after=1)
        health.probing = health.failures >= limits.rest_after
        _in_flight += 1
        return health


def _leave(health: _Health, limits: Upstream, sick: bool | None) -> None:
    """Take note of the end; ``sick`` None: our own error, which says nothing of the upstream."""
    global _in_flight
    with _lock:
        _in_flight -= 1
        health.probing = False
        if sick:
            health.failures += 1
            health.resting_until = time.monotonic() + limits.rest_seconds
        elif sick is False:
            health.failures = 0
