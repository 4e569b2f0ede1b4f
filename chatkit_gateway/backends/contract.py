"""What a backend is: the protocol every one follows, and what it hands back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from django.utils.module_loading import import_string

from chatkit_gateway import conf

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser
    from django.core.checks import CheckMessage

    from chatkit_gateway.conf import Assistant


@dataclass(frozen=True, slots=True)
class IssuedSecret:
    """A fresh client secret and what the audit keeps about it. Its repr hides the secret."""

    client_secret: str = field(repr=False)
    session_id: str
    expires_at: int
    """Unix timestamp in seconds, by the upstream's clock."""
    expires_in: int
    """Seconds the secret lives, counted from its creation."""
    upstream_request_id: str = ""


class Backend(Protocol):
    """Issues and cancels the client secrets of one assistant. Made anew for each request.

    A backend is named in ``ASSISTANTS[alias]["BACKEND"]`` by dotted path and called with the
    `Assistant`. It raises `chatkit_gateway.errors.Refusal` and nothing else on purpose, and no
    secret or key may appear in what it raises or logs.
    """

    mode: ClassVar[str]
    """What the browser is told: "hosted" or "self_hosted"."""
    revoked_by_row: ClassVar[bool]
    """Whether the site itself checks its secrets, so that a revocation's row is their end.

    Where it is False, ending one early takes a `cancel`."""
    workflow_id: str
    """What the audit records as the workflow; empty where there is none."""

    def __init__(self, assistant: Assistant) -> None: ...

    def prepare(self, user: AbstractBaseUser) -> None:
        """Refuse if the assistant cannot work as configured. May still ask the database."""

    def issue(self) -> IssuedSecret:
        """Make a client secret for the prepared user, in bounded time, without the database."""

    def cancel(self, session_id: str, within: float | None = None) -> str:
        """End a session, so that its client secret stops working, without the database.

        Takes bounded time: ``within`` seconds where given. Returns the upstream's request id,
        empty if there is none. Raises `Refusal` unless the upstream says that it is over.
        """

    @classmethod
    def warm_up(cls) -> None:
        """Load what the first member would else wait for; a server may call it as it starts."""

    @classmethod
    def check(cls, assistant: Assistant, today: date) -> Sequence[CheckMessage]:
        """Return what is wrong with the assistant's options, for ``manage.py check``."""


def warm_up() -> None:
    """Load what the configured backends load lazily; takes seconds, so give it a thread."""
    for assistant in conf.gateway().assistants.values():
        import_string(assistant.backend).warm_up()


def load(assistant: Assistant) -> Backend:
    """Return the assistant's backend; raises ImportError when its dotted path leads nowhere."""
    backend: Backend = import_string(assistant.backend)(assistant)
    return backend


def call_or_value(value: Any, *arguments: Any) -> Any:
    """Return the value, or what it answers if it is the dotted path of a callable."""
    return import_string(value)(*arguments) if isinstance(value, str) else value
