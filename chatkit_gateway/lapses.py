"""Ending the client secrets of those who are members no longer."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model

from chatkit_gateway import conf, gate, revocation
from chatkit_gateway.models import Cause, Issuance, IssuanceQuerySet
from chatkit_gateway.revocation import Wish

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

logger = logging.getLogger(__name__)


def lapsed(issuances: IssuanceQuerySet) -> list[int]:
    """Return the keys of those that are alive and whose member may not use their assistant now.

    The gate is asked afresh, once for each member and assistant. Left out is what somebody tried to
    end before, and whatever a gate of the site's own fails to judge.
    """
    candidates = list(issuances.unasked().values_list("pk", "member_id", "assistant"))
    members = get_user_model()._default_manager.in_bulk({member for _, member, _ in candidates})
    verdicts = {
        (member, assistant): _has_lapsed(members.get(member), assistant)
        for member, assistant in {(member, assistant) for _, member, assistant in candidates}
    }
    return [key for key, member, assistant in candidates if verdicts[member, assistant]]


def end_lapsed(issuances: IssuanceQuerySet) -> list[int]:
    """Begin to end the lapsed among these; return the keys of those that an upstream must end."""
    keys = lapsed(issuances)
    if not keys:
        return []
    return revocation.begin(Issuance.objects.filter(pk__in=keys), Wish(Cause.LAPSED)).pending


def end_all_lapsed() -> None:
    """End every lapsed secret of the site, as far as a few seconds go: a job for the background."""
    revocation.carry_on_briefly(end_lapsed(Issuance.objects.all()))


def _has_lapsed(member: AbstractBaseUser | None, alias: str) -> bool:
    if member is None or not member.is_active:
        return True
    assistant = conf.gateway().assistants.get(alias)
    if assistant is None:
        return False  # What it wanted of its members is not known any more.
    try:
        return not gate.may_use(member, assistant)
    except Exception as error:
        logger.error("the gate failed for member %s: %s", member.pk, type(error).__name__)
        return False
