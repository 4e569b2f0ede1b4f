"""The Usage page: who sees it, what it says, and that nothing asked of it is an error."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone, translation

from chatkit_gateway.admin.usage import words
from chatkit_gateway.buckets import Unit, cut
from chatkit_gateway.models import Issuance
from tests.test_reports import row, store

pytestmark = pytest.mark.database

LIST = "/admin/chatkit_gateway/issuance/"
PAGE = f"{LIST}usage/"
NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)


@pytest.fixture
def admin(client: Client, superuser: User) -> Client:
    """The browser of a superuser."""
    client.force_login(superuser)
    return client


class Shown:
    """What a reader finds on the page."""

    def __init__(self, response: HttpResponse) -> None:
        assert response.status_code == 200
        self.page = response.content.decode()

    @property
    def range(self) -> str:
        """The range the figures are of."""
        return self._texts(r'<p class="usage-scope">\s*<strong>(.*?)</strong>')[0]

    @property
    def notes(self) -> list[str]:
        """What was asked for and is not shown."""
        return self._texts(r'<li class="warning">(.*?)</li>')

    @property
    def errors(self) -> dict[str, str]:
        """What is wrong with the form, by field."""
        found = re.findall(r'id="id_(\w+)_error"><li>(.*?)</li>', self.page)
        return {name: unescape(text) for name, text in found}

    @property
    def presets(self) -> list[str]:
        """The preset that is shown, if any."""
        return self._texts(r'<a [^>]*aria-current="true">(.*?)</a>')

    @property
    def figures(self) -> dict[str, str]:
        """The numbers at the top, by what they count."""
        found = re.findall(r"<dt>(.*?)</dt><dd><strong>(.*?)</strong>", self.page)
        return {label: unescape(value) for label, value in found}

    @property
    def fields(self) -> dict[str, str]:
        """What the form holds."""
        dates = dict(re.findall(r'<input type="date" name="(\w+)" value="([^"]*)"', self.page))
        chosen = re.findall(
            r'<select name="(\w+)".*?<option value="([^"]*)" selected>', self.page, re.DOTALL
        )
        return dates | dict(chosen)

    def table(self, name: str) -> list[list[str]]:
        """The rows of a panel's table, head and total included."""
        rows = re.findall(r"<tr>(.*?)</tr>", self._panel(name), re.DOTALL)
        return [
            [re.sub("<.*?>", "", cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line)]
            for line in rows
        ]

    def chart(self, name: str) -> Any:
        """What the chart of a panel is drawn from."""
        [data] = re.findall(
            r'<script type="application/json">(.*?)</script>', self._panel(name), re.DOTALL
        )
        return json.loads(data)

    def links(self, name: str) -> list[str]:
        """Where the rows of a panel lead."""
        return [unescape(link) for link in re.findall(r'<a href="(.*?)"', self._panel(name))]

    def _panel(self, name: str) -> str:
        _before, _mark, rest = self.page.partition(f'<section class="usage-panel" id="{name}"')
        assert rest, name
        return rest.partition("</section>")[0]

    def _texts(self, pattern: str) -> list[str]:
        return [unescape(text) for text in re.findall(pattern, self.page)]


def show(browser: Client, now: datetime = NOON, **query: str) -> Shown:
    """Open the page at a moment."""
    with time_machine.travel(now, tick=False):
        return Shown(browser.get(PAGE, query))


class TestWhoMayLook:
    def test_others_are_asked_to_log_in(self, client: Client, member: User) -> None:
        client.force_login(member)

        assert client.get(PAGE).headers["Location"] == f"/admin/login/?next={PAGE}"

    def test_staff_without_the_permission(self, client: Client, staff: User) -> None:
        client.force_login(staff)

        assert client.get(PAGE).status_code == 403

    def test_staff_with_the_permission(self, client: Client, staff: User) -> None:
        staff.user_permissions.add(Permission.objects.get(codename="view_issuance"))
        client.force_login(staff)

        assert client.get(PAGE).status_code == 200
        assert f'<a href="{PAGE}">Usage</a>' in client.get(LIST).content.decode()


class TestFigures:
    @pytest.fixture(autouse=True)
    def _rows(self, db: None) -> None:
        store(
            *(row("2026-05-18T08:00Z", upstream_ms=1000 + number) for number in range(1200)),
            row("2026-05-18T09:00Z", "upstream_timeout", member=2, upstream_ms=12000),
            row("2026-05-19T09:00Z", "quota_exceeded", member=2),
            row("2026-05-19T10:00Z", "quota_exceeded", member=3, assistant="default"),
            row("2026-05-20T11:00Z", "not_a_member", member=3),
            row(NOON - timedelta(minutes=1), member=2, upstream_ms=5),
            row("2026-05-20T12:30Z", member=5),
        )

    def test_at_the_top(self, admin: Client) -> None:
        assert show(admin, range="week").figures == {
            "client secrets issued": "1,201",
            "attempts failed": "1",
            "quota refusals": "2",
            "median upstream time": "1,599 ms",
            "members asked": "3",
            "client secrets alive now": "2",
        }

    def test_outcomes(self, admin: Client) -> None:
        shown = show(admin, range="week")

        assert shown.table("outcomes")[:5] == [
            ["Day", "issued", "denied", "throttled", "failed", "all"],
            ["20 May 2026", "1", "1", "0", "0", "2"],
            ["19 May 2026", "0", "0", "2", "0", "2"],
            ["18 May 2026", "1,200", "0", "0", "1", "1,201"],
            ["17 May 2026", "0", "0", "0", "0", "0"],
        ]
        assert shown.table("outcomes")[-1] == ["Total", "1,201", "1", "2", "1", "1,205"]
        chart = shown.chart("outcomes")
        assert chart["labels"][-1] == "20 May 2026"
        assert chart["ticks"][-1] == "20 May"
        assert {one["key"]: one["values"][-3:] for one in chart["series"]} == {
            "issued": [1200, 0, 1],
            "denied": [0, 0, 1],
            "throttled": [0, 2, 0],
            "failed": [1, 0, 0],
        }

    def test_latency(self, admin: Client) -> None:
        shown = show(admin, range="week")

        assert shown.table("latency")[:4] == [
            ["Day", "median (p50)", "95 % (p95)"],
            ["20 May 2026", "5 ms", "5 ms"],
            ["19 May 2026", "-", "-"],
            ["18 May 2026", "1,600 ms", "2,140 ms"],
        ]
        assert shown.table("latency")[-1] == ["Whole range", "1,599 ms", "2,140 ms"]
        assert [one["values"][-3:] for one in shown.chart("latency")["series"]] == [
            [1600, None, 5],
            [2140, None, 5],
        ]

    def test_quota_refusals(self, admin: Client) -> None:
        shown = show(admin, range="week")

        assert shown.table("quota")[1:4] == [
            ["20 May 2026", "0"],
            ["19 May 2026", "2"],
            ["18 May 2026", "0"],
        ]
        assert shown.chart("quota")["series"][0]["values"][-2:] == [2, 0]

    def test_codes_lead_to_their_rows(self, admin: Client) -> None:
        shown = show(admin, range="week")

        assert shown.table("refusals")[1:] == [
            ["quota_exceeded", "throttled", "2", "50.0 %"],
            ["not_a_member", "denied", "1", "25.0 %"],
            ["upstream_timeout", "failed", "1", "25.0 %"],
        ]
        assert rows_behind(admin, shown.links("refusals")[0]) == {
            issuance.reference for issuance in Issuance.objects.filter(error_code="quota_exceeded")
        }

    def test_members_lead_to_their_rows(self, admin: Client) -> None:
        shown = show(admin, range="week")

        assert shown.table("members")[1:] == [
            ["member1", "1,200", "0", "1,200"],
            ["member2", "1", "2", "3"],
            ["member3", "0", "2", "2"],
        ]
        assert rows_behind(admin, shown.links("members")[2]) == {
            issuance.reference for issuance in Issuance.objects.filter(member_id=3)
        }

    def test_links_keep_to_the_range_and_the_assistant(self, admin: Client) -> None:
        [link] = show(admin, range="today", assistant="default").links("refusals")

        assert parse_qs(urlsplit(link).query) == {
            "error_code": ["not_a_member"],
            "assistant": ["default"],
            "created_at__gte": ["2026-05-20T00:00:00+00:00"],
            "created_at__lt": ["2026-05-20T12:00:00+00:00"],
        }

    def test_by_hour(self, admin: Client) -> None:
        shown = show(admin, range="today")

        table = shown.table("outcomes")
        assert table[:4] == [
            ["Hour", "issued", "denied", "throttled", "failed", "all"],
            ["20 May 2026, noon", "0", "0", "0", "0", "0"],
            ["20 May 2026, 11 a.m.", "1", "1", "0", "0", "2"],
            ["20 May 2026, 10 a.m.", "0", "0", "0", "0", "0"],
        ]
        assert len(table) == 1 + 13 + 1

    def test_without_refusals(self, admin: Client) -> None:
        shown = show(admin, now=datetime(2026, 5, 18, 8, 30, tzinfo=UTC), range="today")

        assert "Every attempt in this range was answered with a client secret." in shown.page
        assert "Nobody met their quota in this range." in shown.page

    def test_names_are_only_words(self, admin: Client) -> None:
        store(row("2026-05-20T11:00Z", member=7, username="</script><script>alert(1)</script>"))

        assert "<script>alert" not in show(admin).page


def rows_behind(browser: Client, link: str) -> set[str]:
    page = browser.get(link).content.decode()
    return set(re.findall(r'<td class="field-reference">(\w+)</td>', page))


def test_nothing_to_show(admin: Client) -> None:
    shown = show(admin)

    assert "Nobody asked for a client secret in this range." in shown.page
    assert shown.figures["client secrets issued"] == "0"
    assert shown.figures["median upstream time"] == "-"
    assert "<canvas" not in shown.page


class TestRange:
    @pytest.mark.parametrize(
        ("query", "range_shown", "per", "preset"),
        [
            ({}, "21 Apr 2026 to 20 May 2026", "day", ["30 days"]),
            ({"range": "today"}, "20 May 2026", "hour", ["Today"]),
            ({"range": "today", "per": "day"}, "20 May 2026", "day", ["Today"]),
            ({"range": "week"}, "14 May 2026 to 20 May 2026", "day", ["7 days"]),
            ({"range": "week", "per": "hour"}, "14 May 2026 to 20 May 2026", "hour", ["7 days"]),
            ({"range": "year"}, "21 May 2025 to 20 May 2026", "day", ["Year"]),
            ({"first": "2026-05-02", "last": "2026-05-04"}, "2 May 2026 to 4 May 2026", "day", []),
            ({"first": "2026-05-18"}, "18 May 2026 to 20 May 2026", "day", []),
            ({"last": "2026-04-30"}, "1 Apr 2026 to 30 Apr 2026", "day", []),
            ({"first": "2026-05-02", "last": "2026-05-02"}, "2 May 2026", "hour", []),
            ({"last": "2000-01-01"}, "1 Jan 2000", "hour", []),
        ],
        ids=str,
    )
    def test_as_asked(
        self, query: dict[str, str], range_shown: str, per: str, preset: list[str], admin: Client
    ) -> None:
        shown = show(admin, **query)

        assert (shown.range, shown.presets, shown.notes) == (range_shown, preset, [])
        assert shown.fields["per"] == per

    def test_the_form_holds_what_is_shown(self, admin: Client) -> None:
        shown = show(admin, range="week", assistant="default")

        assert shown.fields == {
            "first": "2026-05-14",
            "last": "2026-05-20",
            "per": "day",
            "assistant": "default",
        }
        assert 'href="?range=year&amp;assistant=default"' in shown.page

    @pytest.mark.parametrize(
        ("query", "range_shown", "notes"),
        [
            (
                {"first": "2026-05-04", "last": "2026-05-02"},
                "2 May 2026 to 4 May 2026",
                ["The range ended before it began, so its days are swapped."],
            ),
            (
                {"first": "2026-05-18", "last": "9999-12-31"},
                "18 May 2026 to 20 May 2026",
                ["The range reaches into the future, so the figures end today."],
            ),
            (
                {"first": "2027-05-18", "last": "2026-05-18"},
                "18 May 2026 to 20 May 2026",
                [
                    "The range ended before it began, so its days are swapped.",
                    "The range reaches into the future, so the figures end today.",
                ],
            ),
            (
                {"first": "2027-05-18", "last": "9999-12-31"},
                "21 Apr 2026 to 20 May 2026",
                [
                    "These days have yet to come.",
                    "These are the figures of the last 30 days instead.",
                ],
            ),
            (
                {"first": "2000-01-01", "last": "2026-05-20"},
                "20 May 2025 to 20 May 2026",
                ["The range is longer than 366 days, so its last 366 are shown."],
            ),
            (
                {"range": "year", "per": "hour"},
                "21 May 2025 to 20 May 2026",
                ["The range is too long to be shown per hour, so it is shown per day."],
            ),
            (
                {"range": "forever"},
                "21 Apr 2026 to 20 May 2026",
                [
                    "There is no such range.",
                    "These are the figures of the last 30 days instead.",
                ],
            ),
        ],
        ids=str,
    )
    def test_what_cannot_be_shown_is_said(
        self, query: dict[str, str], range_shown: str, notes: list[str], admin: Client
    ) -> None:
        shown = show(admin, **query)

        assert (shown.range, shown.notes, shown.errors) == (range_shown, notes, {})

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ({"first": "yesterday"}, "first"),
            ({"first": "2026-02-30"}, "first"),
            ({"last": "0001-01-01"}, "last"),
            ({"last": "99999-01-01"}, "last"),
            ({"first": "1999-12-31", "last": "2026-05-01"}, "first"),
            ({"first": "2026-05-01\0"}, "first"),
            ({"first": "9" * 5000}, "first"),
            ({"per": "minute"}, "per"),
            ({"per": "\0"}, "per"),
            ({"assistant": "' OR 1=1 --"}, "assistant"),
            ({"assistant": "\0"}, "assistant"),
        ],
        ids=lambda value: ascii(value)[:40],
    )
    def test_nonsense_is_no_error(self, query: dict[str, str], field: str, admin: Client) -> None:
        shown = show(admin, **query)

        assert list(shown.errors) == [field]
        assert shown.range == "21 Apr 2026 to 20 May 2026"

    @pytest.mark.parametrize(("days", "per"), [(16, "hour"), (17, "day")])
    def test_hours_are_shown_of_16_days(self, days: int, per: str, admin: Client) -> None:
        first = NOON - timedelta(days=days - 1)
        shown = show(admin, first=f"{first:%Y-%m-%d}", last="2026-05-20", per="hour")

        assert shown.fields["per"] == per


class TestSitesClock:
    """What is one day in Berlin, and the hour that comes twice there."""

    @pytest.fixture(autouse=True)
    def _berlin(self, settings: Any) -> None:
        settings.TIME_ZONE = "Europe/Berlin"

    def test_today(self, admin: Client) -> None:
        shown = show(admin, datetime(2026, 5, 20, 22, 30, tzinfo=UTC), range="today")

        assert shown.range == "21 May 2026"
        assert "Time zone: Europe/Berlin." in shown.page

    def test_hour_that_comes_twice(self, admin: Client) -> None:
        store(row("2026-10-25T02:30+01:00"))
        evening = datetime(2026, 10, 25, 20, tzinfo=UTC)

        heads = [line[0] for line in show(admin, evening, range="today").table("outcomes")]

        assert heads[-7:-1] == [
            "25 Oct 2026, 4 a.m.",
            "25 Oct 2026, 3 a.m.",
            "25 Oct 2026, 2 a.m. CET",
            "25 Oct 2026, 2 a.m. CEST",
            "25 Oct 2026, 1 a.m.",
            "25 Oct 2026, midnight",
        ]


def test_site_without_time_zones(admin: Client, settings: Any) -> None:
    settings.USE_TZ = False
    store(row(timezone.now() - timedelta(seconds=5)))

    shown = Shown(admin.get(PAGE))

    assert shown.figures["client secrets issued"] == "1"
    assert "Time zone: the server's own." in unescape(shown.page)


def test_of_one_assistant(admin: Client, settings: Any) -> None:
    gateway = settings.CHATKIT_GATEWAY
    board = {"board": gateway["ASSISTANTS"]["default"]}
    settings.CHATKIT_GATEWAY = {**gateway, "ASSISTANTS": {**gateway["ASSISTANTS"], **board}}
    store(row("2026-05-20T08:00Z"), row("2026-05-20T08:00Z", assistant="board"))

    shown = show(admin, range="today", assistant="board")

    assert shown.figures["client secrets issued"] == "1"
    assert "assistant board" in shown.page


class TestOtherLanguages:
    """Numbers and days as their readers write them."""

    def test_german(self) -> None:
        hours = cut(NOON.date(), NOON.date(), Unit.HOUR, NOON)
        days = cut(NOON.date(), NOON.date(), Unit.DAY, NOON)

        with translation.override("de"):
            assert words.number(1234567) == "1.234.567"
            assert words.share(1, 3) == "33,3 %"
            assert words.labels(days) == ["20. Mai 2026"]
            assert words.labels(hours)[11] == "20. Mai 2026 11:00"
            assert words.ticks(hours)[11] == "11:00"


def test_ticks_of_hours_over_days_are_the_days() -> None:
    hours = cut(NOON.date() - timedelta(days=1), NOON.date(), Unit.HOUR, NOON)

    ticks = words.ticks(hours)

    assert {number: tick for number, tick in enumerate(ticks) if tick} == {
        0: "19 May",
        24: "20 May",
    }


@pytest.mark.parametrize("query", [{}, {"range": "year"}, {"range": "week", "per": "hour"}])
def test_asks_the_database_as_often_for_many_rows_as_for_few(
    query: dict[str, str], admin: Client, django_assert_max_num_queries: Any
) -> None:
    now = timezone.now()
    store(row(now - timedelta(hours=1)))

    def queries() -> int:
        with django_assert_max_num_queries(7) as asked:
            assert admin.get(PAGE, query).status_code == 200
        return len(asked)

    few = queries()
    ages = [timedelta(hours=7 * number) for number in range(1000)]
    store(*(row(now - age, member=number) for number, age in enumerate(ages)))

    assert queries() == few


def test_is_only_looked_at(admin: Client) -> None:
    answer = admin.post(PAGE, {"range": "week"})

    assert answer.status_code == 405
