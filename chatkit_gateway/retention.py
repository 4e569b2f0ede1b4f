"""How long the audit is kept: rows past their assistant's ``RETENTION_DAYS`` are removed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

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
        removed, _by_model = QuerySet(Issuance).filter(pk__in=keys).delete()
        yield removed
