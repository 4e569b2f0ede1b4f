"""Issuances, to look at and never to change."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chatkit_gateway.admin.filters import AssistantFilter, ErrorCodeFilter, OwnLookups
from chatkit_gateway.admin.lookup import LooksSecretsUp
from chatkit_gateway.admin.revoking import state_of
from chatkit_gateway.models import Issuance

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

    IssuanceModelAdmin = admin.ModelAdmin[Issuance]
else:
    # Django's admin only takes a type parameter in its stubs.
    IssuanceModelAdmin = admin.ModelAdmin

_LONGEST_SEARCH = 255


def to_the_second(moment: datetime) -> str:
    """Return a stored moment in the site's time zone, which is how a log is searched."""
    # A site without time zones keeps naive moments, which are local already.
    local = timezone.localtime(moment) if timezone.is_aware(moment) else moment
    return local.strftime("%Y-%m-%d %H:%M:%S")


@admin.register(Issuance)
class IssuanceAdmin(LooksSecretsUp, OwnLookups, IssuanceModelAdmin):
    """Who got a secret, when, from where, for what, and does it still work?"""

    list_display = (
        "when",
        "username",
        "assistant",
        "outcome",
        "error_code",
        "alive",
        "reference",
        "ip_address",
    )
    list_filter = ("outcome", AssistantFilter, ErrorCodeFilter, "created_at")
    search_fields = ("username", "session_id", "reference", "ip_address")
    search_help_text = _("Username, session id, reference or IP address")
    date_hierarchy = "created_at"
    list_per_page = 50
    show_full_result_count = False
    readonly_fields = ("when", "until", "alive", "account")
    fieldsets = (
        (
            None,
            {"fields": ("when", "outcome", "error_code", "status", "reference", "alive")},
        ),
        (_("Who"), {"fields": ("username", "account", "login_id")}),
        (_("From where"), {"fields": ("ip_address", "origin", "user_agent")}),
        (_("For what"), {"fields": ("assistant", "backend", "workflow_id", "refresh")}),
        (
            _("Client secret"),
            {"fields": ("session_id", "fingerprint", "until")},
        ),
        (_("Upstream"), {"fields": ("upstream_request_id", "upstream_ms")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Issuance]:
        """Return the rows together with what became of their secrets."""
        return Issuance.objects.with_revocation().order_by(*self.get_ordering(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Issuance], search_term: str
    ) -> tuple[QuerySet[Issuance], bool]:
        """Search, by no more words than any column holds: SQLite fails on very long ones."""
        return super().get_search_results(request, queryset, search_term[:_LONGEST_SEARCH])

    @admin.display(description=_("created at"), ordering="created_at")
    def when(self, issuance: Issuance) -> str:
        """Return the time to the second, which is what a log is searched for."""
        return to_the_second(issuance.created_at)

    @admin.display(description=_("expires at"))
    def until(self, issuance: Issuance) -> str:
        """Return when the secret stops working, to the second."""
        return to_the_second(issuance.expires_at) if issuance.expires_at else "-"

    @admin.display(description=_("client secret"))
    def alive(self, issuance: Issuance) -> str:
        """Tell whether the secret still works."""
        return state_of(issuance)

    @admin.display(description=_("member id"))
    def account(self, issuance: Issuance) -> str:
        """Return the key of the account, which may be gone by now."""
        return str(issuance.member_id or "-")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse, superusers too."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Issuance | None = None) -> bool:
        """Refuse, superusers too."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Issuance | None = None) -> bool:
        """Refuse, superusers too."""
        return False
