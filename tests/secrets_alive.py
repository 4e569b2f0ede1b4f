"""Client secrets that are alive at the emulator and in the audit, without a browser to ask."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx2
from django.contrib.auth.models import User

from chatkit_gateway import fingerprints
from chatkit_gateway.errors import Outcome
from chatkit_gateway.models import Issuance
from chatkit_gateway.testkit.emulator import Emulator
from tests.conftest import API_KEY, WORKFLOW

HOSTED = "chatkit_gateway.backends.hosted.HostedBackend"


def issue(emulator: Emulator, member: User, **fields: Any) -> Issuance:
    """Make a session at the emulator, and the row the endpoint would have written for it."""
    return issue_many(emulator, member, 1, **fields)[0]


def issue_many(emulator: Emulator, member: User, count: int, **fields: Any) -> list[Issuance]:
    """Make as many of them; keyword arguments are fields of the rows."""
    request = {"user": f"member-{member.pk}", "workflow": {"id": WORKFLOW}}
    headers = {"Authorization": f"Bearer {API_KEY}", "OpenAI-Beta": "chatkit_beta=v1"}
    with httpx2.Client(headers=headers) as http:
        answers = [
            http.post(f"{emulator.api_url}/chatkit/sessions", json=request).json()
            for _ in range(count)
        ]
    return Issuance.objects.bulk_create([_row(member, answer, fields) for answer in answers])


def _row(member: User, session: dict[str, Any], fields: dict[str, Any]) -> Issuance:
    values: dict[str, Any] = {
        "member": member,
        "username": member.get_username(),
        "assistant": "default",
        "backend": HOSTED,
        "workflow_id": WORKFLOW,
        "outcome": Outcome.ISSUED,
        "status": 200,
        "session_id": session["id"],
        "fingerprint": fingerprints.of_secret(session["client_secret"]),
        "expires_at": datetime.fromtimestamp(session["expires_at"], UTC),
        "reference": uuid4().hex[:12],
    }
    return Issuance(**values | fields)


def answers_to(issuance: Issuance) -> list[tuple[bool, str]]:
    """Return what became of each try to end it, oldest first: did it end it, and the answer."""
    return list(issuance.revocations.order_by("id").values_list("ended", "answer"))


def states(emulator: Emulator, *issuances: Issuance) -> list[str]:
    """Return what the emulator holds of their sessions."""
    return [emulator.sessions[issuance.session_id].status for issuance in issuances]
