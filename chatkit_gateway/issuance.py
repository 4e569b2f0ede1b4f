"""The use case: gate, pause, configuration, quota, upstream, audit, answer.

No client secret leaves without its committed audit row, and no database connection is held while
an upstream is asked.
"""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import Error as DatabaseError
from django.utils import timezone

from chatkit_gateway import audit, errors, gate, quotas, waiting
from chatkit_gateway.backends import contract
from chatkit_gateway.connections import release_connections
from chatkit_gateway.errors import Refusal
from chatkit_gateway.models import Pause

if TYPE_CHECKING:
    from chatkit_gateway.audit import Attempt
    from chatkit_gateway.backends.contract import Backend, IssuedSecret
    from chatkit_gateway.conf import Assistant
    from chatkit_gateway.quotas import Taken

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the browser gets. Times as in `IssuedSecret`; the repr hides the secret."""

    client_secret: str = field(repr=False)
    expires_at: int
    expires_in: int
    assistant: str
    mode: str


def issue(attempt: Attempt) -> Answer:
    """Issue a client secret, or raise the `Refusal` that applies first.

    Either way the audit row, where one is due, is committed when this returns or raises. If the
    row of a fresh secret cannot be written the upstream session is cancelled and the refusal is
    audit_unavailable.
    """
    try:
        assistant = gate.admit(attempt.member, attempt.assistant)
        backend = contract.load(assistant)
        attempt.backend, attempt.workflow_id = assistant.backend, backend.workflow_id
        _refuse_if_paused(assistant)
        backend.prepare(attempt.member)
        taken = _take_quota(attempt, assistant)
        issued = _ask_backend(attempt, backend, taken)
    except Refusal as refusal:
        audit.record_refusal(attempt, refusal)
        raise
    try:
        audit.record_issued(attempt, issued)
    except BaseException as error:
        _withdraw(backend, issued, taken)
        if not isinstance(error, Exception):
            raise
        logger.exception("no audit row, so no secret: the session is being cancelled")
        raise Refusal(errors.AUDIT_UNAVAILABLE) from error
    logger.info(
        "client secret issued to member %s for assistant %s", attempt.member.pk, assistant.alias
    )
    return Answer(
        client_secret=issued.client_secret,
        expires_at=issued.expires_at,
        expires_in=issued.expires_in,
        assistant=assistant.alias,
        mode=backend.mode,
    )


def _refuse_if_paused(assistant: Assistant) -> None:
    pause = Pause.objects.filter(
        assistant__in=["", assistant.alias], resumed_at__isnull=True
    ).first()
    if pause:
        raise Refusal(
            errors.ISSUANCE_PAUSED, detail=f"{errors.ISSUANCE_PAUSED.detail} {pause.reason}"
        )


def _take_quota(attempt: Attempt, assistant: Assistant) -> Taken:
    limits = quotas.limits_for(attempt.member, assistant)
    try:
        return quotas.take(attempt.member, assistant.alias, limits)
    except quotas.QuotaUsedUp as used_up:
        wait = max(1, math.ceil((used_up.until - timezone.now()).total_seconds()))
        detail = f"{errors.QUOTA_EXCEEDED.detail} {waiting.until_open_again(wait)}"
        raise Refusal(errors.QUOTA_EXCEEDED, detail=detail, retry_after=wait) from None


def _ask_backend(attempt: Attempt, backend: Backend, taken: Taken) -> IssuedSecret:
    try:
        release_connections()
        return _issue_timed(attempt, backend)
    except BaseException:
        _give_back(taken)
        raise


def _issue_timed(attempt: Attempt, backend: Backend) -> IssuedSecret:
    started = time.monotonic()
    try:
        return backend.issue()
    finally:
        attempt.upstream_ms = round((time.monotonic() - started) * 1000)


def _withdraw(backend: Backend, issued: IssuedSecret, taken: Taken) -> None:
    """Take a secret back that has not left: cancel its session, give the unit back."""
    try:
        backend.cancel(issued.session_id)
    except Exception as error:
        # Of anything but a refusal only the type: a message may quote what no log may hold.
        reason = error.problem.code if isinstance(error, Refusal) else type(error).__name__
        logger.error("session %s could not be cancelled: %s", issued.session_id, reason)
    _give_back(taken)


def _give_back(taken: Taken) -> None:
    try:
        taken.give_back()
    except DatabaseError:
        logger.exception("a quota unit could not be given back")
