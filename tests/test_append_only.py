"""Rows of the audit are added and read; every way to change or delete one is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.admin.utils import NestedObjects
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.serializers import serialize
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.db.models.deletion import Collector

from chatkit_gateway.models import (
    AppendOnlyError,
    AppendOnlyModel,
    Digest,
    Export,
    Issuance,
    Revocation,
)
from tests.sealed_audit import AUDIT, fill, seal

pytestmark = [pytest.mark.database, pytest.mark.django_db]

COLUMN = {Issuance: "username", Revocation: "reason", Export: "filters", Digest: "subject"}
of_every_model = pytest.mark.parametrize("model", AUDIT, ids=lambda model: model.__name__)


@pytest.fixture(autouse=True)
def _filled() -> None:
    fill()
    seal()


def stored(model: type[models.Model]) -> list[dict[str, Any]]:
    return list(model._default_manager.order_by("pk").values())


def collected(row: models.Model) -> None:
    collector = Collector(using="default", origin=row)
    collector.collect([row])
    collector.delete()


def awaited(method: Callable[..., Any], *args: Any, **kwargs: Any) -> object:
    async def call() -> object:
        return await method(*args, **kwargs)

    return async_to_sync(call)()


def saved_with_deferred_columns(model: Any) -> None:
    model.objects.only("pk").first().save()


CHANGES: dict[str, Callable[[Any, Any, dict[str, Any]], object]] = {
    "save": lambda model, row, values: row.save(),
    "save, forced": lambda model, row, values: row.save(force_update=True),
    "save of one column": lambda model, row, values: row.save(update_fields=[COLUMN[model]]),
    "save of deferred columns": lambda model, row, values: saved_with_deferred_columns(model),
    "save after a refresh": lambda model, row, values: (row.refresh_from_db(), row.save()),
    "asave": lambda model, row, values: awaited(row.asave),
    "delete": lambda model, row, values: row.delete(),
    "adelete": lambda model, row, values: awaited(row.adelete),
    "collector": lambda model, row, values: collected(row),
    "update": lambda model, row, values: model.objects.update(**values),
    "update of a part": lambda model, row, values: model.objects.filter(pk=row.pk).update(**values),
    "aupdate": lambda model, row, values: awaited(model.objects.aupdate, **values),
    "bulk_update": lambda model, row, values: model.objects.bulk_update([row], list(values)),
    "abulk_update": lambda model, row, values: awaited(
        model.objects.abulk_update, [row], list(values)
    ),
    "update_or_create": lambda model, row, values: model.objects.update_or_create(
        pk=row.pk, defaults=values
    ),
    "aupdate_or_create": lambda model, row, values: awaited(
        model.objects.aupdate_or_create, pk=row.pk, defaults=values
    ),
    "deletion": lambda model, row, values: model.objects.all().delete(),
    "adeletion": lambda model, row, values: awaited(model.objects.all().adelete),
    "bulk_create": lambda model, row, values: model.objects.bulk_create(
        [row], update_conflicts=True, update_fields=list(values), unique_fields=["pk"]
    ),
    "bulk_create by position": lambda model, row, values: model.objects.bulk_create(
        [row], None, False, True, list(values), ["pk"]
    ),
    "abulk_create": lambda model, row, values: awaited(
        model.objects.abulk_create,
        [row],
        update_conflicts=True,
        update_fields=list(values),
        unique_fields=["pk"],
    ),
    "base manager's update": lambda model, row, values: model._base_manager.update(**values),
    "base manager's deletion": lambda model, row, values: model._base_manager.all().delete(),
    "default manager's update": lambda model, row, values: model._default_manager.update(**values),
    "another database's update": lambda model, row, values: model.objects.using("default").update(
        **values
    ),
}


@of_every_model
@pytest.mark.parametrize("attempt", CHANGES.values(), ids=CHANGES)
def test_is_refused(
    model: type[AppendOnlyModel], attempt: Callable[[Any, Any, dict[str, Any]], object]
) -> None:
    before = stored(model)
    row = model._default_manager.order_by("pk").first()
    setattr(row, COLUMN[model], "changed")

    with pytest.raises(AppendOnlyError), transaction.atomic():
        attempt(model, row, {COLUMN[model]: "changed"})

    assert stored(model) == before


@of_every_model
def test_a_new_row_takes_no_old_ones_place(model: type[AppendOnlyModel]) -> None:
    before = stored(model)
    row = model(**before[0] | {COLUMN[model]: "changed"})

    for attempt in (
        row.save,
        lambda: model._default_manager.bulk_create([row]),
        lambda: model._default_manager.create(**before[0]),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()

    assert stored(model) == before


def test_through_its_issuance() -> None:
    issuance = Issuance.objects.get(pk=3)
    other = Issuance.objects.get(pk=4)
    row = issuance.revocations.get(pk=1)
    before = stored(Revocation)

    for attempt in (
        issuance.revocations.all().delete,
        lambda: issuance.revocations.update(reason="changed"),
        lambda: issuance.revocations.filter(pk=1).update(issuance=other),
        lambda: issuance.revocations.update_or_create(pk=1, defaults={"reason": "changed"}),
        lambda: other.revocations.add(row),
        lambda: other.revocations.add(row, bulk=False),
        lambda: other.revocations.set([row]),
    ):
        with pytest.raises(AppendOnlyError), transaction.atomic():
            attempt()

    assert stored(Revocation) == before


@of_every_model
def test_loading_a_fixture_changes_nothing(model: type[AppendOnlyModel], tmp_path: Path) -> None:
    fixture = tmp_path / "audit.json"
    before = stored(model)
    rows = json.loads(serialize("json", model._default_manager.all()))
    rows[0]["fields"][COLUMN[model]] = "changed"
    fixture.write_text(json.dumps(rows), encoding="utf-8")

    with pytest.raises(AppendOnlyError):
        call_command("loaddata", str(fixture), verbosity=0)

    assert stored(model) == before


def test_a_backup_loads_into_an_empty_table(tmp_path: Path) -> None:
    fixture = tmp_path / "audit.json"
    rows = json.loads(serialize("json", Issuance.objects.all()))
    for number, row in enumerate(rows, start=100):
        row["pk"] = number
    fixture.write_text(json.dumps(rows), encoding="utf-8")

    call_command("loaddata", str(fixture), verbosity=0)

    assert Issuance.objects.filter(pk__gte=100).count() == len(rows)


def test_deleting_a_user_takes_no_row_along(member: User) -> None:
    kept = Issuance.objects.create(
        member=member, username="maria", assistant="default", outcome="denied", status=403
    )
    before = stored(Issuance)

    nested = NestedObjects(using="default", origin=member)
    nested.collect([member])
    member.delete()

    assert not [row for row in nested.data if isinstance(row, AppendOnlyModel)]
    assert stored(Issuance) == before
    assert Issuance.objects.get(pk=kept.pk).member_id is not None


@pytest.mark.postgresql
class TestTrigger:
    """PostgreSQL refuses what Python was not asked about."""

    def execute(self, statement: str, model: type[AppendOnlyModel]) -> int:
        """Run SQL in which TABLE and COLUMN stand for those of the model."""
        statement = statement.replace("TABLE", model._meta.db_table)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.replace("COLUMN", COLUMN[model]))
            return int(cursor.rowcount)

    def let_retention_through(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('chatkit_gateway.retention', 'on', true)")

    @of_every_model
    @pytest.mark.parametrize("statement", ["UPDATE TABLE SET COLUMN = COLUMN", "DELETE FROM TABLE"])
    def test_refuses(self, model: type[AppendOnlyModel], statement: str) -> None:
        before = stored(model)
        refusal = f"{statement[:6]} of {model._meta.db_table} refused"

        with pytest.raises(DatabaseError, match=refusal):
            self.execute(statement, model)

        assert stored(model) == before

    @of_every_model
    def test_refuses_retention_to_change(self, model: type[AppendOnlyModel]) -> None:
        self.let_retention_through()

        with pytest.raises(DatabaseError, match="refused"):
            self.execute("UPDATE TABLE SET COLUMN = COLUMN", model)

    @pytest.mark.parametrize("model", AUDIT[:3], ids=lambda model: model.__name__)
    def test_lets_retention_delete(self, model: type[AppendOnlyModel]) -> None:
        self.let_retention_through()

        assert self.execute("DELETE FROM TABLE", model) > 0

    def test_lets_nobody_delete_digests(self) -> None:
        self.let_retention_through()

        with pytest.raises(DatabaseError, match="DELETE of chatkit_gateway_digest refused"):
            self.execute("DELETE FROM TABLE", Digest)

    @pytest.mark.parametrize("value", ["", "off", "true", "ON"])
    def test_takes_no_other_word(self, value: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('chatkit_gateway.retention', %s, true)", [value])

        with pytest.raises(DatabaseError, match="refused"):
            self.execute("DELETE FROM TABLE", Issuance)
