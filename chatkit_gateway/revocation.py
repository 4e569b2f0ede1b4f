"""The use case: ending client secrets before they expire.

In two steps. `begin` puts on record that they shall end, so that it is not forgotten whatever
happens next; `carry_on` asks the upstreams, as long as there is time, and writes down each answer.
What is left is pending, and anybody may carry on with it.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from django.db import IntegrityError, router, transaction
from django.utils.module_loading import import_string

from chatkit_gateway import background, conf, errors, signals
from chatkit_gateway.audit import storable
from chatkit_gateway.backends import contract
from chatkit_gateway.connections import release_connections
from chatkit_gateway.errors import Refusal
from chatkit_gateway.models import Cause, Issuance, IssuanceQuerySet, Revocation

logger = logging.getLogger(__name__)

CANCELLED = "cancelled"
"""The answer of an upstream that ended the secret; every other one is a code of the error table."""
TOGETHER = 16
"""How many secrets are ended at a time."""
PATIENCE = 5.0
"""Seconds for one secret: an upstream that hangs shall not use up the time of the others."""
BACKGROUND_SECONDS = 3.0
"""For all secrets of one event that nobody waits for."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Why secrets shall end: what set it off, who wants it (empty: the gateway) and their words."""

    cause: Cause
    revoked_by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Begun:
    """What `begin` did: how many secrets are ended, and the issuances that are still pending."""

    ended: int
    pending: list[int]


def begin(issuances: IssuanceQuerySet, wish: Wish) -> Begun:
    """Put on record that those of them that are alive shall end.

    Secrets that the site checks itself have ended with that. The rows belong to the transaction
    that is open, if one is.
    """
    alias = router.db_for_write(Revocation)
    with transaction.atomic(using=alias):
        alive = list(issuances.using(alias).alive())
        pending = [issuance for issuance in alive if not _ends_by_its_row(issuance)]
        Revocation.objects.bulk_create(
            [_row(issuance, wish, ended=False, answer="") for issuance in pending]
        )
        for issuance in alive:
            if _ends_by_its_row(issuance):
                _store(_row(issuance, wish, ended=True, answer=CANCELLED))
    if alive:
        logger.info("%d client secrets are to end: %s", len(alive), wish.cause)
    return Begun(len(alive) - len(pending), [issuance.pk for issuance in pending])


def carry_on(keys: Sequence[int], within: float | None = None) -> Iterator[bool]:
    """Ask the upstreams to end the pending issuances with these keys; yield whether each is over.

    Takes ``within`` seconds at most; what is not reached in time is not yielded. Safe to run more
    than once at a time. Holds no database connection while it waits, so it has no place in a
    transaction.
    """
    until = math.inf if within is None else time.monotonic() + within
    with ThreadPoolExecutor(TOGETHER, thread_name_prefix="chatkit-revocation") as pool:
        for first in range(0, len(keys), TOGETHER):
            left = until - time.monotonic()
            if left <= 0:
                return
            batch = keys[first : first + TOGETHER]
            # Looked at just before: somebody else may have ended some, and some have expired.
            alive = list(
                Issuance.objects.alive().filter(pk__in=batch).prefetch_related("revocations")
            )
            yield from (True for _over in range(len(batch) - len(alive)))
            release_connections()
            answers = list(pool.map(partial(_ask, within=min(left, PATIENCE)), alive))
            for issuance, (answer, request_id) in zip(alive, answers, strict=True):
                yield _write_down(issuance, answer, request_id)


def carry_on_briefly(keys: Sequence[int]) -> None:
    """Carry on for as long as an event is given that nobody waits for."""
    for _over in carry_on(keys, BACKGROUND_SECONDS):
        pass


def carry_on_soon(keys: Sequence[int]) -> None:
    """Carry on in the background, briefly, once the open transaction is committed."""
    if keys:
        transaction.on_commit(
            partial(background.submit, partial(carry_on_briefly, keys)),
            using=router.db_for_write(Revocation),
        )


def _ends_by_its_row(issuance: Issuance) -> bool:
    try:
        return bool(import_string(issuance.backend).revoked_by_row)
    except Exception:
        # A backend that is not there any more, or broken: nothing here checks its secrets.
        return False


def _ask(issuance: Issuance, within: float) -> tuple[str, str]:
    """Return the upstream's answer and its request id. Runs in a thread without a database."""
    try:
        assistant = conf.gateway().assistants.get(issuance.assistant)
        # Another backend has other options, so it cannot know the session.
        if assistant is None or assistant.backend != issuance.backend:
            raise Refusal(errors.UNKNOWN_ASSISTANT)
        return CANCELLED, contract.load(assistant).cancel(issuance.session_id, within)
    except Refusal as refusal:
        return refusal.problem.code, refusal.upstream_request_id
    except Exception as error:
        logger.error(
            "session %s could not be cancelled: %s", issuance.session_id, type(error).__name__
        )
        return errors.UPSTREAM_INVALID_RESPONSE.code, ""


def _write_down(issuance: Issuance, answer: str, request_id: str) -> bool:
    """Write the row of one try, for the same reasons as the try before it."""
    before = issuance.revocations.all()[0]
    wish = Wish(Cause(before.cause), before.revoked_by, before.reason)
    row = _row(issuance, wish, ended=answer == CANCELLED, answer=answer)
    row.upstream_request_id = storable(request_id, "upstream_request_id", Revocation)
    _store(row)
    return row.ended


def _row(issuance: Issuance, wish: Wish, *, ended: bool, answer: str) -> Revocation:
    return Revocation(
        issuance=issuance,
        cause=wish.cause,
        revoked_by=storable(wish.revoked_by, "revoked_by", Revocation),
        reason=storable(wish.reason, "reason", Revocation),
        ended=ended,
        answer=answer,
    )


def _store(row: Revocation) -> None:
    """Write the row, unless it says that the secret has ended and another row said so first."""
    alias = router.db_for_write(Revocation)
    try:
        with transaction.atomic(using=alias):
            row.save()
    except IntegrityError:
        if not row.ended:
            raise
        return
    logger.debug("revocation of issuance %s: %s", row.issuance_id, row.answer)
    if row.ended:
        transaction.on_commit(
            lambda: signals.client_secret_revoked.send_robust(
                Issuance, issuance=row.issuance, revocation=row
            ),
            using=alias,
        )
