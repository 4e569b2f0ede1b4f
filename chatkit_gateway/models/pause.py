"""Pauses of issuing, from their beginning to their end."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Pause(models.Model):
    """Issuing is paused, for one assistant or for all, from now until somebody resumes it."""

    assistant = models.CharField(
        _("assistant"), max_length=64, blank=True, help_text=_("Empty: every assistant.")
    )
    reason = models.CharField(
        _("reason"), max_length=200, help_text=_("Members read this when they open the assistant.")
    )
    paused_by = models.CharField(_("paused by"), max_length=255, editable=False)
    paused_at = models.DateTimeField(_("paused at"), default=timezone.now, editable=False)
    resumed_by = models.CharField(_("resumed by"), max_length=255, blank=True, editable=False)
    resumed_at = models.DateTimeField(_("resumed at"), null=True, editable=False)

    class Meta:
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")
        ordering = ["-paused_at", "-id"]

    def __str__(self) -> str:
        return f"{self.assistant or _('Every assistant')}: {self.reason}"
