"""The admin: issuances to look at, never to change; pauses to make and to end."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.forms import ChoiceField
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from chatkit_gateway import conf
from chatkit_gateway.admin_filters import AssistantFilter, ErrorCodeFilter, OwnLookups
from chatkit_gateway.models import Issuance, Pause

if TYPE_CHECKING:
    from django.db.models import Field, QuerySet
    from django.forms import Field as FormField
    from django.forms import ModelForm
    from django.http import HttpRequest

    IssuanceModelAdmin = admin.ModelAdmin[Issuance]
    PauseModelAdmin = admin.ModelAdmin[Pause]
else:
    # Django's admin only takes a type parameter in its stubs.
    IssuanceModelAdmin = PauseModelAdmin = admin.ModelAdmin

_LONGEST_SEARCH = 255


def _to_the_second(moment: datetime) -> str:
    # A site without time zones keeps naive moments, which are local already.
    local = timezone.localtime(moment) if timezone.is_aware(moment) else moment
    return local.strftime("%Y-%m-%d %H:%M:%S")


@admin.register(Issuance)
class IssuanceAdmin(OwnLookups, IssuanceModelAdmin):
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
    actions = None
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

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Issuance], search_term: str
    ) -> tuple[QuerySet[Issuance], bool]:
        """Search, by no more words than any column holds: SQLite fails on very long ones."""
        return super().get_search_results(request, queryset, search_term[:_LONGEST_SEARCH])

    @admin.display(description=_("created at"), ordering="created_at")
    def when(self, issuance: Issuance) -> str:
        """Return the time to the second, which is what a log is searched for."""
        return _to_the_second(issuance.created_at)

    @admin.display(description=_("expires at"))
    def until(self, issuance: Issuance) -> str:
        """Return when the secret stops working, to the second."""
        return _to_the_second(issuance.expires_at) if issuance.expires_at else "-"

    @admin.display(description=_("client secret"))
    def alive(self, issuance: Issuance) -> str:
        """Tell whether the secret still works; there is none where the attempt was refused."""
        if issuance.expires_at is None:
            return "-"
        return str(_("alive") if issuance.is_alive() else _("ended"))

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
