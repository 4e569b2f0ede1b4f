"""Writing the audit: one committed row for every attempt that matters, before the answer leaves."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import router, transaction
from django.utils.module_loading import import_string

from chatkit_gateway import conf, errors, fingerprints, quotas, signals
from chatkit_gateway.errors import Outcome, Refusal
from chatkit_gateway.models import Issuance

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser
    from django.db.models import Model

    from chatkit_gateway.backends.contract import IssuedSecret

logger = logging.getLogger(__name__)

ROWS_PER_MINUTE = 10
"""Denied and throttled rows of one member that are stored; the rest is counted in the log."""

_REFUSALS = ""
"""What their windows count: no assistant, whose alias is never empty."""


@dataclass(slots=True)
class Attempt:
    """Who asks for what, from where. ``issuance`` fills in what it learns on the way."""

    member: AbstractBaseUser
    reference: str
    ip_address: str | None = None
    user_agent: str = ""
    origin: str = ""
    login_id: str = ""
    assistant: str = ""
    refresh: bool = False
    backend: str = ""
    workflow_id: str = ""
    upstream_ms: int | None = field(default=None)


def record_issued(attempt: Attempt, issued: IssuedSecret) -> Issuance:
    """Write the row of an issued secret. Raises whatever keeps it from being committed."""
    row = _write(
        attempt,
        outcome=Outcome.ISSUED,
        status=200,
        session_id=issued.session_id,
        fingerprint=fingerprints.of_secret(issued.client_secret),
        expires_at=conf.moment(issued.expires_at),
        upstream_request_id=storable(issued.upstream_request_id, "upstream_request_id"),
    )
    signals.client_secret_issued.send_robust(Issuance, issuance=row)
    return row


def record_refusal(attempt: Attempt, refusal: Refusal) -> None:
    """Write the row of a refusal, if it is one that gets a row.

    Raises `Refusal` audit_unavailable when the row is due and cannot be written.
    """
    problem = refusal.problem
    logger.warning(
        "no client secret for member %s: %s (assistant %s)",
        attempt.member.pk,
        problem.code,
        ascii(attempt.assistant),
    )
    if problem.outcome is None:
        return
    try:
        row = _row_of_refusal(attempt, refusal)
    except Exception as error:
        logger.exception("the audit row of a refusal could not be written")
        raise Refusal(errors.AUDIT_UNAVAILABLE) from error
    signals.client_secret_refused.send_robust(
        Issuance,
        issuance=row,
        code=problem.code,
        member_id=attempt.member.pk,
        assistant=attempt.assistant,
        reference=attempt.reference,
    )


def _row_of_refusal(attempt: Attempt, refusal: Refusal) -> Issuance | None:
    """Write the row; None where the member's refusals of this minute are only counted."""
    problem = refusal.problem
    if problem.outcome is not Outcome.FAILED and _is_flood(attempt.member):
        return None
    return _write(
        attempt,
        outcome=problem.outcome,
        error_code=problem.code,
        status=problem.status,
        upstream_request_id=storable(refusal.upstream_request_id, "upstream_request_id"),
    )


def _is_flood(member: AbstractBaseUser) -> bool:
    try:
        quotas.take(member, _REFUSALS, {"minute": ROWS_PER_MINUTE})
    except quotas.QuotaUsedUp:
        return True
    return False


def _write(attempt: Attempt, **result: Any) -> Issuance:
    row = Issuance(
        member_id=attempt.member.pk,
        username=storable(attempt.member.get_username(), "username"),
        assistant=storable(attempt.assistant, "assistant"),
        backend=attempt.backend,
        workflow_id=storable(attempt.workflow_id, "workflow_id"),
        login_id=attempt.login_id,
        upstream_ms=attempt.upstream_ms,
        refresh=attempt.refresh,
        ip_address=attempt.ip_address,
        user_agent=storable(attempt.user_agent, "user_agent"),
        origin=storable(attempt.origin, "origin"),
        reference=attempt.reference,
        **result,
    )
    # Durable: inside somebody else's transaction the row could still be rolled back.
    with transaction.atomic(using=router.db_for_write(Issuance), durable=True):
        row.save()
    _tell_sink(row)
    return row


def storable(text: str, field_name: str, model: type[Model] = Issuance) -> str:
    """Cut the text to what its column takes, without what a database refuses to store."""
    length: int = getattr(model._meta.get_field(field_name), "max_length")  # noqa: B009
    clean = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    return clean.encode("utf-8", "replace").decode()[:length]


def _tell_sink(row: Issuance) -> None:
    """Hand the committed row to the site's ``AUDIT_SINK``, whose failure is only logged."""
    sink = conf.gateway().audit_sink
    if sink is None:
        return
    try:
        import_string(sink)(row)
    except Exception:
        logger.exception("the audit sink failed; the row itself is stored")
