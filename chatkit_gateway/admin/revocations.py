"""Revocations: to look at, and to make; never to change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from chatkit_gateway.admin.filters import OwnLookups
from chatkit_gateway.admin.lists import BoundedList
from chatkit_gateway.admin.revoking import (
    RevocationForm,
    alive_now,
    confirmation,
    page,
    revoke,
)
from chatkit_gateway.connections import outside_transactions
from chatkit_gateway.local_time import to_the_second
from chatkit_gateway.models import Issuance, Revocation
from chatkit_gateway.selection import By

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    RevocationModelAdmin = admin.ModelAdmin[Revocation]
else:
    # Django's admin only takes a type parameter in its stubs.
    RevocationModelAdmin = admin.ModelAdmin


@admin.register(Revocation)
class RevocationAdmin(OwnLookups, BoundedList, RevocationModelAdmin):
    """Every try to end a client secret. Adding one is revoking."""

    list_display = (
        "when",
        "of",
        "username",
        "what_upstream_said",
        "cause",
        "revoked_by",
        "reason",
    )
    list_filter = ("cause", "ended", "created_at")
    date_hierarchy = "created_at"
    sortable_by = ("when",)
    list_per_page = 50
    actions = None
    fields = (
        "when",
        "of",
        "username",
        "cause",
        "revoked_by",
        "reason",
        "ended",
        "answer",
        "upstream_request_id",
    )
    readonly_fields = ("when", "of", "username")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Revocation]:
        """Return the rows with what their issuance says, which retention may have removed."""
        issuance = Issuance.objects.filter(pk=OuterRef("issuance_id"))
        rows: QuerySet[Revocation] = super().get_queryset(request)
        return rows.annotate(
            of_reference=Subquery(issuance.values("reference")[:1]),
            of_username=Subquery(issuance.values("username")[:1]),
        )

    @admin.display(description=_("created at"), ordering="created_at")
    def when(self, revocation: Revocation) -> str:
        """Return the time to the second."""
        return to_the_second(revocation.created_at)

    @admin.display(description=_("issuance"))
    def of(self, revocation: Revocation) -> str:
        """Return a link to the issuance, called by its reference."""
        reference: str | None = revocation.of_reference  # type: ignore[attr-defined]
        if reference is None:
            return str(revocation.issuance_id)
        address = reverse("admin:chatkit_gateway_issuance_change", args=[revocation.issuance_id])
        return format_html('<a href="{}">{}</a>', address, reference)

    @admin.display(description=_("username"))
    def username(self, revocation: Revocation) -> str:
        """Return whose secret it was."""
        return revocation.of_username or "-"  # type: ignore[attr-defined]

    @admin.display(description=_("answer"))
    def what_upstream_said(self, revocation: Revocation) -> str:
        """Return the answer; it ended the secret if it is "cancelled"."""
        return revocation.answer or str(_("not asked yet"))

    # The upstream is asked while no transaction is open, and what is wished is committed before.
    @outside_transactions
    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Let an admin choose what shall end, confirm it, and end it: three steps, one address."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            form = RevocationForm(request.POST)
            if form.is_valid():
                return revoke(request, form)
        by, value = request.GET.get("by", ""), request.GET.get("value", "").strip()
        if by in By.values and (value or by == By.EVERYTHING):
            asked = confirmation(request, self.admin_site, By(by), value)
            if asked:
                return asked
        return page(
            request,
            self.admin_site,
            "revocation/choose.html",
            {"title": _("Revoke client secrets"), **alive_now()},
        )

    def has_change_permission(self, request: HttpRequest, obj: Revocation | None = None) -> bool:
        """Refuse, superusers too."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Revocation | None = None) -> bool:
        """Refuse, superusers too."""
        return False
