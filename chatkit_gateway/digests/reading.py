"""Reading rows as the database holds them, to hash them: in bounded memory, whatever is in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from django.db import connections, models, router
from django.db.models import QuerySet
from django.db.models.functions import Cast
from django.db.utils import DataError, OperationalError

from chatkit_gateway.digests import canonical
from chatkit_gateway.models import AppendOnlyModel, Digest

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

Model = TypeVar("Model", bound=AppendOnlyModel)

UNREADABLE = bytes(32)
"""Stands in place of a hash where the database holds what the column's type cannot."""

_AT_ONCE = 2000
_CONVERTED = (
    models.BooleanField,
    models.DateTimeField,
    models.GenericIPAddressField,
    models.UUIDField,
)


class Row(NamedTuple):
    """One row: its key, its SHA-256, and its columns (none if it cannot be read)."""

    key: int
    sha256: bytes
    columns: Mapping[str, Any]


def stored(model: type[Model]) -> QuerySet[Model]:
    """Return what the database that is written to holds; a replica may be behind."""
    return model._default_manager.using(router.db_for_write(Digest))


def rows(of: QuerySet[Any], format_: int, at_once: int = _AT_ONCE) -> Iterator[Row]:
    """Hash the rows of a queryset in the order of their keys; holds ``at_once`` in memory."""
    names = canonical.FIELDS[format_][canonical.subject(of.model)]
    ordered = of.order_by("pk")
    following = ordered
    while True:
        chunk = _read(following[:at_once], names)
        yield from chunk
        if len(chunk) < at_once:
            return
        following = ordered.filter(pk__gt=chunk[-1].key)


def first_rows(of: QuerySet[Any], format_: int, count: int) -> Iterator[Row]:
    """Hash the first rows, without reading more of them than asked for."""
    return islice(rows(of, format_, min(count, _AT_ONCE)), count)


def is_content(error: Exception) -> bool:
    """Tell whether an error of reading comes from what is stored, and not from the connection."""
    if isinstance(error, OperationalError):
        # SQLite's, for text that is none.
        return "Could not decode" in str(error)
    return isinstance(error, ValueError | OverflowError | DataError)


def _read(chunk: QuerySet[Any], names: tuple[str, ...]) -> list[Row]:
    try:
        return [
            Row(columns["id"], canonical.sha256(columns), columns)
            for columns in _columns(chunk, names)
        ]
    except Exception as error:
        if not is_content(error):
            raise
    keys = list(chunk.values_list("pk", flat=True))
    if len(keys) == 1:
        return [Row(keys[0], UNREADABLE, {})]
    one_by_one = (stored(chunk.model).filter(pk=key) for key in keys)
    return [row for one in one_by_one for row in _read(one, names)]


def _columns(chunk: QuerySet[Any], names: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    connection = connections[chunk.db]
    if connection.vendor != "sqlite":
        for values in chunk.values_list(*names):
            yield dict(zip(names, values, strict=True))
        return
    converted = {name: field for name in names if (field := _converted(chunk.model, name))}
    texts = [Cast(name, models.TextField()) for name in converted]
    for values in chunk.values_list(*names, *texts):
        columns = dict(zip(names, values, strict=False))
        for (name, field), text in zip(converted.items(), values[len(names) :], strict=True):
            if text != _text(field, columns[name], connection):
                columns[name] = f"stored: {text}"
        yield columns


def _converted(model: type[models.Model], name: str) -> models.Field[Any, Any] | None:
    """Return the field if different texts in SQLite's file make the same value of it.

    They are not the same to SQL: it sorts and compares the texts.
    """
    field: models.Field[Any, Any] = model._meta.get_field(name)  # type: ignore[assignment]
    return field if isinstance(getattr(field, "target_field", field), _CONVERTED) else None


def _text(field: models.Field[Any, Any], value: Any, connection: BaseDatabaseWrapper) -> str | None:
    """Return the text that Django itself would have stored for the value."""
    if isinstance(value, bytes):
        # A blob, which Django stores in none of these columns.
        return None
    prepared = field.get_db_prep_save(value, connection)
    if prepared is None:
        return None
    return str(int(prepared) if isinstance(prepared, bool) else prepared)
