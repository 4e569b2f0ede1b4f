"""Counters of what a member did in a window of time."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class QuotaWindow(models.Model):
    """How often a member did something in one window of time; see `chatkit_gateway.quotas`.

    Left alone when its member is deleted, since a site's router may have put the two into
    different databases; `chatkit_gateway.retention` removes what is over.
    """

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
    )
    subject = models.CharField(max_length=80)
    starts_at = models.DateTimeField()
    used = models.PositiveIntegerField(default=0)

    class Meta:
        # Read in the admin by whoever deletes an account.
        verbose_name = _("quota window")
        verbose_name_plural = _("quota windows")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "subject", "starts_at"], name="one_quota_window"
            )
        ]
        indexes = [models.Index(fields=["starts_at"], name="quota_window_age")]

    def __str__(self) -> str:
        return f"{self.subject} {self.starts_at:%Y-%m-%d %H:%M}: {self.used}"
