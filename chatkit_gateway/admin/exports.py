"""Exports: who took a copy of the audit."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from chatkit_gateway.admin.filters import OwnLookups
from chatkit_gateway.admin.lists import BoundedList
from chatkit_gateway.admin.read_only import ReadOnly
from chatkit_gateway.local_time import to_the_second
from chatkit_gateway.models import Export

if TYPE_CHECKING:
    ExportModelAdmin = admin.ModelAdmin[Export]
else:
    # Django's admin only takes a type parameter in its stubs.
    ExportModelAdmin = admin.ModelAdmin


@admin.register(Export)
class ExportAdmin(ReadOnly, OwnLookups, BoundedList, ExportModelAdmin):
    """Who exported what, and when."""

    list_display = ("when", "exported_by", "format", "rows", "ip_address", "reference")
    sortable_by = ("when",)
    list_per_page = 50
    actions = None
    fields = list_display

    @admin.display(description=_("created at"), ordering="created_at")
    def when(self, export: Export) -> str:
        """Return the time to the second."""
        return to_the_second(export.created_at)

    @admin.display(description=_("filters"))
    def rows(self, export: Export) -> str:
        """Return what the list was filtered to, with a link to that list as it is now."""
        if not export.filters:
            return str(_("everything"))
        issuances = reverse(
            "admin:chatkit_gateway_issuance_changelist", current_app=self.admin_site.name
        )
        filters = ", ".join(f"{name} = {value}" for name, value in parse_qsl(export.filters))
        return format_html('<a href="{}?{}">{}</a>', issuances, export.filters, filters)
