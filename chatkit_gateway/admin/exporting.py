"""The admin's side of an export: who may, of which rows, and how it gets to them."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG, IGNORED_PARAMS, SEARCH_VAR
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.handlers.asgi import ASGIRequest
from django.http import (
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from chatkit_gateway import exports, reference
from chatkit_gateway.connections import outside_transactions
from chatkit_gateway.local_time import local
from chatkit_gateway.models import Export, Issuance
from chatkit_gateway.session_request import client_address

if TYPE_CHECKING:
    from django.contrib.admin.views.main import ChangeList
    from django.http import HttpRequest

    _ModelAdmin = admin.ModelAdmin[Issuance]
else:
    _ModelAdmin = object

logger = logging.getLogger(__name__)

PERMISSION = "chatkit_gateway.add_export"

_CONTENT_TYPES = {
    Export.Format.CSV: "text/csv; charset=utf-8",
    Export.Format.JSON_LINES: "application/jsonl; charset=utf-8",
}


class Exporting(_ModelAdmin):
    """For the `ModelAdmin` of issuances: hands out what its list is filtered to, as a file.

    To export is to add an `Export`, so it takes that permission beside the one to look.
    """

    def get_urls(self) -> list[URLPattern]:
        """Add the export, which commits its own row before anything leaves."""
        view = outside_transactions(self.admin_site.admin_view(self.export_view))
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [path("export/", view, name=name), *super().get_urls()]

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Tell whether the user may take a copy away."""
        return self.has_view_permission(request) and request.user.has_perm(PERMISSION)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list, with the buttons for those who may export."""
        may_export = self.has_export_permission(request)
        context = {**(extra_context or {}), "may_export": may_export, "formats": Export.Format}
        return super().changelist_view(request, context)

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a POST to the list's own query string with the file, recorded before it leaves."""
        if not self.has_export_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if request.POST.get("format") not in Export.Format.values:
            raise BadRequest("no such format")
        try:
            shown = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"
            address = reverse(name, current_app=self.admin_site.name)
            return HttpResponseRedirect(f"{address}?{ERROR_FLAG}=1")
        # A search that the list's form refuses would otherwise export everything.
        if shown.query != request.GET.get(SEARCH_VAR, ""):
            raise BadRequest("no such search")
        return self._file(request, shown)

    def _file(self, request: HttpRequest, shown: ChangeList) -> HttpResponseBase:
        with reference.of_request():
            export = Export(
                exported_by=request.user.get_username(),
                format=request.POST["format"],
                filters=_filters(shown),
                ip_address=client_address(request),
                reference=reference.current(),
            )
            try:
                exports.record(export)
            except Exception:
                logger.exception("an export could not be recorded, so there is none")
                sorry = _("There is no export, because it could not be recorded. Try again later.")
                return HttpResponse(sorry, "text/plain; charset=utf-8", status=503)
        pieces = exports.pieces(export, shown.queryset)
        name = f"issuances-{local(timezone.now()):%Y-%m-%d}.{export.format}"
        return StreamingHttpResponse(
            # Of a synchronous iterator Django would make a list first, under ASGI.
            _asynchronous(pieces) if isinstance(request, ASGIRequest) else pieces,
            content_type=_CONTENT_TYPES[Export.Format(export.format)],
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


def _filters(shown: ChangeList) -> str:
    """Return the part of the list's query string that says which rows."""
    rest = {name: None for name in IGNORED_PARAMS if name != SEARCH_VAR}
    return shown.get_query_string(rest).removeprefix("?")


async def _asynchronous(pieces: Iterator[str]) -> AsyncIterator[str]:
    # In the thread of the request, to which its database connections belong.
    following = sync_to_async(lambda: next(pieces, None))
    while (piece := await following()) is not None:
        yield piece
