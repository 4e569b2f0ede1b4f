"""The audit of attempts to get a client secret."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chatkit_gateway.errors import Outcome
from chatkit_gateway.models.append_only import AppendOnlyModel, AppendOnlyQuerySet
from chatkit_gateway.models.prefix_index import PrefixIndex
from chatkit_gateway.models.revocation import Revocation


class IssuanceQuerySet(AppendOnlyQuerySet["Issuance"]):
    """Issuances, to be narrowed to those that matter."""

    def unexpired(self, now: datetime | None = None) -> IssuanceQuerySet:
        """Return what was issued and has not run out at ``now`` (aware; default: now)."""
        return self.filter(outcome=Outcome.ISSUED, expires_at__gt=now or timezone.now())

    def alive(self, now: datetime | None = None) -> IssuanceQuerySet:
        """Return the issuances whose client secret still works: not expired, and not ended."""
        return self.unexpired(now).filter(~_ended())

    def pending(self, now: datetime | None = None) -> IssuanceQuerySet:
        """Return those that somebody tried to end, and whose client secret still works."""
        return self.alive(now).filter(_asked())

    def unasked(self, now: datetime | None = None) -> IssuanceQuerySet:
        """Return those whose client secret still works, and that nobody tried to end."""
        return self.alive(now).filter(~_asked())

    def with_revocation(self) -> IssuanceQuerySet:
        """Add ``is_revoked``: it was ended early; ``revocation_asked``: somebody tried to."""
        return self.annotate(is_revoked=_ended(), revocation_asked=_asked())


def _ended() -> Exists:
    return Exists(Revocation.objects.filter(issuance=OuterRef("pk"), ended=True))


def _asked() -> Exists:
    return Exists(Revocation.objects.filter(issuance=OuterRef("pk")))


class Issuance(AppendOnlyModel):
    """One audited attempt to get a client secret. Append-only; holds no secret.

    ``member`` outlives its user: following it raises ``DoesNotExist`` once the account is gone,
    so read ``member_id`` and ``username``. Keys grow in the order in which rows are written,
    which the digests rely on.
    """

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
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
        help_text=_("Keyed hash of the client secret; the secret itself is never stored."),
    )
    login_id = models.CharField(_("login"), max_length=64, blank=True)
    expires_at = models.DateTimeField(_("expires at"), null=True)
    upstream_request_id = models.CharField(_("upstream request id"), max_length=255, blank=True)
    upstream_ms = models.PositiveIntegerField(_("upstream milliseconds"), null=True)
    refresh = models.BooleanField(_("refresh"), default=False)
    ip_address = models.GenericIPAddressField(_("IP address"), null=True)
    user_agent = models.CharField(_("user agent"), max_length=400, blank=True)
    origin = models.CharField(_("origin"), max_length=255, blank=True)
    reference = models.CharField(_("reference"), max_length=64)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    objects = IssuanceQuerySet.as_manager()

    class Meta(AppendOnlyModel.Meta):
        verbose_name = _("issuance")
        verbose_name_plural = _("issuances")
        ordering = ["-created_at", "-id"]
        indexes = [
            # Newest first, read from its end; and all that the figures of `reports` are made of,
            # so that they touch no row. Ascending, as new rows come: pages stay full.
            models.Index(
                fields=[
                    "created_at",
                    "id",
                    "assistant",
                    "outcome",
                    "error_code",
                    "upstream_ms",
                    "member",
                ],
                name="issuance_newest",
            ),
            models.Index(fields=["member", "-created_at"], name="issuance_member"),
            # What the admin's list filters by, newest first like the list.
            models.Index(fields=["outcome", "-created_at", "-id"], name="issuance_outcome"),
            models.Index(fields=["assistant", "-created_at", "-id"], name="issuance_assistant"),
            models.Index(
                fields=["error_code", "-created_at", "-id"],
                name="issuance_error_code",
                condition=Q(error_code__gt=""),
            ),
            # What it searches by.
            PrefixIndex(Upper("username"), name="issuance_username"),
            models.Index(fields=["ip_address"], name="issuance_ip_address"),
            models.Index(fields=["session_id"], name="issuance_session"),
            models.Index(fields=["reference"], name="issuance_reference"),
            # What revocation goes by.
            models.Index(fields=["fingerprint"], name="issuance_fingerprint"),
            models.Index(fields=["login_id"], name="issuance_login"),
            models.Index(
                fields=["expires_at"], name="issuance_alive", condition=Q(outcome=Outcome.ISSUED)
            ),
        ]
        permissions = [("use_chatkit", _("Can use the ChatKit assistant"))]

    def __str__(self) -> str:
        return f"{self.reference} {self.username} {self.get_outcome_display()}"
