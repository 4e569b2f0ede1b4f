"""How long the audit is kept: rows past their assistant's ``RETENTION_DAYS`` are removed.

Only what a digest has sealed is removed, and a digest of what was removed takes its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice

from django.db import connections, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

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

    Yields how many rows of the audit each batch removed. Commits batch by batch.
    """
    _remove_windows(batch, now)
    for model in _MODELS:
        while removed := _remove(model, batch, now):
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
    rows = _expired(model, now).filter(Exists(_seals_of(model)))
    if model is Issuance:
        # A revocation that is not sealed yet could not be told from an old one without it.
        of_it = reading.stored(Revocation).filter(issuance=OuterRef("pk"))
        rows = rows.exclude(Exists(of_it.exclude(Exists(_seals_of(Revocation)))))
    return rows


def _seals_of(model: type[AppendOnlyModel], key: OuterRef | int | None = None) -> QuerySet[Digest]:
    """Return the digest that sealed a row; the row of the query around it without a ``key``."""
    key = OuterRef("pk") if key is None else key
    return reading.stored(Digest).filter(
        kind=Digest.Kind.SEALED,
        subject=canonical.subject(model),
        format__in=canonical.FIELDS,
        first_row__lte=key,
        last_row__gte=key,
    )


def _remove(model: type[AppendOnlyModel], batch: int, now: datetime) -> int:
    """Remove the next batch and return how many rows it had; 0 if there are no more."""
    while True:
        try:
            return _try_to_remove(model, batch, now)
        except chain.Overtaken:
            continue


def _try_to_remove(model: type[AppendOnlyModel], batch: int, now: datetime) -> int:
    # Asked for first: nothing that follows is outdated if the next digest fits after this one.
    tip = chain.tip()
    rows = _removable(model, now)
    first = rows.order_by("pk").values_list("pk", flat=True).first()
    seal = _seals_of(model, first).defer("rows").first() if first is not None else None
    if seal is None:
        return 0
    # A digest of removed rows never reaches over the end of one that sealed them.
    within = rows.filter(pk__lte=seal.last_row)
    removed = list(islice(reading.rows(within, seal.format, at_once=batch), batch))
    with _removing(rows.db):
        chain.append(
            tip,
            kind=Digest.Kind.REMOVED,
            subject=canonical.subject(model),
            format_=seal.format,
            rows=chain.pack(removed),
        )
        keys = [row.key for row in removed]
        # Deletes without asking the model, which refuses.
        if reading.stored(model).filter(pk__in=keys)._raw_delete(using=rows.db) != len(keys):
            raise RuntimeError("somebody else removed rows of the audit")
    return len(removed)


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
