"""The audit of exports: who took a copy of the audit away."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chatkit_gateway.models.append_only import AppendOnlyModel, AppendOnlyQuerySet


class Export(AppendOnlyModel):
    """One export of issuances, recorded before its first byte leaves. Append-only."""

    class Format(models.TextChoices):
        """The file's format."""

        CSV = "csv", "CSV"
        JSON_LINES = "jsonl", "JSON Lines"

    exported_by = models.CharField(_("exported by"), max_length=255)
    format = models.CharField(_("format"), max_length=5, choices=Format.choices)
    filters = models.TextField(
        _("filters"), blank=True, help_text=_("What the list was filtered to. Empty: everything.")
    )
    ip_address = models.GenericIPAddressField(_("IP address"), null=True)
    reference = models.CharField(_("reference"), max_length=64)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta(AppendOnlyModel.Meta):
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["-created_at", "-id"], name="export_newest")]

    def __str__(self) -> str:
        return f"{self.exported_by} {self.format} {self.created_at:%Y-%m-%d %H:%M}"
