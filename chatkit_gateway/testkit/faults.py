"""Faults that the emulator can be told to show, and which request meets which."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Connection = Literal["normal", "hold", "hang", "reset", "truncate", "stall", "trickle"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """How an answer goes wrong. What is left at its default stays as it should be.

    With `status` or `body` the API does nothing and sends just that; otherwise it does what was
    asked and the rest of the fault shapes the answer.
    """

    summary: str = ""
    status: int | None = None
    """The HTTP status, with an error body like OpenAI's unless `body` is given."""
    message: str = ""
    code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    """Sent as it is, labelled as JSON."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """Top-level fields of the true JSON answer and what they are overwritten with."""
    without: tuple[str, ...] = ()
    """Top-level fields that are left out of the true JSON answer."""
    delay: float = 0.0
    """Seconds before anything happens; `release()` ends it early."""
    connection: Connection = "normal"
    interval: float = 1.0
    """Seconds between two bytes of a trickle."""

    def __post_init__(self) -> None:
        if self.connection not in get_args(Connection):
            raise ValueError(f"connection must be one of {', '.join(get_args(Connection))}")
        if self.status is not None and not 200 <= self.status <= 599:
            raise ValueError("status must be between 200 and 599")
        if self.delay < 0 or self.interval < 0:
            raise ValueError("delay and interval are seconds and cannot be negative")

    @property
    def replaces_answer(self) -> bool:
        """Whether the API is kept from doing what was asked."""
        return self.status is not None or self.body is not None


SCENARIOS: Mapping[str, Fault] = MappingProxyType(
    {
        "bad_request": Fault(summary="400, the request is refused", status=400),
        "wrong_key": Fault(
            summary="401, the API key is refused", status=401, code="invalid_api_key"
        ),
        "forbidden": Fault(summary="403, the key may not do this", status=403),
        "workflow_not_found": Fault(
            summary="404, as for a key from another project than the workflow",
            status=404,
            message="Workflow with id 'wf_unknown' not found.",
        ),
        "rate_limited": Fault(
            summary="429 with `Retry-After: 7`",
            status=429,
            code="rate_limit_exceeded",
            headers={"Retry-After": "7"},
        ),
        "server_error": Fault(summary="500", status=500),
        "overloaded": Fault(summary="503", status=503),
        "redirect": Fault(
            summary="302 to an address that does not exist",
            status=302,
            headers={"Location": "/v1/moved"},
            body="",
        ),
        "slow": Fault(summary="a true answer, 2 seconds late", delay=2.0),
        "hold": Fault(summary="waits until `release()`, then answers truly", connection="hold"),
        "hang": Fault(summary="is accepted and never answered", connection="hang"),
        "reset": Fault(summary="the connection is reset before an answer", connection="reset"),
        "truncated": Fault(
            summary="the connection ends in the middle of the answer", connection="truncate"
        ),
        "stalled": Fault(
            summary="the answer stops in the middle until `release()`", connection="stall"
        ),
        "trickle": Fault(summary="a true answer, one byte a second", connection="trickle"),
        "not_json": Fault(summary="200 with a page of HTML", body="<html>Bad gateway</html>"),
        "wrong_json": Fault(summary="200 with JSON of another shape", body='["unexpected"]'),
        "secret_missing": Fault(summary="200 without `client_secret`", without=("client_secret",)),
        "secret_null": Fault(summary="200, `client_secret` null", fields={"client_secret": None}),
        "secret_empty": Fault(summary="200, `client_secret` empty", fields={"client_secret": ""}),
        "secret_number": Fault(
            summary="200, `client_secret` a number", fields={"client_secret": 42}
        ),
        "expiry_text": Fault(
            summary="200, `expires_at` a string", fields={"expires_at": "tomorrow"}
        ),
    }
)
"""The faults that have a name, for `Emulator.fail("...")` and for the HTTP control."""


def resolve(fault: Fault | str | int) -> Fault:
    """A fault from itself, from the name of a scenario or from a bare HTTP status."""
    if isinstance(fault, Fault):
        return fault
    if isinstance(fault, int):
        return Fault(status=fault)
    try:
        return SCENARIOS[fault]
    except KeyError:
        known = ", ".join(SCENARIOS)
        raise ValueError(f"unknown scenario {fault!r}; known are: {known}") from None


@dataclass(slots=True)
class Rule:
    """A fault that is switched on: for which paths, and how many requests it still meets."""

    fault: Fault
    path: str
    times: int | None

    def as_json(self) -> dict[str, Any]:
        """The rule for the HTTP control."""
        return {"fault": asdict(self.fault), "path": self.path, "times": self.times}


class FaultBoard:
    """The rules in force. Used on the server's event loop only."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []

    def add(self, rule: Rule) -> None:
        """Queue a rule; one without a count replaces its predecessor without a count."""
        if rule.times is not None and rule.times < 1:
            raise ValueError("times must be at least 1, or None for every request")
        if rule.times is None:
            self._keep(r for r in self._rules if r.times is not None or r.path != rule.path)
        self._rules.append(rule)

    def take(self, path: str) -> Fault | None:
        """The fault that this request meets: the oldest rule that fits and is not used up."""
        for rule in self._rules:
            if fnmatchcase(path, rule.path):
                if rule.times is not None:
                    rule.times -= 1
                    self._keep(r for r in self._rules if r.times != 0)
                return rule.fault
        return None

    def lift(self, *connections: Connection) -> None:
        """Switch off the faults of these kinds, or all of them."""
        self._keep(r for r in self._rules if connections and r.fault.connection not in connections)

    def as_json(self) -> list[dict[str, Any]]:
        """The rules in force, oldest first."""
        return [rule.as_json() for rule in self._rules]

    def _keep(self, rules: Iterable[Rule]) -> None:
        self._rules = list(rules)
