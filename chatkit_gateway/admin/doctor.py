"""The doctor's report for superusers: a page to ask for it, and the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.urls import get_script_prefix, reverse
from django.utils.translation import gettext_lazy as _

from chatkit_gateway.doctor import examination, report
from chatkit_gateway.doctor.case import Budget, Case
from chatkit_gateway.doctor.findings import Level

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin
    from django.http import HttpRequest

    from chatkit_gateway.models import Issuance

_TEMPLATE = "admin/chatkit_gateway/issuance/doctor.html"
_SECONDS = 20.0
"""Less than on the command line: proxies and servers give up on a page after 30."""


class WishForm(forms.Form):
    """What the doctor may do besides looking. No address: only this site's own is visited."""

    session = forms.BooleanField(
        label=_("Make a real session at the upstream, and cancel it at once"),
        required=False,
        initial=True,
    )
    visit = forms.BooleanField(
        label=_("Visit this site at the address you are using"),
        help_text=_("Not possible on a site with a single worker, which is busy with this page."),
        required=False,
        initial=True,
    )


def doctor_page(request: HttpRequest, model_admin: ModelAdmin[Issuance]) -> TemplateResponse:
    """GET: what would be examined. POST: examine, in bounded time. For superusers only."""
    if not getattr(request.user, "is_superuser", False):
        raise PermissionDenied
    asked = request.method == "POST"
    form = WishForm(request.POST if asked else None)
    site = model_admin.admin_site
    context = {
        **site.each_context(request),
        "opts": model_admin.opts,
        "title": _("Doctor"),
        "issuances": reverse("admin:chatkit_gateway_issuance_changelist", current_app=site.name),
        "form": form,
        "areas": [area.title for area in examination.AREAS],
        **(_report(request, form) if asked and form.is_valid() else {}),
    }
    request.current_app = site.name
    return TemplateResponse(request, _TEMPLATE, context)


def _report(request: HttpRequest, form: WishForm) -> dict[str, Any]:
    case = Case(
        address=request.build_absolute_uri(get_script_prefix())
        if form.cleaned_data["visit"]
        else None,
        with_session=form.cleaned_data["session"],
        budget=Budget(_SECONDS),
    )
    sections = [
        {"title": area.title, "findings": findings}
        for area, findings in examination.examine(case)
        if findings
    ]
    counts = report.counts(case.findings)
    return {
        "sections": sections,
        "urgent": sorted(
            (finding for finding in case.findings if finding.level.rank >= Level.WARNING.rank),
            key=lambda finding: -finding.level.rank,
        ),
        "examined_at": case.now,
        "names_assistants": case.has_several(),
        "counts": [(level.value, level.label, counts[level.value]) for level in reversed(Level)],
    }
