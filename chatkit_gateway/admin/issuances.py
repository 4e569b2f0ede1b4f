"""Issuances, to look at and never to change."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.contrib import admin
from django.urls import path
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from chatkit_gateway.admin import search
from chatkit_gateway.admin.doctor import doctor_page
from chatkit_gateway.admin.exporting import Exporting
from chatkit_gateway.admin.filters import AssistantFilter, ErrorCodeFilter, OwnLookups
from chatkit_gateway.admin.lists import BoundedList
from chatkit_gateway.admin.lookup import LooksSecretsUp
from chatkit_gateway.admin.read_only import ReadOnly
from chatkit_gateway.admin.revoking import state_of
from chatkit_gateway.admin.usage import usage_page
from chatkit_gateway.connections import outside_transactions
from chatkit_gateway.local_time import to_the_second
from chatkit_gateway.models import Issuance

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.urls import URLPattern

    IssuanceModelAdmin = admin.ModelAdmin[Issuance]
else:
    # Django's admin only takes a type parameter in its stubs.
    IssuanceModelAdmin = admin.ModelAdmin


@admin.register(Issuance)
class IssuanceAdmin(
    Exporting, LooksSecretsUp, ReadOnly, OwnLookups, BoundedList, IssuanceModelAdmin
):
    """Who got a secret, when, from where, for what, and does it still work?"""

    list_display = (
        "when",
        "username",
        "assistant",
        "outcome",
        "code",
        "alive",
        "reference",
        "ip_address",
    )
    list_filter = ("outcome", AssistantFilter, ErrorCodeFilter, "created_at")
    search_fields = ("username", "session_id", "reference", "ip_address")
    search_help_text = _(
        "The beginning of a username; a whole session id, reference or IP address. "
        "Several words are looked for together."
    )
    date_hierarchy = "created_at"
    sortable_by = ("when",)
    list_per_page = 50
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

    class Media:
        css = {"all": ["chatkit_gateway/admin/lists.css"]}

    def get_urls(self) -> list[URLPattern]:
        """Add the Usage page, and the doctor's, which asks the network."""
        usage = self.admin_site.admin_view(partial(usage_page, model_admin=self))
        doctor = self.admin_site.admin_view(partial(doctor_page, model_admin=self))
        return [
            path(
                "doctor/",
                outside_transactions(doctor),
                name="chatkit_gateway_issuance_doctor",
            ),
            path("usage/", usage, name="chatkit_gateway_issuance_usage"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Issuance]:
        """Return the rows together with what became of their secrets."""
        return Issuance.objects.with_revocation().order_by(*self.get_ordering(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Issuance], search_term: str
    ) -> tuple[QuerySet[Issuance], bool]:
        """Search in the ways that an index can; see `search.matching`."""
        return queryset.filter(search.matching(search_term)), False

    @admin.display(description=_("created at"), ordering="created_at")
    def when(self, issuance: Issuance) -> str:
        """Return the time to the second, which is what a log is searched for."""
        return to_the_second(issuance.created_at)

    @admin.display(description=_("error code"))
    def code(self, issuance: Issuance) -> str:
        """Return the code, which may go on in the next line after each of its words."""
        words = issuance.error_code.split("_")
        return format_html_join(mark_safe("_<wbr>"), "{}", zip(words)) or "-"

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
