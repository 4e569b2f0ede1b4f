"""Digests: what was sealed and what retention removed, to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from chatkit_gateway.admin.filters import OwnLookups
from chatkit_gateway.admin.read_only import ReadOnly
from chatkit_gateway.local_time import to_the_second
from chatkit_gateway.models import Digest

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

    DigestModelAdmin = admin.ModelAdmin[Digest]
else:
    # Django's admin only takes a type parameter in its stubs.
    DigestModelAdmin = admin.ModelAdmin


@admin.register(Digest)
class DigestAdmin(ReadOnly, OwnLookups, DigestModelAdmin):
    """The chain, newest first. Whether it holds, only `chatkit_verify` can tell."""

    list_display = ("number", "when", "kind", "subject", "first_row", "last_row", "count")
    list_per_page = 50
    show_full_result_count = False
    actions = None
    fields = (
        "number",
        "when",
        "kind",
        "subject",
        "first_row",
        "last_row",
        "count",
        "format",
        "sha256",
        "previous",
        "signature",
    )
    readonly_fields = ("when",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Digest]:
        """Return the digests without their row hashes, of which there may be many."""
        return super().get_queryset(request).defer("rows")

    @admin.display(description=_("created at"), ordering="number")
    def when(self, digest: Digest) -> str:
        """Return the time to the second."""
        return to_the_second(digest.created_at)
