"""The export: what the list shows, as a file, for those who may, and never without its own row."""

from __future__ import annotations

import csv
import io
import json
import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection, connections
from django.http import StreamingHttpResponse
from django.test import Client
from django.utils import timezone

from chatkit_gateway import exports
from chatkit_gateway.models import Export, Issuance, Revocation
from tests.database_faults import audit_refuses_rows
from tests.test_admin import LIST, detail, record, refuse

pytestmark = pytest.mark.database

ADDRESS = f"{LIST}export/"
EXPORTS = "/admin/chatkit_gateway/export/"


@pytest.fixture
def admin(client: Client, superuser: User) -> Client:
    """The browser of a superuser."""
    client.force_login(superuser)
    return client


def export(browser: Client, query: str = "", format: str = "csv") -> Any:
    return browser.post(f"{ADDRESS}?{query}", {"format": format}, REMOTE_ADDR="192.0.2.44")


def text(answer: Any) -> str:
    assert answer.status_code == 200
    assert isinstance(answer, StreamingHttpResponse)
    return b"".join(answer.streaming_content).decode()  # type: ignore[arg-type]


def rows(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text(answer), newline="")))


def references(answer: Any) -> list[str]:
    return [row["reference"] for row in rows(answer)]


def grant(user: User, *codenames: str) -> None:
    user.user_permissions.add(*Permission.objects.filter(codename__in=codenames))


class TestFile:
    MOMENT = datetime(2026, 5, 3, 23, 59, 1, 234, tzinfo=UTC)

    @pytest.fixture
    def row(self, member: User) -> Issuance:
        row = record(
            member,
            created_at=self.MOMENT,
            expires_at=self.MOMENT + timedelta(minutes=10),
            user_agent='Mozilla/5.0 ("quoted", Müller)',
            upstream_ms=345,
            refresh=True,
        )
        Revocation.objects.create(
            issuance=row, cause="admin", ended=True, created_at=self.MOMENT + timedelta(minutes=1)
        )
        return row

    def expected(self, row: Issuance) -> dict[str, Any]:
        return {
            **{name: getattr(row, name) for name in exports.COLUMNS if hasattr(row, name)},
            "created_at": "2026-05-03T23:59:01.000234Z",
            "expires_at": "2026-05-04T00:09:01.000234Z",
            "revoked_at": "2026-05-04T00:00:01.000234Z",
        }

    def test_csv(self, admin: Client, row: Issuance) -> None:
        answer = export(admin)

        expected = self.expected(row) | {"refresh": "true"}
        assert rows(answer) == [{name: str(value) for name, value in expected.items()}]

    def test_json_lines(self, admin: Client, row: Issuance, member: User) -> None:
        refused = refuse(member, created_at=self.MOMENT - timedelta(days=1))

        first, second = text(export(admin, format="jsonl")).splitlines()

        assert json.loads(first) == self.expected(row)
        nothing = json.loads(second)
        assert nothing["reference"] == refused.reference
        assert nothing["refresh"] is False
        assert [nothing[name] for name in ("expires_at", "upstream_ms", "revoked_at")] == [None] * 3

    def test_has_every_field_of_an_issuance(self) -> None:
        stored = [field.attname for field in Issuance._meta.concrete_fields]

        assert list(exports.COLUMNS) == [*stored, "revoked_at"]

    def test_of_nothing_has_the_names_of_the_columns(self, admin: Client) -> None:
        assert next(csv.reader([text(export(admin))])) == list(exports.COLUMNS)

    @pytest.mark.parametrize(
        ("format", "kind"), [("csv", "text/csv"), ("jsonl", "application/jsonl")]
    )
    def test_is_a_download_that_no_cache_keeps(
        self, format: str, kind: str, admin: Client, row: Issuance
    ) -> None:
        answer = export(admin, format=format)

        name = f"issuances-{timezone.localdate():%Y-%m-%d}.{format}"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert answer.headers["Content-Type"] == f"{kind}; charset=utf-8"
        assert "no-store" in answer.headers["Cache-Control"]

    def test_without_time_zones(self, settings: Any, admin: Client, member: User) -> None:
        settings.USE_TZ = False
        moment = datetime(2026, 5, 3, 23, 59)
        record(member, created_at=moment, expires_at=None)

        [row] = rows(export(admin))

        assert datetime.fromisoformat(row["created_at"]) == moment.astimezone(UTC)


class TestWhichRows:
    @pytest.fixture
    def stored(self, member: User) -> dict[str, Issuance]:
        hours = iter(range(10))

        def ago() -> datetime:
            return timezone.now() - timedelta(hours=next(hours))

        return {
            "issued": record(member, created_at=ago()),
            "denied": refuse(member, created_at=ago()),
            "board": refuse(member, created_at=ago(), assistant="board"),
            "ottos": record(member, created_at=ago(), username="otto"),
            "in_may": record(member, created_at=datetime(2020, 5, 3, 23, 59, tzinfo=UTC)),
        }

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", ["issued", "denied", "board", "ottos", "in_may"]),
            ("o=0&p=2&all=", ["issued", "denied", "board", "ottos", "in_may"]),
            ("outcome__exact=denied", ["denied", "board"]),
            ("outcome__exact=denied&assistant=board", ["board"]),
            ("q=OTT", ["ottos"]),
            ("q=maria&error_code=not_a_member", ["denied", "board"]),
            ("created_at__year=2020&created_at__month=5&created_at__day=3", ["in_may"]),
            ("created_at__lt=2021-01-01T00:00:00Z", ["in_may"]),
            ("q=nobody", []),
        ],
    )
    def test_are_those_of_the_list(
        self, query: str, expected: list[str], admin: Client, stored: dict[str, Issuance]
    ) -> None:
        assert references(export(admin, query)) == [stored[name].reference for name in expected]

    def test_the_buttons_keep_what_the_list_is_filtered_to(
        self, admin: Client, stored: dict[str, Issuance]
    ) -> None:
        page = admin.get(LIST, {"q": "maria", "outcome__exact": "denied", "p": 1}).content.decode()

        assert f'action="{ADDRESS}?outcome__exact=denied&amp;q=maria"' in page

    def test_pages_end_and_the_file_does_not(self, admin: Client, member: User) -> None:
        refusals = [refuse(member).reference for _ in range(120)]

        assert references(export(admin)) == refusals[::-1]

    @pytest.mark.parametrize("query", ["created_at__gte=yesterday", "created_at__year=MMXX"])
    def test_nonsense_leads_back_to_the_list(self, query: str, admin: Client) -> None:
        answer = export(admin, query)

        assert answer.headers["Location"] == f"{LIST}?e=1"
        assert not Export.objects.exists()

    @pytest.mark.parametrize(
        ("query", "format"),
        [("q=%00", "csv"), ("outcome__iregex=x", "csv"), ("nothing=1", "csv"), ("", "xlsx")],
    )
    def test_what_the_list_refuses_is_refused(
        self, query: str, format: str, admin: Client, stored: dict[str, Issuance]
    ) -> None:
        assert export(admin, query, format).status_code == 400
        assert not Export.objects.exists()


class TestManyRows:
    """More than are read at a time."""

    MANY = 2 * exports.AT_A_TIME + 3

    def fill(self, moments: Iterable[datetime]) -> None:
        Issuance.objects.bulk_create(
            Issuance(username="maria", status=403, reference=f"{n:06}", created_at=moment)
            for n, moment in enumerate(moments)
        )

    def pieces(self) -> Any:
        copy = Export(format="jsonl", exported_by="ada", reference="")
        return exports.pieces(copy, Issuance.objects.all())

    @pytest.mark.parametrize("apart", [1, 0], ids=["one after the other", "all at once"])
    def test_each_is_there_once(self, apart: int, admin: Client) -> None:
        now = timezone.now()
        self.fill(now + timedelta(seconds=apart * n) for n in range(self.MANY))

        found = references(export(admin))

        assert found == [f"{n:06}" for n in reversed(range(self.MANY))]

    def test_rows_that_come_or_go_meanwhile_disturb_nothing(self, member: User) -> None:
        now = timezone.now()
        self.fill(now + timedelta(seconds=n) for n in range(self.MANY))
        pieces = self.pieces()
        first = next(pieces)
        record(member, created_at=now + timedelta(days=1), reference="later")
        with connection.cursor() as cursor:
            # As retention removes them; the trigger is not what this is about.
            if connection.vendor == "postgresql":
                cursor.execute("SELECT set_config('chatkit_gateway.retention', 'on', true)")
            cursor.execute("DELETE FROM chatkit_gateway_issuance WHERE reference < '000005'")

        lines = (first + "".join(pieces)).splitlines()

        found = [json.loads(line)["reference"] for line in lines]
        assert found == [f"{n:06}" for n in reversed(range(5, self.MANY))]

    def test_costs_one_query_at_a_time(self, django_assert_num_queries: Any, db: None) -> None:
        now = timezone.now()
        self.fill(now + timedelta(seconds=n) for n in range(self.MANY))

        with django_assert_num_queries(4):
            assert len(list(self.pieces())) == 3

    @pytest.mark.django_db(transaction=True)
    def test_a_reader_who_takes_time_holds_no_connection(self) -> None:
        now = timezone.now()
        self.fill(now + timedelta(seconds=n) for n in range(self.MANY))

        pieces = self.pieces()
        next(pieces)

        assert [other.connection for other in connections.all(initialized_only=True)] == [None]
        pieces.close()

    def test_the_log_tells_how_many_left(self, db: None, caplog: pytest.LogCaptureFixture) -> None:
        self.fill(timezone.now() for _ in range(self.MANY))
        caplog.set_level(logging.INFO, logger="chatkit_gateway.exports")

        list(self.pieces())
        broken_off = self.pieces()
        next(broken_off)
        broken_off.close()

        assert [record.getMessage() for record in caplog.records] == [
            f"export None is complete: {self.MANY} rows",
            f"export None is broken off: {exports.AT_A_TIME} rows",
        ]


class TestSpreadsheets:
    """OWASP, "CSV Injection": no cell of the file is one that a spreadsheet computes."""

    COMPUTE = set("=+-@\uff1d\uff0b\uff0d\uff20")
    FORMULAS = (
        "=HYPERLINK(0)",
        "+1",
        "-1+cmd|' /C calc'!A0",
        "@SUM(1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "\tharmless",
        " =1",
        "'=1",
        '"=1',
        "\uff1d1",
        "\uff0b1",
        "\uff0d1",
        "\uff20SUM(1)",
        "x;=1",
        'x";"=1',
        'x","=1',
        "x,=1",
        "x\n=1",
        "x\t-1",
        "x|@y",
    )

    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_none_computes(self, delimiter: str, admin: Client, member: User) -> None:
        """Neither where commas part the cells nor where a spreadsheet takes something else."""
        for formula in self.FORMULAS:
            record(member, username=formula, user_agent=formula, origin=formula, assistant=formula)

        file = io.StringIO(text(export(admin)), newline="")

        cells = [cell for row in csv.reader(file, delimiter=delimiter) for cell in row]
        assert len(cells) > len(self.FORMULAS)
        for cell in cells:
            assert cell[:1] not in {"\t", "\r", "\n"}, cell
            assert cell.lstrip(' \t\r\n"')[:1] not in self.COMPUTE, cell

    def test_the_beginning_is_marked(self, admin: Client, member: User) -> None:
        record(member, username="=1+1", user_agent="Mozilla/5.0 (X11; Linux) -moz")

        [row] = rows(export(admin))

        assert row["username"] == "'=1+1"
        assert row["user_agent"] == "Mozilla/5.0 (X11; Linux) -moz"

    def test_json_is_left_as_it_is(self, admin: Client, member: User) -> None:
        record(member, username="=1+1", user_agent='x";"=1\n')

        row = json.loads(text(export(admin, format="jsonl")))

        assert (row["username"], row["user_agent"]) == ("=1+1", 'x";"=1\n')


class TestRecord:
    def test_who_what_when_from_where(self, admin: Client, member: User) -> None:
        record(member)
        before = timezone.now()

        export(admin, "outcome__exact=issued&q=m%C3%BCller+maria&o=0&p=1&all=", "jsonl")

        [row] = Export.objects.all()
        assert (row.exported_by, row.format, row.ip_address) == ("ada", "jsonl", "192.0.2.44")
        assert row.filters == "outcome__exact=issued&q=m%C3%BCller+maria"
        assert before <= row.created_at <= timezone.now()
        assert row.reference

    def test_of_everything_has_no_filters(self, admin: Client) -> None:
        export(admin)

        assert Export.objects.get().filters == ""

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("atomic_requests", [False, True])
    def test_is_committed_before_the_first_byte(
        self,
        atomic_requests: bool,
        admin: Client,
        member: User,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", atomic_requests)
        record(member)

        answer = export(admin)

        assert not connection.in_atomic_block
        assert Export.objects.count() == 1
        assert len(rows(answer)) == 1

    def test_without_it_nothing_leaves(self, admin: Client, member: User) -> None:
        row = record(member)

        with audit_refuses_rows("chatkit_gateway_export"):
            answer = export(admin)

        assert answer.status_code == 503
        assert not answer.streaming
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert "Content-Disposition" not in answer.headers
        assert row.reference not in answer.content.decode()
        assert not Export.objects.exists()


class TestWhoMay:
    @pytest.mark.parametrize(
        ("permissions", "status"),
        [
            ((), 403),
            (("view_issuance",), 403),
            (("add_export",), 403),
            (("view_issuance", "add_export"), 200),
        ],
        ids=["neither", "only look", "only export", "both"],
    )
    def test_staff(
        self, permissions: tuple[str, ...], status: int, client: Client, staff: User
    ) -> None:
        grant(staff, *permissions)
        client.force_login(staff)

        assert export(client).status_code == status
        assert Export.objects.count() == (status == 200)
        assert ("Export as CSV" in client.get(LIST).content.decode()) == (status == 200)

    def test_superusers_see_both_buttons(self, admin: Client) -> None:
        page = admin.get(LIST).content.decode()

        assert '<button name="format" value="csv">Export as CSV</button>' in page
        assert '<button name="format" value="jsonl">Export as JSON Lines</button>' in page

    def test_members_are_asked_to_log_in(self, client: Client, member: User) -> None:
        client.force_login(member)

        assert export(client).headers["Location"].startswith("/admin/login/")

    def test_a_link_exports_nothing(self, admin: Client) -> None:
        assert admin.get(ADDRESS, {"format": "csv"}).status_code == 405
        assert not Export.objects.exists()

    def test_another_site_exports_nothing(self, superuser: User) -> None:
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(superuser)

        assert export(browser).status_code == 403
        assert not Export.objects.exists()


class TestListOfExports:
    def test_says_who_and_what(self, admin: Client, member: User) -> None:
        export(admin, "q=m%C3%BCller&outcome__exact=issued")
        export(admin)

        page = admin.get(EXPORTS).content.decode()

        link = f'<a href="{LIST}?outcome__exact=issued&amp;q=m%C3%BCller">'
        assert f"{link}outcome__exact = issued, q = müller</a>" in page
        assert "everything" in page
        assert page.count(">ada<") >= 2

    def test_of_one(self, admin: Client) -> None:
        export(admin, "q=maria")

        page = admin.get(f"{EXPORTS}{Export.objects.get().pk}/change/").content.decode()

        for value in ("ada", "q = maria", "192.0.2.44", "CSV"):
            assert value in page

    @pytest.mark.parametrize("suffix", ["add/", "{pk}/delete/", "{pk}/change/"])
    def test_nobody_changes_it(self, suffix: str, admin: Client) -> None:
        export(admin)
        row = Export.objects.get()

        answer = admin.post(EXPORTS + suffix.format(pk=row.pk), {"post": "yes", "format": "jsonl"})

        assert answer.status_code == 403
        assert list(Export.objects.values("format")) == [{"format": "csv"}]

    def test_takes_its_own_permission(self, client: Client, staff: User) -> None:
        grant(staff, "view_issuance", "add_export")
        client.force_login(staff)
        assert client.get(EXPORTS).status_code == 403

        grant(staff, "view_export")
        client.force_login(User.objects.get(pk=staff.pk))
        assert client.get(EXPORTS).status_code == 200


def test_the_detail_of_an_exported_row_is_where_its_id_says(admin: Client, member: User) -> None:
    row = record(member)

    [copy] = rows(export(admin))

    assert detail(row) == f"{LIST}{copy['id']}/change/"
