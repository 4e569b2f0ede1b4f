"""The audit of attempts to end a client secret early."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chatkit_gateway.models.append_only import AppendOnlyModel, AppendOnlyQuerySet


class Cause(models.TextChoices):
    """What set a revocation off."""

    LOGOUT = "logout", _("logged out")
    LAPSED = "lapsed", _("no longer a member")
    ADMIN = "admin", _("by an admin")
    COMMAND = "command", _("by the command line")


class Revocation(AppendOnlyModel):
    """One try to end an issued client secret. Append-only.

    A revocation is pending as long as none of an issuance's rows says ``ended``.
    """

    issuance = models.ForeignKey(
        "chatkit_gateway.Issuance",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="revocations",
        verbose_name=_("issuance"),
    )
    cause = models.CharField(_("cause"), max_length=9, choices=Cause.choices)
    revoked_by = models.CharField(
        _("revoked by"), max_length=255, blank=True, help_text=_("Empty: the gateway itself.")
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    ended = models.BooleanField(_("ended the secret"))
    answer = models.CharField(
        _("answer"),
        max_length=40,
        blank=True,
        help_text=_(
            "What the upstream made of it: 'cancelled', or a code of the error table. "
            "Empty: it has not been asked yet."
        ),
    )
    upstream_request_id = models.CharField(_("upstream request id"), max_length=255, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta(AppendOnlyModel.Meta):
        verbose_name = _("revocation")
        verbose_name_plural = _("revocations")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="revocation_newest"),
            # What the admin's list filters by, newest first like the list.
            models.Index(fields=["cause", "-created_at", "-id"], name="revocation_cause"),
            models.Index(fields=["ended", "-created_at", "-id"], name="revocation_ended"),
        ]
        constraints = [
            # However many try at once, a secret ends once.
            models.UniqueConstraint(
                fields=["issuance"], condition=Q(ended=True), name="one_end_per_issuance"
            )
        ]

    def __str__(self) -> str:
        return f"{self.issuance_id} {self.cause} {self.answer}"
