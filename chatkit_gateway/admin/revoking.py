"""The way to a revocation: what shall end, how much of it is alive, why, and then it ends."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chatkit_gateway import revocation
from chatkit_gateway.models import Cause, Issuance, IssuanceQuerySet
from chatkit_gateway.revocation import Wish
from chatkit_gateway.selection import By, select

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    IssuanceModelAdmin = admin.ModelAdmin[Issuance]
else:
    IssuanceModelAdmin = object

PERMISSION = "chatkit_gateway.add_revocation"
SECONDS = 20.0
"""How long an admin waits for the upstream; what is left then is pending."""
_MOST_MEMBERS = 25


class RevocationForm(forms.Form):
    """What shall end, which the page fills in, and why, which the admin may."""

    by = forms.ChoiceField(choices=By.choices, widget=forms.HiddenInput)
    value = forms.CharField(required=False, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField", "autofocus": True}),
        help_text=gettext_lazy("Optional. It is kept with the revocation."),
    )

    def clean(self) -> dict[str, Any]:
        """Take the keys of issuances apart; they travel as one text, since there may be many."""
        cleaned = super().clean() or {}
        value = cleaned.get("value", "")
        values = value.split(",") if cleaned.get("by") == By.ISSUANCE else [value]
        if cleaned.get("by") == By.ISSUANCE and not all(key.isdecimal() for key in values):
            raise forms.ValidationError(_("That is no list of issuances."))
        return cleaned | {"values": values}

    def issuances(self) -> IssuanceQuerySet:
        """Return what is chosen and alive."""
        return select(By(self.cleaned_data["by"]), self.cleaned_data["values"]).alive()

    def title(self) -> str:
        """Return what is chosen, in words."""
        by, value = By(self.cleaned_data["by"]), self.cleaned_data["value"]
        if by is By.EVERYTHING:
            return _("Every client secret of this site")
        if by is By.ISSUANCE:
            return _("The selected client secrets")
        return _("The client secrets of %(kind)s %(name)s") % {"kind": by.label, "name": value}


def state_of(issuance: Issuance) -> str:
    """Return whether a secret works, in words; takes a row of `with_revocation`.

    There is no secret where the attempt was refused.
    """
    if issuance.expires_at is None:
        return "-"
    if issuance.is_revoked:  # type: ignore[attr-defined]
        return _("revoked")
    if issuance.expires_at <= timezone.now():
        return _("expired")
    if issuance.revocation_asked:  # type: ignore[attr-defined]
        return _("being revoked")
    return _("alive")


def alive_now() -> dict[str, Any]:
    """Return how many are alive: ``total``, and by member, assistant and workflow, most first."""
    rows = Issuance.objects.alive().order_by()
    kinds = rows.values_list("assistant", "workflow_id").annotate(Count("pk"))
    assistants: Counter[str] = Counter()
    workflows: Counter[str] = Counter()
    for assistant, workflow, count in kinds:
        assistants[assistant] += count
        workflows[workflow] += count
    del workflows[""]
    members = rows.values_list("username").annotate(count=Count("pk")).order_by("-count")
    return {
        "total": assistants.total(),
        "kinds": [
            (By.MEMBER, members[:_MOST_MEMBERS]),
            (By.ASSISTANT, assistants.most_common()),
            (By.WORKFLOW, workflows.most_common()),
        ],
    }


def page(
    request: HttpRequest, site: admin.AdminSite, template: str, context: dict[str, Any]
) -> TemplateResponse:
    """Return a page of ours in the admin's frame."""
    frame = {**site.each_context(request), "opts": Issuance._meta}
    return TemplateResponse(request, f"admin/chatkit_gateway/{template}", frame | context)


def confirmation(
    request: HttpRequest, site: admin.AdminSite, by: By, value: str
) -> TemplateResponse | None:
    """Return the page that asks once more, and why; None if what is chosen cannot be."""
    chosen = {"by": by, "value": value}
    given = RevocationForm(chosen)
    if not given.is_valid():
        return None
    context = {
        "title": given.title(),
        "count": given.issuances().count(),
        "form": RevocationForm(initial=chosen),
    }
    return page(request, site, "revocation/confirm.html", context)


def revoke(request: HttpRequest, form: RevocationForm) -> HttpResponse:
    """End what is chosen, as far as the time goes, tell the admin, and lead on."""
    wish = Wish(Cause.ADMIN, request.user.get_username(), form.cleaned_data["reason"])
    begun = revocation.begin(form.issuances(), wish)
    ended = begun.ended + sum(revocation.carry_on(begun.pending, SECONDS))
    pending = begun.ended + len(begun.pending) - ended
    told = ngettext("%d client secret was ended.", "%d client secrets were ended.", ended) % ended
    if pending:
        told += (
            " "
            + ngettext(
                "%d is pending; the command chatkit_revoke --retry goes on with it.",
                "%d are pending; the command chatkit_revoke --retry goes on with them.",
                pending,
            )
            % pending
        )
    messages.add_message(request, messages.WARNING if pending else messages.SUCCESS, told)
    return HttpResponseRedirect(_next_page(request, form.cleaned_data))


def _next_page(request: HttpRequest, chosen: dict[str, Any]) -> str:
    if chosen["by"] == By.ISSUANCE and len(chosen["values"]) == 1:
        name, keys = "admin:chatkit_gateway_issuance_change", chosen["values"]
    elif request.user.has_perm("chatkit_gateway.view_revocation"):
        name, keys = "admin:chatkit_gateway_revocation_changelist", []
    else:
        name, keys = "admin:index", []
    return reverse(name, args=keys)


class RevokesIssuances(IssuanceModelAdmin):
    """For the `ModelAdmin` of issuances: an action on the list, and what its pages have to know."""

    actions = ("revoke_selected",)

    class Media:
        css = {"all": ["chatkit_gateway/revocation.css"]}

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Tell who may take the action."""
        return request.user.has_perm(PERMISSION)

    @admin.action(
        description=gettext_lazy("Revoke the selected client secrets"), permissions=["revoke"]
    )
    def revoke_selected(
        self, request: HttpRequest, queryset: IssuanceQuerySet
    ) -> HttpResponse | None:
        """Ask once more about those that are alive."""
        alive = ",".join(str(key) for key in queryset.alive().values_list("pk", flat=True))
        if alive:
            return confirmation(request, self.admin_site, By.ISSUANCE, alive)
        messages.warning(request, _("None of the selected client secrets is alive."))
        return None

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Issuance | None = None,
    ) -> HttpResponse:
        """Tell the page what may be done."""
        context |= self.about(request, obj) if obj else {}
        return super().render_change_form(request, context, add, change, form_url, obj)

    def about(self, request: HttpRequest, issuance: Issuance) -> dict[str, Any]:
        """Return what a page about an issuance has to know."""
        return {
            "may_revoke": self.has_revoke_permission(request),
            "still_alive": Issuance.objects.alive().contains(issuance),
        }
