"""How long the audit is kept: rows past their assistant's ``RETENTION_DAYS`` are removed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connections, router, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from chatkit_gateway import conf
from chatkit_gateway.models import Issuance, QuotaWindow

_LONGEST_WINDOW = timedelta(days=1)


def expired(now: datetime | None = None) -> QuerySet[Issuance]:
    """Return the rows that are past their time; those of an unknown assistant go by the default."""
    now = now or timezone.now()
    gateway = conf.gateway()
    own = {alias: assistant.retention_days for alias, assistant in gateway.assistants.items()}
    past = Q(created_at__lt=now - timedelta(days=gateway.retention_days)) & ~Q(assistant__in=own)
    for alias, days in own.items():
        past |= Q(assistant=alias, created_at__lt=now - timedelta(days=days))
    # A plain queryset: the model's own refuses to delete, for everybody else.
    return QuerySet(Issuance).filter(past)


def prune(batch: int, now: datetime | None = None) -> Iterator[int]:
    """Remove expired rows, ``batch`` at a time so that no lock lasts, and windows that are over.

    Yields how many rows each batch removed. Commits batch by batch.
    """
    now = now or timezone.now()
    QuotaWindow.objects.filter(starts_at__lt=now - _LONGEST_WINDOW).delete()
    rows = expired(now).order_by("created_at")
    while keys := list(rows.values_list("pk", flat=True)[:batch]):
        with _removing() as alias:
            removed, _by_model = QuerySet(Issuance, using=alias).filter(pk__in=keys).delete()
        yield removed


@contextmanager
def _removing() -> Iterator[str]:
    """Open a transaction, on the database it yields, whose deletions the trigger lets through."""
    alias = router.db_for_write(Issuance)
    with transaction.atomic(using=alias):
        if connections[alias].vendor == "postgresql":
            with connections[alias].cursor() as cursor:
                cursor.execute("SELECT set_config('chatkit_gateway.retention', 'on', true)")
        yield alias
