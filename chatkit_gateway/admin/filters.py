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

_COLUMNS = {
    "outcome",
    "assistant",
    "error_code",
    "created_at",
    "resumed_at",
    "cause",
    "ended",
}
_KINDS = {"", "exact", "gte", "lt", "isnull", "year", "month", "day"}


class OwnLookups:
    """For a `ModelAdmin`: its filters and date hierarchy may ask, a link cannot make up more.

    Django would take any lookup on the model's own columns: a regular expression that never ends.
    """

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Allow the columns that can be filtered by, with the comparisons that filters make."""
        column, _separator, kind = lookup.partition("__")
        # PostgreSQL takes no NUL in a text, not even to compare with.
        return column in _COLUMNS and kind in _KINDS and "\0" not in value


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
