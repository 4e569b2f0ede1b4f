"""ChatKit sessions: what may be asked for, what was issued, and what a secret still opens."""

from __future__ import annotations

import re
import secrets
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from .api_errors import ApiError
from .schema import boolean, integer, invalid, mapping, one_of, primitive, record, string

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

Status = Literal["active", "expired", "cancelled"]

_WORKFLOW_ID = re.compile(r"wf_[A-Za-z0-9_-]{1,200}")
_MINUTE = 60.0

_REQUEST = record(
    required={
        "user": string(),
        "workflow": record(
            required={"id": string()},
            optional={
                "version": string(),
                "state_variables": mapping(primitive, longest_key=64),
                "tracing": record({}, {"enabled": boolean}),
            },
        ),
    },
    optional={
        "expires_after": record({"anchor": one_of("created_at"), "seconds": integer(1, 600)}),
        "rate_limits": record({}, {"max_requests_per_1_minute": integer(1)}),
        "chatkit_configuration": record(
            {},
            {
                "automatic_thread_titling": record({}, {"enabled": boolean}),
                "file_upload": record(
                    {},
                    {
                        "enabled": boolean,
                        "max_file_size": integer(1, 512),
                        "max_files": integer(1),
                    },
                ),
                "history": record({}, {"enabled": boolean, "recent_threads": integer(1)}),
            },
        ),
    },
)


@dataclass(slots=True)
class Session:
    """An issued session. A test may change `expires_at` to end it early."""

    id: str
    client_secret: str = field(repr=False)
    user: str
    workflow: dict[str, Any]
    chatkit_configuration: dict[str, Any]
    max_requests_per_minute: int
    expires_at: int
    status: Literal["active", "cancelled"] = "active"
    _served: deque[float] = field(default_factory=deque, repr=False)

    @property
    def state_variables(self) -> dict[str, Any]:
        """What the workflow was told of the user."""
        return dict(self.workflow["state_variables"] or {})

    def status_at(self, now: float) -> Status:
        """Its state as OpenAI would report it at this time."""
        return "expired" if self.status == "active" and now >= self.expires_at else self.status

    def count_request(self, now: float) -> None:
        """Count one request for an answer; refuse it when the minute is used up."""
        while self._served and now - self._served[0] >= _MINUTE:
            self._served.popleft()
        if len(self._served) >= self.max_requests_per_minute:
            wait = str(max(1, round(_MINUTE - (now - self._served[0]))))
            message = f"Rate limit reached for this session. Please try again in {wait}s."
            headers = {"Retry-After": wait}
            raise ApiError(429, message, code="rate_limit_exceeded", headers=headers)
        self._served.append(now)

    def as_json(self, now: float) -> dict[str, Any]:
        """The `chatkit.session` object of the API."""
        return {
            "id": self.id,
            "object": "chatkit.session",
            "status": self.status_at(now),
            "client_secret": self.client_secret,
            "expires_at": self.expires_at,
            "user": self.user,
            "workflow": self.workflow,
            "chatkit_configuration": self.chatkit_configuration,
            "rate_limits": {"max_requests_per_1_minute": self.max_requests_per_minute},
            "max_requests_per_1_minute": self.max_requests_per_minute,
        }


class Sessions:
    """All sessions of one emulator."""

    def __init__(self, workflows: Collection[str] | None, clock: Callable[[], float]) -> None:
        self._workflows = workflows
        self._clock = clock
        self._by_id: dict[str, Session] = {}

    def create(self, body: Any) -> Session:
        """Check a request as OpenAI does and issue a session for it."""
        _REQUEST("", body)
        workflow = self._workflow(body["workflow"])
        lifetime = (body.get("expires_after") or {}).get("seconds", 600)
        limits = body.get("rate_limits") or {}
        session = Session(
            id=f"cksess_{secrets.token_hex(16)}",
            client_secret=f"ek_{secrets.token_urlsafe(32)}",
            user=body["user"],
            workflow=workflow,
            chatkit_configuration=_configuration(body.get("chatkit_configuration") or {}),
            max_requests_per_minute=limits.get("max_requests_per_1_minute") or 10,
            expires_at=int(self._clock()) + lifetime,
        )
        self._by_id[session.id] = session
        return session

    def cancel(self, session_id: str) -> Session:
        """End a session; ending it again changes nothing."""
        session = self._by_id.get(session_id)
        if session is None:
            raise ApiError(404, f"Session with id '{session_id}' not found.", param="session_id")
        session.status = "cancelled"
        return session

    def opened_by(self, client_secret: str) -> Session:
        """The session that this secret still opens."""
        now = self._clock()
        for session in self._by_id.values():
            if session.client_secret == client_secret and session.status_at(now) == "active":
                return session
        raise ApiError(401, "The client secret is unknown, expired or cancelled.")

    def all(self) -> dict[str, Session]:
        """Every session issued since the last reset, by id."""
        return dict(self._by_id)

    def clear(self) -> None:
        """Forget them all."""
        self._by_id.clear()

    def _workflow(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        workflow_id, version = asked["id"], asked.get("version")
        known = (
            _WORKFLOW_ID.fullmatch(workflow_id)
            if self._workflows is None
            else workflow_id in self._workflows
        )
        if not known:
            raise ApiError(404, f"Workflow with id '{workflow_id}' not found.")
        if version is not None and not version.isdecimal():
            message = f"Version '{version}' of workflow '{workflow_id}' not found."
            raise invalid("workflow.version", message, "invalid_value")
        return {
            "id": workflow_id,
            "version": version,
            "state_variables": asked.get("state_variables"),
            "tracing": {"enabled": _flag(asked.get("tracing"), default=True)},
        }


def _configuration(asked: Mapping[str, Any]) -> dict[str, Any]:
    upload = asked.get("file_upload") or {}
    history = asked.get("history") or {}
    return {
        "automatic_thread_titling": {
            "enabled": _flag(asked.get("automatic_thread_titling"), default=True)
        },
        "file_upload": {
            "enabled": _flag(upload, default=False),
            "max_file_size": upload.get("max_file_size") or 512,
            "max_files": upload.get("max_files") or 10,
        },
        "history": {
            "enabled": _flag(history, default=True),
            "recent_threads": history.get("recent_threads"),
        },
    }


def _flag(asked: Mapping[str, Any] | None, *, default: bool) -> bool:
    enabled = (asked or {}).get("enabled")
    return default if enabled is None else bool(enabled)
