"""How long the audit is kept: rows past their assistant's ``RETENTION_DAYS`` are removed.

Only what a digest has sealed is removed, and a digest of what was removed takes its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connections, transaction
from django.db.models import Exists, Max, Min, OuterRef, Q, QuerySet

from chatkit_gateway import conf
from chatkit_gateway.digests import canonical, chain, reading
from chatkit_gateway.models import (
    AppendOnlyModel,
    Digest,
    Export,
    Issuance,
    QuotaWindow,
    Revocation,
)

_LONGEST_WINDOW = timedelta(days=1)

# Revocations first: they are as old as their issuance says.
_MODELS: tuple[type[AppendOnlyModel], ...] = (Revocation, Issuance, Export)


def removable(now: datetime) -> int:
    """Return how many rows are past their time and sealed, so that `prune` would remove them."""
    return sum(_removable(model, now).count() for model in _MODELS)


def waiting(now: datetime) -> int:
    """Return how many rows are past their time, but have to be sealed before they may go."""
    return sum(_expired(model, now).count() for model in _MODELS) - removable(now)


def prune(batch: int, now: datetime) -> Iterator[int]:
    """Remove what is past its time, ``batch`` rows at a time so that no lock lasts.

    Yields how many rows of the audit each batch removed. Commits batch by batch. Raises
    `chain.UnknownKey` if the last digest is not signed by this site.
    """
    _remove_windows(batch, now)
    for model in _MODELS:
        for seal in _seals(model, now):
            while removed := _remove(model, seal, batch, now):
                yield removed


def _remove_windows(batch: int, now: datetime) -> None:
    """Remove quota windows that are over."""
    over = QuotaWindow.objects.filter(starts_at__lt=now - _LONGEST_WINDOW).order_by("starts_at")
    while keys := list(over.values_list("pk", flat=True)[:batch]):
        QuotaWindow.objects.filter(pk__in=keys).delete()


def _expired(model: type[AppendOnlyModel], now: datetime) -> QuerySet[AppendOnlyModel]:
    """Return the rows that are past their time; those of an unknown assistant go by the default."""
    gateway = conf.gateway()
    rows = reading.stored(model)
    past = Q(created_at__lt=now - timedelta(days=gateway.retention_days))
    if model is Issuance:
        own = {alias: assistant.retention_days for alias, assistant in gateway.assistants.items()}
        past &= ~Q(assistant__in=own)
        for alias, days in own.items():
            past |= Q(assistant=alias, created_at__lt=now - timedelta(days=days))
    if model is Revocation:
        of_it = Q(pk=OuterRef("issuance_id"))
        rows = rows.alias(
            is_orphan=~Exists(reading.stored(Issuance).filter(of_it)),
            is_past=Exists(_expired(Issuance, now).filter(of_it)),
        )
        past = Q(past, is_orphan=True) | Q(is_past=True)
    return rows.filter(past)


def _removable(model: type[AppendOnlyModel], now: datetime) -> QuerySet[AppendOnlyModel]:
    """Return the expired rows that a digest has sealed."""
    rows = _expired(model, now).filter(Exists(_seal_of(model)))
    if model is Issuance:
        # A revocation that is not sealed yet would be left without the issuance that dates it.
        of_it = reading.stored(Revocation).filter(issuance=OuterRef("pk"))
        rows = rows.exclude(Exists(of_it.exclude(Exists(_seal_of(Revocation)))))
    return rows


def _sealed(model: type[AppendOnlyModel]) -> QuerySet[Digest]:
    """Return the digests that sealed rows of a model, as far as this version knows them."""
    return reading.stored(Digest).filter(
        kind=Digest.Kind.SEALED,
        subject=canonical.subject(model),
        format__in=canonical.FIELDS,
    )


def _seal_of(model: type[AppendOnlyModel]) -> QuerySet[Digest]:
    """Return the digest that sealed the row of the query around it."""
    return _sealed(model).filter(first_row__lte=OuterRef("pk"), last_row__gte=OuterRef("pk"))


def _seals(model: type[AppendOnlyModel], now: datetime) -> list[Digest]:
    """Return, without row hashes, the digests in whose ranges there are expired rows."""
    ends = _expired(model, now).aggregate(first=Min("pk"), last=Max("pk"))
    if ends["first"] is None:
        return []
    seals = _sealed(model).filter(last_row__gte=ends["first"], first_row__lte=ends["last"])
    return list(seals.defer("rows").order_by("first_row"))


def _remove(model: type[AppendOnlyModel], seal: Digest, batch: int, now: datetime) -> int:
    """Remove a batch of what a digest has sealed; return how many rows it had, 0 at the end.

    A digest of removed rows never reaches over the end of the one that sealed them, so that
    verifying needs to know few of them at a time.
    """
    rows = _removable(model, now).filter(pk__range=(seal.first_row, seal.last_row))
    while True:
        # Asked for first: what follows is not outdated if the next digest fits after this one.
        tip = chain.tip()
        removed = list(reading.first_rows(rows, seal.format, batch))
        if not removed:
            return 0
        try:
            with _removing(rows.db):
                chain.append(
                    tip,
                    kind=Digest.Kind.REMOVED,
                    subject=canonical.subject(model),
                    format_=seal.format,
                    rows=chain.pack(removed),
                )
                _delete(rows, [row.key for row in removed])
        except chain.Overtaken:
            continue
        return len(removed)


def _delete(rows: QuerySet[AppendOnlyModel], keys: list[int]) -> None:
    # Django's way to delete without asking the model, which refuses.
    count = reading.stored(rows.model).filter(pk__in=keys)._raw_delete(using=rows.db)
    if count != len(keys):
        raise RuntimeError("somebody else removed rows of the audit at the same time")


@contextmanager
def _removing(alias: str) -> Iterator[None]:
    """Open a transaction whose deletions PostgreSQL's trigger lets through."""
    with transaction.atomic(using=alias, durable=True):
        _let_through(alias, "on")
        yield
        _let_through(alias, "off")


def _let_through(alias: str, on_or_off: str) -> None:
    if connections[alias].vendor == "postgresql":
        with connections[alias].cursor() as cursor:
            # True: for this transaction only.
            cursor.execute("SELECT set_config('chatkit_gateway.retention', %s, true)", [on_or_off])
