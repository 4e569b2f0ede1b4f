"""What is to be examined, within which time."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from chatkit_gateway import conf
from chatkit_gateway.doctor.findings import Finding, Level

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

    from chatkit_gateway.conf import Assistant

TOTAL_SECONDS = 40.0
STEP_SECONDS = 5.0
"""How long one look at the network may take."""


class OutOfTime(Exception):
    """The examination as a whole has used up its time."""


class Budget:
    """The seconds that all looks at the network share."""

    def __init__(self, seconds: float = TOTAL_SECONDS) -> None:
        self.seconds = seconds
        self._ends = time.monotonic() + seconds

    def step(self) -> float:
        """Return how many seconds the next look may take; raises `OutOfTime` if none are left."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise OutOfTime
        return min(STEP_SECONDS, left)


@dataclass(slots=True)
class Case:
    """One visit to the doctor. ``findings`` grows as it goes on; later examinations look there."""

    alias: str | None = None
    """The only assistant to look at; None: all of them."""
    address: str | None = None
    """The public address of the assistant's page; None: the site is not visited."""
    member: AbstractBaseUser | None = None
    """Whose eyes to see that page with; None: those of somebody who is not logged in."""
    with_session: bool = True
    """Whether to make a real session."""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    budget: Budget = field(default_factory=Budget)
    findings: list[Finding] = field(default_factory=list)

    def assistants(self) -> list[Assistant]:
        """Return the assistants to look at; raises what unreadable settings raise."""
        configured = conf.gateway().assistants
        if self.alias is not None:
            return [configured[self.alias]]
        return list(configured.values())

    def has_several(self) -> bool:
        """Tell whether there is more than one assistant to look at, if the settings tell."""
        try:
            return len(self.assistants()) > 1
        except Exception:
            return False

    def problems(self, assistant: str, *beginnings: str) -> list[Finding]:
        """Return the problems with ids that begin so and that concern the assistant.

        An empty alias asks for what concerns the whole site.
        """
        return [
            finding
            for finding in self.findings
            if finding.level is Level.PROBLEM
            and finding.id.startswith(beginnings)
            and finding.assistant in {"", assistant}
        ]
