"""What the admin's lists can be narrowed to, and by nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from chatkit_gateway import conf
from chatkit_gateway.errors import PROBLEMS

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

_LOOKUPS = {
    "outcome__exact",
    "assistant",
    "error_code",
    "created_at__gte",
    "created_at__lt",
    "cause__exact",
    "ended__exact",
    "resumed_at__gte",
    "resumed_at__lt",
    "resumed_at__isnull",
}
_YEAR = "created_at__year"
_DRILL_DOWN = {_YEAR, "created_at__month", "created_at__day"}
"""Django makes a range of them; of a month without a year it would not."""


class OwnLookups:
    """For a `ModelAdmin`: its filters and date hierarchy may ask, a link cannot make up more.

    Django would take any lookup on the model's own columns: a regular expression that never ends,
    or a comparison that no index answers.
    """

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Allow what the filters ask, and nothing else."""
        allowed = lookup in _LOOKUPS or (lookup in _DRILL_DOWN and _YEAR in request.GET)
        # PostgreSQL takes no NUL in a text, not even to compare with.
        return allowed and "\0" not in value


class AssistantFilter(admin.SimpleListFilter):
    """The configured assistants: to look for all there ever were would read every row."""

    title = _("assistant")
    parameter_name = "assistant"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        """Return the aliases."""
        return [(alias, alias) for alias in conf.gateway().assistants]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows of the chosen one."""
        return queryset.filter(assistant=self.value()) if self.value() else queryset


class ErrorCodeFilter(admin.SimpleListFilter):
    """The codes that reach the audit."""

    title = _("error code")
    parameter_name = "error_code"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        """Return the codes of the error table that have a row."""
        return [(code, code) for code, problem in PROBLEMS.items() if problem.outcome]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows of the chosen one."""
        return queryset.filter(error_code=self.value()) if self.value() else queryset
