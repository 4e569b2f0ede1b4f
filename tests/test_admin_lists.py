"""The list of issuances as it grows: counted to a bound, sorted by time, dated by its ends."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from chatkit_gateway.admin.lists import MOST
from chatkit_gateway.models import Issuance
from tests.conftest import create_user
from tests.test_admin import LIST, record, references, refuse

pytestmark = pytest.mark.database


@pytest.fixture
def admin(client: Client, superuser: User) -> Client:
    """The browser of a superuser."""
    client.force_login(superuser)
    return client


class TestBounds:
    def test_more_than_are_counted_end_with_a_word(self, admin: Client) -> None:
        Issuance.objects.bulk_create(
            Issuance(username="maria", status=403, reference=f"{n:06}") for n in range(MOST + 1)
        )

        first, last = (admin.get(LIST, {"p": page}) for page in (1, MOST // 50))

        for page in (first, last):
            assert len(references(page)) == 50
            assert f"more than {MOST} issuances: the pages end here" in page.content.decode()
            assert f"Select all {MOST}" not in page.content.decode()
        assert f">{MOST // 50}</a>" in first.content.decode()
        assert admin.get(LIST, {"p": MOST // 50 + 1}).headers["Location"] == f"{LIST}?e=1"
        found = admin.get(LIST, {"q": "maria"}).content.decode()
        assert f"more than {MOST} results" in found

    def test_as_many_as_are_counted_are_all_there(self, admin: Client) -> None:
        Issuance.objects.bulk_create(
            Issuance(username="maria", status=403, reference=f"{n:06}") for n in range(MOST)
        )

        page = admin.get(LIST, {"p": MOST // 50, "q": "maria"})

        assert references(page)[-1] == "000000"
        assert f"Select all {MOST} issuances" in page.content.decode()
        assert f"{MOST} issuances" in page.content.decode()
        assert "more than" not in page.content.decode()

    def test_is_sorted_by_time_alone(self, admin: Client, member: User) -> None:
        now = timezone.now()
        rows = [
            record(create_user(name), created_at=now - timedelta(hours=age))
            for name, age in (("a", 2), ("b", 0), ("c", 1))
        ]
        newest_first = [rows[i].reference for i in (1, 2, 0)]

        [by_time] = set(re.findall(r'href="\?o=-?(\d+)"', admin.get(LIST).content.decode()))

        for column in map(str, range(10)):
            expected = newest_first[::-1] if column == by_time else newest_first
            assert references(admin.get(LIST, {"o": column})) == expected
            assert references(admin.get(LIST, {"o": f"-{column}"})) == newest_first

    def test_counts_nothing_beside_the_filters(self, admin: Client, member: User) -> None:
        record(member)

        page = admin.get(LIST, {"_facets": "True"}).content.decode()

        assert "issued (1)" not in page
        assert "Show counts" not in page


class TestDates:
    """Years, then months, then days, as in Django's own date hierarchy."""

    MAY = datetime(2026, 5, 3, 23, 59, tzinfo=UTC)

    def choices(self, page: HttpResponse) -> list[str]:
        """Return what the line of dates offers, the way back first."""
        [line] = re.findall(r'<nav class="toplinks">(.*?)</nav>', page.content.decode(), re.DOTALL)
        return re.findall(r">([^<>]*\S)</a>", line)

    def go(self, admin: Client, *parts: int, **query: str) -> HttpResponse:
        names = ("created_at__year", "created_at__month", "created_at__day")
        return admin.get(LIST, {**dict(zip(names, parts, strict=False)), **query})

    def test_down_to_a_day(self, admin: Client, member: User) -> None:
        rows = [
            record(member, created_at=moment)
            for moment in (
                self.MAY,
                self.MAY.replace(day=1),
                self.MAY.replace(month=3),
                self.MAY.replace(year=2024),
            )
        ]

        year, month, day = (self.go(admin, *(2026, 5, 3)[:depth]) for depth in (1, 2, 3))

        assert self.choices(admin.get(LIST)) == ["2024", "2025", "2026"]
        assert "?created_at__year=2026" in admin.get(LIST).content.decode()
        months = ["&lsaquo; All dates", "March 2026", "April 2026", "May 2026"]
        assert self.choices(year) == months
        assert self.choices(month) == ["&lsaquo; 2026", "1 May", "2 May", "3 May"]
        assert self.choices(day) == ["&lsaquo; May 2026"]
        assert [len(references(page)) for page in (year, month, day)] == [3, 2, 1]
        assert references(day) == [rows[0].reference]

    def test_begins_where_there_is_a_choice(self, admin: Client, member: User) -> None:
        record(member, created_at=self.MAY)
        assert self.choices(admin.get(LIST)) == ["&lsaquo; 2026", "3 May"]

        record(member, created_at=self.MAY.replace(month=12))
        assert self.choices(admin.get(LIST))[0] == "&lsaquo; All dates"

    def test_without_rows(self, admin: Client) -> None:
        assert self.choices(admin.get(LIST)) == []
        assert self.choices(self.go(admin, 2026)) == ["&lsaquo; All dates"]
        assert self.choices(self.go(admin, 2026, 5)) == ["&lsaquo; 2026"]

    def test_of_what_is_filtered_and_found(self, admin: Client, member: User) -> None:
        record(member, created_at=self.MAY)
        refuse(member, created_at=self.MAY.replace(year=2024))
        record(create_user("otto"), created_at=self.MAY.replace(year=2023))

        found = self.choices(admin.get(LIST, {"q": "maria"}))
        refused = self.choices(admin.get(LIST, {"q": "maria", "outcome__exact": "denied"}))

        assert found == ["2024", "2025", "2026"]
        assert refused == ["&lsaquo; 2024", "3 May"]
        kept = self.go(admin, 2024, q="maria", outcome__exact="denied").content.decode()
        assert "?created_at__month=5&amp;created_at__year=2024" in kept
        assert "&amp;outcome__exact=denied&amp;q=maria" in kept

    def test_go_by_the_clocks_of_the_site(self, settings: Any, admin: Client, member: User) -> None:
        settings.TIME_ZONE = "Pacific/Auckland"
        row = record(member, created_at=self.MAY)

        assert self.choices(admin.get(LIST)) == ["&lsaquo; 2026", "4 May"]
        assert references(self.go(admin, 2026, 5, 4)) == [row.reference]
        assert references(self.go(admin, 2026, 5, 3)) == []
