"""The Usage page: read what is asked for, have it counted, show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chatkit_gateway import buckets, reports
from chatkit_gateway.admin.usage import asked, words
from chatkit_gateway.admin.usage.asked import Asked, Preset
from chatkit_gateway.admin.usage.figures import figures
from chatkit_gateway.admin.usage.panels import over_time
from chatkit_gateway.admin.usage.rankings import Links, rankings

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin
    from django.http import HttpRequest

    from chatkit_gateway.models import Issuance

_TEMPLATE = "admin/chatkit_gateway/issuance/usage.html"


@require_safe
def usage_page(request: HttpRequest, model_admin: ModelAdmin[Issuance]) -> TemplateResponse:
    """Show the figures to those who may view issuances. Takes its range from the query string."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    now = timezone.now()
    question = asked.read(request.GET, now)
    span = buckets.cut(question.first, question.last, question.unit, now)
    usage = reports.usage(span, question.assistant, now)
    site = model_admin.admin_site
    issuances = reverse("admin:chatkit_gateway_issuance_changelist", current_app=site.name)
    context = {
        **site.each_context(request),
        "opts": model_admin.opts,
        "title": _("Usage"),
        "issuances": issuances,
        "question": question,
        "presets": _presets(question),
        "from_to": words.days(question.first, question.last),
        "zone": words.zone(),
        "usage": usage,
        "figures": figures(usage),
        "panels": [*over_time(usage), *rankings(usage, Links(issuances, usage, question.assistant))]
        if usage.attempts
        else [],
    }
    request.current_app = site.name
    return TemplateResponse(request, _TEMPLATE, context)


def _presets(question: Asked) -> list[dict[str, Any]]:
    """Return the links to the ranges that end today; they keep to the assistant."""
    kept = {"assistant": question.assistant} if question.assistant else {}
    return [
        {
            "label": preset.label,
            "query": urlencode({"range": preset.value, **kept}),
            "is_shown": preset is question.preset,
        }
        for preset in Preset
    ]
