"""The admin over a million issuances on PostgreSQL: few queries, and none that reads them all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from chatkit_gateway import exports
from chatkit_gateway.admin.lists import MOST
from chatkit_gateway.models import Export, Issuance, Pause, Revocation
from tests import many_issuances
from tests.many_issuances import (
    LEAVER,
    NEW_ASSISTANT,
    NEWCOMER,
    RARE_ASSISTANT,
    RARE_CODE,
)
from tests.query_plans import Asked, asked
from tests.test_admin import LIST, detail

pytestmark = [pytest.mark.database, pytest.mark.postgresql]

TABLES = (Issuance._meta.db_table, Revocation._meta.db_table)
QUERIES = 8
"""Session, user, count, keys of the page, rows of the page, first date, last date; one to spare."""
ROWS = 5 * MOST
"""That one query may look at: more than it counts, but a twentieth of what there is."""


@pytest.fixture(scope="module")
def million(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A year of issuances, a million of them, for all tests of this module."""
    with django_db_blocker.unblock():
        many_issuances.fill(many_issuances.MILLION)
        yield
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def admin(million: None, client: Client, superuser: User) -> Client:
    """The browser of a superuser."""
    client.force_login(superuser)
    # What Django keeps from one request to the next.
    client.get("/admin/")
    return client


def assert_bounded(found: Asked, rows: int = ROWS) -> None:
    assert found.queries <= QUERIES
    assert not [read for read in found.reads if read.startswith("Seq Scan")], found.reads
    assert found.most_rows <= rows, found.reads


def query_string(query: dict[str, str]) -> dict[str, str]:
    """Return the query with its dates, which the names of tests must not have, filled in."""
    ages = {name: re.fullmatch(r"(\d+) days ago", value) for name, value in query.items()}
    dates = {
        name: (timezone.now() - timedelta(days=int(age[1]))).isoformat()
        for name, age in ages.items()
        if age
    }
    return query | dates


LAST_PAGE = str(MOST // 50)
FILTERS: tuple[dict[str, str], ...] = (
    {},
    {"p": "2"},
    {"p": LAST_PAGE},
    {"o": "0"},
    {"o": "1", "p": LAST_PAGE},
    {"o": "2"},
    {"_facets": "True"},
    {"outcome__exact": "issued"},
    {"outcome__exact": "failed"},
    {"outcome__exact": "failed", "p": LAST_PAGE},
    {"outcome__exact": "denied", "o": "0"},
    {"assistant": "default"},
    {"assistant": NEW_ASSISTANT},
    {"assistant": RARE_ASSISTANT},
    {"assistant": "never seen"},
    {"error_code": "upstream_timeout"},
    {"error_code": RARE_CODE},
    {"error_code": "gateway_busy"},
    {"outcome__exact": "issued", "assistant": "default"},
    {"outcome__exact": "issued", "error_code": "upstream_timeout"},
    {"outcome__exact": "failed", "error_code": "not_a_member"},
    {"outcome__exact": "failed", "assistant": RARE_ASSISTANT},
    {"outcome__exact": "denied", "assistant": NEW_ASSISTANT},
    {"outcome__exact": "failed", "assistant": "default", "error_code": "upstream_timeout"},
    {"created_at__gte": "7 days ago"},
    {"created_at__lt": "300 days ago"},
    {"created_at__gte": "30 days ago", "outcome__exact": "failed"},
    {"created_at__gte": "30 days ago", "error_code": RARE_CODE},
    {"created_at__lt": "300 days ago", "assistant": NEW_ASSISTANT},
)
SEARCHES: tuple[dict[str, str], ...] = (
    {"q": LEAVER},
    {"q": LEAVER.lower()},
    {"q": NEWCOMER[:4]},
    {"q": NEWCOMER, "o": "0"},
    {"q": "member.123"},
    {"q": "member.1"},
    {"q": "m"},
    {"q": '""'},
    {"q": "nobody"},
    {"q": "10.0.1.1"},
    {"q": f"{LEAVER} 10.0.1.1"},
    {"q": f"member {NEWCOMER}"},
    {"q": "m e m b e r"},
    {"q": "anna maria rossi"},
    {"q": "member", "outcome__exact": "failed"},
    {"q": "member.1", "outcome__exact": "failed", "o": "0"},
    {"q": "member", "error_code": RARE_CODE},
    {"q": "member", "assistant": RARE_ASSISTANT},
    {"q": LEAVER, "outcome__exact": "failed"},
    {"q": LEAVER, "created_at__gte": "30 days ago"},
    {"q": NEWCOMER, "created_at__lt": "30 days ago"},
)


@pytest.mark.parametrize("query", [*FILTERS, *SEARCHES], ids=str)
def test_list(query: dict[str, str], admin: Client) -> None:
    with asked(*TABLES) as found:
        page = admin.get(LIST, query_string(query))

    assert page.status_code == 200
    assert found.reads
    assert_bounded(found)


@pytest.mark.parametrize("field", ["reference", "session_id"])
@pytest.mark.parametrize("order", ["created_at", "-created_at"], ids=["oldest", "newest"])
def test_search_for_one(order: str, field: str, admin: Client) -> None:
    row = Issuance.objects.filter(outcome="issued").order_by(order)[0]

    with asked(*TABLES) as found:
        page = admin.get(LIST, {"q": getattr(row, field)}).content.decode()

    assert f">{row.reference}<" in page
    assert "1 issuance" in page
    assert_bounded(found, rows=1)


def test_dates(admin: Client) -> None:
    day = timezone.localtime(timezone.now() - timedelta(days=100))
    query: dict[str, int] = {}
    for part in ("year", "month", "day"):
        query[f"created_at__{part}"] = getattr(day, part)

        with asked(*TABLES) as found:
            assert admin.get(LIST, query).status_code == 200

        assert_bounded(found)


@pytest.mark.parametrize("order", ["created_at", "-created_at"], ids=["oldest", "newest"])
def test_detail(order: str, admin: Client) -> None:
    row = Issuance.objects.order_by(order)[0]

    for address in (detail(row), f"{LIST}{row.pk}/history/"):
        with asked(*TABLES) as found:
            assert admin.get(address).status_code == 200

        assert found.reads
        assert_bounded(found, rows=1)


REVOCATIONS = "/admin/chatkit_gateway/revocation/"


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"p": LAST_PAGE},
        {"o": "0"},
        {"o": "3"},
        {"cause__exact": "logout"},
        {"cause__exact": "admin"},
        {"ended__exact": "0"},
        {"ended__exact": "0", "cause__exact": "logout"},
        {"created_at__gte": "30 days ago"},
    ],
    ids=str,
)
def test_revocations(query: dict[str, str], admin: Client) -> None:
    with asked(*TABLES) as found:
        assert admin.get(REVOCATIONS, query_string(query)).status_code == 200

    assert found.reads
    assert_bounded(found)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"by": "member", "value": LEAVER},
        {"by": "member", "value": "Member.123"},
        {"by": "assistant", "value": "default"},
        {"by": "workflow", "value": "wf_0123456789abcdef"},
        {"by": "everything"},
    ],
    ids=str,
)
def test_what_to_revoke(query: dict[str, str], admin: Client) -> None:
    with asked(*TABLES) as found:
        assert admin.get(f"{REVOCATIONS}add/", query).status_code == 200

    assert found.reads
    # Only what can be alive.
    assert_bounded(found, rows=100)


def test_whose_secret(admin: Client) -> None:
    with asked(*TABLES) as found:
        page = admin.post(f"{LIST}lookup/", {"client_secret": "cs_leaked"})

    assert page.status_code == 200
    assert found.reads
    assert_bounded(found, rows=0)


def test_every_other_list(admin: Client) -> None:
    Pause.objects.create(reason="Elections.", paused_by="ada")
    Export.objects.create(exported_by="ada", format="csv", reference="0")
    addresses = ["/admin/", "/admin/chatkit_gateway/"] + [
        f"/admin/chatkit_gateway/{model._meta.model_name}/"
        for model in site._registry
        if model._meta.app_label == "chatkit_gateway"
    ]

    for address in addresses:
        with asked(*TABLES) as found:
            assert admin.get(address).status_code == 200, address

        assert_bounded(found)


@pytest.mark.parametrize(
    "query",
    [{}, {"error_code": RARE_CODE}, {"q": LEAVER}, {"q": "10.0.1.1"}, {"outcome__exact": "failed"}],
    ids=str,
)
def test_export_begins(query: dict[str, str], admin: Client) -> None:
    address = f"{LIST}export/?" + "&".join(f"{name}={value}" for name, value in query.items())

    with asked(*TABLES) as found:
        answer = admin.post(address, {"format": "jsonl"})
        next(iter(answer.streaming_content))  # type: ignore[call-overload]
    answer.close()

    assert found.queries <= QUERIES + 2
    assert not [read for read in found.reads if read.startswith("Seq Scan")], found.reads
    assert found.most_rows <= ROWS
    assert exports.AT_A_TIME < ROWS
