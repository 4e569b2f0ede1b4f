"""Lists of tables that only ever grow: what a page costs does not grow with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import OrderBy
from django.db.models.functions import Coalesce
from django.utils.functional import cached_property

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest

MOST = 10_000
"""Rows that are counted, and that the pages lead to. To go further, narrow the list down."""


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts to `MOST` and stops there; ``is_cut`` tells that there is more."""

    @cached_property
    def _found(self) -> int:
        # Keys alone: what else the list shows is nobody's business here, and costs. In the
        # list's order, in which its index can be walked until there are enough.
        rows = cast("QuerySet[Any]", self.object_list)
        return rows.values("pk")[: MOST + 1].count()

    @cached_property
    def count(self) -> int:
        """Return how many rows there are, or `MOST`."""
        return min(self._found, MOST)

    @property
    def is_cut(self) -> bool:
        """Tell whether there are more rows than ``count`` says."""
        return self._found > MOST


class BoundedChangeList(ChangeList):
    """Reads the keys of one page, then the rows of these keys and what is shown beside them."""

    def get_ordering_field(self, field_name: Any) -> Any:
        """Refuse to sort by what the list does not offer: Django takes any column from the URL."""
        if field_name not in (self.sortable_by or ()):
            return None
        return super().get_ordering_field(field_name)

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """Return the order asked for; the model's own where the list does not offer it."""
        order = list(super().get_ordering(request, queryset))
        return list(self.opts.ordering or ()) if order == ["-pk"] else order

    def get_results(self, request: HttpRequest) -> None:
        """Find the page's rows. Raises `IncorrectLookupParameters` for one that is not there."""
        super().get_results(request)
        start, size = 0, self.list_max_show_all
        if self.multi_page and not (self.show_all and self.can_show_all):
            start, size = (self.page_num - 1) * self.list_per_page, self.list_per_page
        order = self.queryset.query.order_by
        page = self._sorted(*order).values_list("pk", flat=True)[start : start + size]
        rows = self.model_admin.get_queryset(request).filter(pk__in=list(page))
        self.result_list = rows.order_by(*order)

    def span(self) -> tuple[datetime, datetime] | None:
        """Return the dates of the first and the last of the filtered rows; None without rows."""
        column = self.date_hierarchy
        first = self._sorted(column).values_list(column, flat=True).first()
        last = self._sorted(f"-{column}").values_list(column, flat=True).first()
        return (first, last) if first and last else None

    def _sorted(self, *order: str) -> QuerySet[Any]:
        """Return the filtered rows in this order.

        What a search found is really sorted, if it is not too much. A database would rather walk
        the index of the order until it has met enough of it, which takes for ever with a member
        who came lately or left long ago: it takes rows to be scattered evenly.
        """
        rows: QuerySet[Any] = self.queryset
        if not self.query or self.paginator.is_cut:
            return rows.order_by(*order)
        return rows.order_by(*(_apart_from_its_index(column) for column in order))


def _apart_from_its_index(column: str) -> OrderBy:
    name = column.removeprefix("-")
    return OrderBy(Coalesce(name, name), descending=column.startswith("-"))


if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = object


class BoundedList(_ModelAdmin):
    """For a `ModelAdmin` with an index for its order, for each filter and for each search."""

    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return our own."""
        return BoundedChangeList
