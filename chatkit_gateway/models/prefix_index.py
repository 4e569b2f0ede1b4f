"""An index for how a text begins, whatever its case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor
    from django.db.backends.ddl_references import Statement


class PrefixIndex(models.Index):
    """An index of one expression, ``Upper("column")``, that serves ``istartswith`` on PostgreSQL.

    There, an index in the order of a language is of no use to LIKE; one in the order of the bytes
    is. Django has this only for sites that install ``django.contrib.postgres``.
    """

    def create_sql(
        self,
        model: type[models.Model],
        schema_editor: BaseDatabaseSchemaEditor,
        using: str = "",
        **kwargs: Any,
    ) -> Statement:
        """Return the statement, with PostgreSQL's operator class for patterns."""
        statement = super().create_sql(model, schema_editor, using, **kwargs)
        if schema_editor.connection.vendor == "postgresql":
            columns = "%(columns)s"
            statement.template = statement.template.replace(
                columns, f"{columns} varchar_pattern_ops"
            )
        return statement
