"""Lists of tables that only ever grow: what a page costs does not grow with them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import InvalidPage, Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

if TYPE_CHECKING:
    from django.http import HttpRequest

    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = object

MOST = 10_000
"""Rows that are counted, and that the pages lead to. To go further, narrow the list down."""


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts to `MOST` and stops there; ``is_cut`` tells that there is more.

    Takes a queryset, or a list of all there is up to one more than `MOST`.
    """

    @cached_property
    def _found(self) -> int:
        if not isinstance(self.object_list, QuerySet):
            return len(self.object_list)
        # In the list's order, in which an index can be walked until there are enough.
        return self.object_list.values("pk")[: MOST + 1].count()

    @cached_property
    def count(self) -> int:
        """Return how many rows there are, or `MOST`."""
        return min(self._found, MOST)

    @property
    def is_cut(self) -> bool:
        """Tell whether there are more rows than ``count`` says."""
        return self._found > MOST


class BoundedChangeList(ChangeList):
    """Finds the keys of one page, then reads the rows of these keys and what is shown beside them.

    Django would work out what is shown beside each row of all the pages before, too.
    """

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
        everything: Any = self.queryset
        if self.query:
            everything = [key for key, _date in self._matches]
        self.paginator = self.model_admin.get_paginator(request, everything, self.list_per_page)
        self.result_count = self.paginator.count
        self.full_result_count, self.show_full_result_count = None, False
        self.show_admin_actions = True
        self.can_show_all = self.result_count <= self.list_max_show_all
        self.multi_page = self.result_count > self.list_per_page
        page = everything[: self.list_max_show_all]
        if self.multi_page and not (self.show_all and self.can_show_all):
            try:
                page = self.paginator.page(self.page_num).object_list
            except InvalidPage:
                raise IncorrectLookupParameters from None
        keys = page if self.query else list(page.values_list("pk", flat=True))
        rows = self.model_admin.get_queryset(request).filter(pk__in=keys)
        self.result_list = rows.order_by(*self.queryset.query.order_by)

    @cached_property
    def _matches(self) -> list[tuple[Any, datetime]]:
        """Key and date of what a search found, in the list's order: all, or one more than `MOST`.

        Asked for at once. For one page of it a database would rather walk everything in the
        list's order until it has met enough, since it takes what is found to be scattered evenly;
        with a member who came lately, or left long ago, that is nearly everything.
        """
        columns = ("pk", self.date_hierarchy or "pk")
        return list(self.queryset.values_list(*columns)[: MOST + 1])

    def span(self) -> tuple[datetime, datetime] | None:
        """Return the dates of the first and the last of the filtered rows; None without rows."""
        if self.query and not self.paginator.is_cut:
            dates = sorted(date for _key, date in self._matches)
        else:
            column = self.date_hierarchy
            moments = self.queryset.values_list(column, flat=True)
            ends = moments.order_by(column).first(), moments.order_by(f"-{column}").first()
            dates = [date for date in ends if date]
        return (dates[0], dates[-1]) if dates else None


class BoundedList(_ModelAdmin):
    """For a `ModelAdmin` with an index for its order, for each filter and for each search."""

    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return our own."""
        return BoundedChangeList
