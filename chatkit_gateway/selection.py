"""Which issuances somebody means who wants to end some."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth import get_user_model
from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _

from chatkit_gateway.models import Issuance, IssuanceQuerySet


class By(TextChoices):
    """What they are chosen by."""

    ISSUANCE = "issuance", _("issuance")
    REFERENCE = "reference", _("reference")
    MEMBER = "member", _("member")
    ASSISTANT = "assistant", _("assistant")
    WORKFLOW = "workflow", _("workflow")
    EVERYTHING = "everything", _("everything")


_LARGEST_KEY = 2**63 - 1
_COLUMNS = {
    By.ISSUANCE: "pk",
    By.REFERENCE: "reference",
    By.ASSISTANT: "assistant",
    By.WORKFLOW: "workflow_id",
}


def select(by: By, values: Sequence[str | int] = ()) -> IssuanceQuerySet:
    """Return all issuances, dead or alive, that have one of the values.

    A member is chosen by username: of the account that bears the name now, and of the rows that
    were written when it, or another, did.
    """
    if by is By.EVERYTHING:
        return Issuance.objects.all()
    if by is By.MEMBER:
        user_model = get_user_model()
        named = {f"{user_model.USERNAME_FIELD}__in": values}
        accounts = user_model._default_manager.filter(**named).values_list("pk", flat=True)
        return Issuance.objects.filter(Q(username__in=values) | Q(member_id__in=list(accounts)))
    if by is By.ISSUANCE:
        # No database has larger keys, and some fail when they are asked for one.
        values = [value for value in values if int(value) <= _LARGEST_KEY]
    return Issuance.objects.filter(**{f"{_COLUMNS[by]}__in": values})
