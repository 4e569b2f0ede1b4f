"""The chain of digests that seals the audit; see `chatkit_gateway.digests`."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chatkit_gateway.models.append_only import AppendOnlyModel, AppendOnlyQuerySet


class Digest(AppendOnlyModel):
    """One link: what a range of rows of one table looked like when it was sealed or removed."""

    class Kind(models.TextChoices):
        """What the digest is about."""

        SEALED = "sealed", _("sealed")
        REMOVED = "removed", _("removed by retention")

    number = models.IntegerField(
        _("number"),
        primary_key=True,
        help_text=_("Place in the chain, counted from 1; unique, so that the chain has no forks."),
    )
    kind = models.CharField(_("kind"), max_length=7, choices=Kind.choices)
    subject = models.CharField(
        _("subject"), max_length=40, help_text=_("Which rows: the name of their model.")
    )
    format = models.PositiveSmallIntegerField(
        _("format"), help_text=_("Which canonical form of a row was hashed.")
    )
    first_row = models.BigIntegerField(_("first row"))
    last_row = models.BigIntegerField(_("last row"))
    count = models.PositiveIntegerField(_("rows"))
    rows = models.BinaryField(
        _("row hashes"), help_text=_("Key and SHA-256 of each row, in order: 40 bytes a row.")
    )
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    previous = models.CharField(
        _("previous digest"),
        max_length=64,
        help_text=_("Hash of the digest before this one, its signature included."),
    )
    signature = models.CharField(_("signature"), max_length=64)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta(AppendOnlyModel.Meta):
        verbose_name = _("digest")
        verbose_name_plural = _("digests")
        ordering = ["-number"]
        indexes = [models.Index(fields=["subject", "kind", "last_row"], name="digest_range")]

    def __str__(self) -> str:
        return f"{self.number}: {self.subject} {self.first_row}-{self.last_row} {self.kind}"
