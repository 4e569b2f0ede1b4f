"""A real session, made and cancelled at once: does all of it work together?"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chatkit_gateway.backends import contract
from chatkit_gateway.conf import Assistant
from chatkit_gateway.connections import release_connections
from chatkit_gateway.doctor.case import Case
from chatkit_gateway.doctor.findings import Finding, Subject
from chatkit_gateway.errors import Refusal

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

    from chatkit_gateway.backends.contract import Backend
    from chatkit_gateway.errors import Words

logger = logging.getLogger(__name__)

CREATE = Subject("session.create", gettext_lazy("A real session"))
CANCEL = Subject("session.cancel", gettext_lazy("Cancelling it"))

_BY_STATUS = {
    401: gettext_lazy(
        "The key is wrong or revoked. Compare it with the one at OpenAI, or make a new one in the "
        "workflow's project."
    ),
    403: gettext_lazy(
        "The key is known but may not do this: give it ChatKit (or all permissions) in its "
        "project, and see whether OpenAI wants the organisation verified."
    ),
}
"""What to do about an answer of the upstream; for another, the hint of the error table."""


def examine(case: Case, assistant: Assistant) -> Iterator[Finding]:
    """Make a session for a user who does not exist, and cancel it before anything is told.

    Its client secret stays inside this function and is dropped, so no audit row is due.
    """
    if not case.with_session:
        yield CREATE.info(_("Not made, as you wished."))
        return
    case.budget.step()
    backend = contract.load(assistant)
    try:
        backend.prepare(_somebody())
    except Refusal as refusal:
        yield _refused(refusal, 0)
        return
    except Exception as error:
        yield CREATE.warning(
            _("Not made: a callable of this site fails for an unsaved user (%(type)s).")
            % {"type": type(error).__name__},
            _("It is PSEUDONYM or the option state_variables; see how it fares for a member."),
        )
        return
    yield from _try(backend)


def _somebody() -> AbstractBaseUser:
    """Return a user whose pseudonym is nobody's: it was never saved, so it has no primary key."""
    return get_user_model()()


def _try(backend: Backend) -> list[Finding]:
    backend.warm_up()  # Not what a member waits for.
    release_connections()
    started = time.monotonic()
    try:
        session_id = backend.issue().session_id
    except Refusal as refusal:
        return [_refused(refusal, _milliseconds_since(started))]
    took, started = _milliseconds_since(started), time.monotonic()
    # Before anything is told: whoever reads the findings one by one may stop reading.
    cancelled = _cancel(backend, session_id, started)
    logger.info("made session %s to see that it works, and cancelled it", session_id)
    made = _("Made in %(ms)d ms. Its client secret was dropped unseen.") % {"ms": took}
    return [CREATE.ok(made), cancelled]


def _milliseconds_since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _cancel(backend: Backend, session_id: str, started: float) -> Finding:
    try:
        backend.cancel(session_id)
    except Refusal as refusal:
        return CANCEL.warning(
            _("Session %(id)s could not be cancelled: %(code)s.")
            % {"id": session_id, "code": refusal.problem.code},
            _("Nobody has its secret, and it expires by itself. Revoking will fail the same way."),
        )
    return CANCEL.ok(_("Cancelled in %(ms)d ms.") % {"ms": _milliseconds_since(started)})


def _refused(refusal: Refusal, took: int) -> Finding:
    details = {"code": refusal.problem.code, "status": refusal.upstream_status, "ms": took}
    if refusal.upstream_status is None:
        return CREATE.problem(_("Refused after %(ms)d ms: %(code)s.") % details, refusal.hint)
    return CREATE.problem(
        _("The upstream answered %(status)d after %(ms)d ms: %(code)s.") % details, _advice(refusal)
    )


def _advice(refusal: Refusal) -> Words:
    own = _BY_STATUS.get(refusal.upstream_status or 0)
    # A hint that is not the table's own knows more, such as a key that hides another.
    return own if own and refusal.hint == refusal.problem.hint else refusal.hint
