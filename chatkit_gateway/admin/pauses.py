"""Pauses of issuing: to make and to end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.forms import ChoiceField
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from chatkit_gateway import conf
from chatkit_gateway.admin.filters import AssistantFilter, OwnLookups
from chatkit_gateway.models import Pause

if TYPE_CHECKING:
    from django.db.models import Field, QuerySet
    from django.forms import Field as FormField
    from django.forms import ModelForm
    from django.http import HttpRequest

    PauseModelAdmin = admin.ModelAdmin[Pause]
else:
    # Django's admin only takes a type parameter in its stubs.
    PauseModelAdmin = admin.ModelAdmin


@admin.register(Pause)
class PauseAdmin(OwnLookups, PauseModelAdmin):
    """Pause issuing by adding a row; resume by the action. Neither can be edited away."""

    list_display = ("paused_at", "scope", "reason", "paused_by", "resumed_at", "resumed_by")
    list_filter = (AssistantFilter, "resumed_at")
    readonly_fields = ("paused_at", "paused_by", "resumed_at", "resumed_by")
    actions = ("resume",)

    def formfield_for_dbfield(
        self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> FormField | None:
        """Offer the configured assistants: with a slip in its name, a pause would stop nothing."""
        if db_field.name != "assistant":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        assistants = conf.gateway().assistants.values()
        return ChoiceField(
            label=capfirst(db_field.verbose_name),
            choices=[
                ("", _("Every assistant")),
                *((assistant.alias, assistant.title) for assistant in assistants),
            ],
            required=False,
        )

    def save_model(
        self, request: HttpRequest, obj: Pause, form: ModelForm[Pause], change: bool
    ) -> None:
        """Record who paused."""
        obj.paused_by = request.user.get_username()
        super().save_model(request, obj, form, change)

    @admin.display(description=_("assistant"), ordering="assistant")
    def scope(self, pause: Pause) -> str:
        """Return what is paused."""
        return pause.assistant or str(_("Every assistant"))

    @admin.action(description=_("Resume issuing"), permissions=["add"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Pause]) -> None:
        """End the pauses that are still on."""
        count = queryset.filter(resumed_at__isnull=True).update(
            resumed_at=timezone.now(), resumed_by=request.user.get_username()
        )
        self.message_user(
            request,
            ngettext("%d pause was ended.", "%d pauses were ended.", count) % count,
            messages.SUCCESS,
        )

    def has_change_permission(self, request: HttpRequest, obj: Pause | None = None) -> bool:
        """Refuse: a pause is history."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Pause | None = None) -> bool:
        """Refuse: a pause is history."""
        return False
