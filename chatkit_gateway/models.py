"""What is kept: the audit of issuances, the quota windows and the pauses."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Never

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chatkit_gateway.errors import Outcome


class AppendOnlyError(TypeError):
    """Somebody tried to change or delete a row of the audit."""


class AppendOnlyQuerySet(models.QuerySet["Issuance"]):
    """Rows can be added and read, nothing else."""

    def alive(self, now: datetime | None = None) -> AppendOnlyQuerySet:
        """Return the issuances whose client secret still works at ``now`` (aware; default: now)."""
        return self.filter(outcome=Outcome.ISSUED, expires_at__gt=now or timezone.now())

    def update(self, **kwargs: Any) -> Never:
        """Refuse."""
        raise AppendOnlyError("Audit rows are never changed.")

    def delete(self) -> Never:
        """Refuse."""
        raise AppendOnlyError("Audit rows are never deleted.")

    def bulk_update(self, *args: Any, **kwargs: Any) -> Never:
        """Refuse."""
        raise AppendOnlyError("Audit rows are never changed.")

    def bulk_create(self, objs: Iterable[Issuance], *args: Any, **kwargs: Any) -> list[Issuance]:
        """Insert rows; raises `AppendOnlyError` if those that exist would be changed."""
        if kwargs.get("update_conflicts") or len(args) > 2:
            raise AppendOnlyError("Audit rows are never changed.")
        return super().bulk_create(objs, *args, **kwargs)


class Issuance(models.Model):
    """One audited attempt to get a client secret. Append-only; holds no secret.

    ``member`` outlives its user: following it raises ``DoesNotExist`` once the account is gone,
    so read ``member_id`` and ``username``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
        verbose_name=_("member"),
    )
    username = models.CharField(_("username"), max_length=255)
    assistant = models.CharField(_("assistant"), max_length=64)
    backend = models.CharField(_("backend"), max_length=200, blank=True)
    workflow_id = models.CharField(_("workflow id"), max_length=255, blank=True)
    outcome = models.CharField(_("outcome"), max_length=9, choices=Outcome.choices)
    error_code = models.CharField(_("error code"), max_length=40, blank=True)
    status = models.PositiveSmallIntegerField(_("HTTP status"))
    session_id = models.CharField(_("session id"), max_length=255, blank=True)
    fingerprint = models.CharField(
        _("fingerprint"),
        max_length=64,
        blank=True,
        db_index=True,
        help_text=_("Keyed hash of the client secret; the secret itself is never stored."),
    )
    login_id = models.CharField(_("login"), max_length=64, blank=True, db_index=True)
    expires_at = models.DateTimeField(_("expires at"), null=True)
    upstream_request_id = models.CharField(_("upstream request id"), max_length=255, blank=True)
    upstream_ms = models.PositiveIntegerField(_("upstream milliseconds"), null=True)
    refresh = models.BooleanField(_("refresh"), default=False)
    ip_address = models.GenericIPAddressField(_("IP address"), null=True)
    user_agent = models.CharField(_("user agent"), max_length=400, blank=True)
    origin = models.CharField(_("origin"), max_length=255, blank=True)
    reference = models.CharField(_("reference"), max_length=64, db_index=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = _("issuance")
        verbose_name_plural = _("issuances")
        ordering = ["-created_at", "-id"]
        # Django's own back door, `_base_manager`, leads to the same refusals.
        base_manager_name = "objects"
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="issuance_newest"),
            models.Index(fields=["member", "-created_at"], name="issuance_member"),
            models.Index(fields=["username", "-created_at"], name="issuance_username"),
            models.Index(fields=["session_id"], name="issuance_session"),
        ]
        permissions = [("use_chatkit", _("Can use the ChatKit assistant"))]

    def __str__(self) -> str:
        return f"{self.reference} {self.username} {self.get_outcome_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert the row; raises `AppendOnlyError` for a row that is already stored."""
        if not self._state.adding:
            raise AppendOnlyError("Audit rows are never changed.")
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> Never:
        """Refuse."""
        raise AppendOnlyError("Audit rows are never deleted.")

    def is_alive(self, now: datetime | None = None) -> bool:
        """Tell whether the client secret still works at ``now`` (aware; default: now)."""
        return (
            self.outcome == Outcome.ISSUED
            and self.expires_at is not None
            and self.expires_at > (now or timezone.now())
        )


class QuotaWindow(models.Model):
    """How often a member did something in one window of time; see `chatkit_gateway.quotas`."""

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
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
