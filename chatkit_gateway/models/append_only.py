"""Rows that are added and read, and never changed or deleted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Never, TypeVar

from django.db import models
from django.db.models.signals import pre_delete

Row = TypeVar("Row", bound=models.Model)


class AppendOnlyError(TypeError):
    """Somebody tried to change or delete a row of the audit."""


class AppendOnlyQuerySet(models.QuerySet[Row]):
    """Rows can be added and read, nothing else."""

    def update(self, **kwargs: Any) -> Never:
        """Refuse."""
        raise AppendOnlyError("Audit rows are never changed.")

    def delete(self) -> Never:
        """Refuse."""
        raise AppendOnlyError("Audit rows are never deleted.")

    def bulk_update(self, *args: Any, **kwargs: Any) -> Never:
        """Refuse."""
        raise AppendOnlyError("Audit rows are never changed.")

    def _update(self, values: Any) -> int:
        """Refuse what Django writes with when `save()` is gone around, as ``loaddata`` does.

        It asks for an update first and inserts when nothing was there to update: a backup still
        loads into an empty table.
        """
        if self.exists():
            raise AppendOnlyError("Audit rows are never changed.")
        return 0

    def bulk_create(self, objs: Iterable[Row], *args: Any, **kwargs: Any) -> list[Row]:
        """Insert rows; raises `AppendOnlyError` if those that exist would be changed."""
        if kwargs.get("update_conflicts") or len(args) > 2:
            raise AppendOnlyError("Audit rows are never changed.")
        return super().bulk_create(objs, *args, **kwargs)


class AppendOnlyModel(models.Model):
    """A row of the audit. On PostgreSQL a trigger of the first migration refuses the same.

    `chatkit_gateway.retention` alone removes rows, once they are past their time. A model has to
    take `AppendOnlyQuerySet`, or one of its kind, as its manager ``objects``.
    """

    class Meta:
        abstract = True
        # Django's own back door, `_base_manager`, leads to the same refusals.
        base_manager_name = "objects"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse what deletes without asking model or queryset: Django's deletion collector."""
        super().__init_subclass__(**kwargs)
        pre_delete.connect(_refuse_deletion, sender=cls)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert the row; raises `AppendOnlyError` for a row that is already stored."""
        if not self._state.adding:
            raise AppendOnlyError("Audit rows are never changed.")
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> Never:
        """Refuse."""
        raise AppendOnlyError("Audit rows are never deleted.")


def _refuse_deletion(**kwargs: Any) -> Never:
    raise AppendOnlyError("Audit rows are never deleted.")
