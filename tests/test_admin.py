"""The audit admin looks, searches and filters, and can do nothing else; pauses begin and end."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.auth.models import Permission, User
from django.db import connections
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chatkit_gateway.admin import IssuanceAdmin
from chatkit_gateway.errors import Outcome
from chatkit_gateway.models import Issuance, Pause
from tests.catalogue import compile_catalogue
from tests.conftest import create_user

pytestmark = pytest.mark.database

LIST = "/admin/chatkit_gateway/issuance/"
PAUSES = "/admin/chatkit_gateway/pause/"


def record(member: User, **fields: Any) -> Issuance:
    """Store a row as the endpoint would: issued just now, alive for ten minutes."""
    defaults: dict[str, Any] = {
        "member": member,
        "username": member.username,
        "assistant": "default",
        "backend": "chatkit_gateway.backends.hosted.HostedBackend",
        "workflow_id": "wf_0123456789abcdef",
        "outcome": Outcome.ISSUED,
        "status": 200,
        "session_id": f"cksess_{uuid4().hex}",
        "fingerprint": uuid4().hex * 2,
        "expires_at": timezone.now() + timedelta(minutes=10),
        "ip_address": "192.0.2.7",
        "reference": uuid4().hex[:12],
    }
    return Issuance.objects.create(**defaults | fields)


def refuse(member: User, **fields: Any) -> Issuance:
    """Store a row of a refusal."""
    nothing = {"session_id": "", "fingerprint": "", "expires_at": None}
    refusal = {"outcome": Outcome.DENIED, "error_code": "not_a_member", "status": 403}
    return record(member, **nothing | refusal | fields)


@pytest.fixture
def admin(client: Client, superuser: User) -> Client:
    """The browser of a superuser."""
    client.force_login(superuser)
    return client


def references(response: HttpResponse) -> list[str]:
    """Return the references of the rows on the list, from the top."""
    assert response.status_code == 200
    return re.findall(r'<td class="field-reference">(\w+)</td>', response.content.decode())


def detail(row: Issuance) -> str:
    return reverse("admin:chatkit_gateway_issuance_change", args=[row.pk])


class TestList:
    def test_newest_first(self, admin: Client, member: User) -> None:
        now = timezone.now()
        rows = [record(member, created_at=now - timedelta(hours=age)) for age in (2, 0, 1)]

        assert references(admin.get(LIST)) == [rows[i].reference for i in (1, 2, 0)]

    def test_many_rows_come_in_pages(self, admin: Client, member: User) -> None:
        for _ in range(120):
            refuse(member)

        pages = [references(admin.get(LIST, {"p": page})) for page in (1, 2, 3)]

        assert [len(page) for page in pages] == [50, 50, 20]
        assert len({reference for page in pages for reference in page}) == 120

    def test_alive(self, admin: Client, member: User) -> None:
        now = timezone.now()
        alive = record(member)
        expired = record(member, expires_at=now - timedelta(seconds=1))
        refused = refuse(member)

        page = admin.get(LIST).content.decode()

        shown = {
            reference: answer
            for answer, reference in re.findall(
                r'field-alive">([\w-]+)<.*?field-reference">(\w+)<', page, re.DOTALL
            )
        }
        assert shown == {
            alive.reference: "alive",
            expired.reference: "expired",
            refused.reference: "-",
        }

    def test_asks_the_database_as_often_for_many_rows_as_for_few(
        self, admin: Client, member: User, django_assert_max_num_queries: Any
    ) -> None:
        def queries() -> int:
            with django_assert_max_num_queries(12) as asked:
                assert admin.get(LIST).status_code == 200
            return len(asked)

        for _ in range(5):
            record(member)
        few = queries()
        for _ in range(45):
            record(create_user(uuid4().hex))

        assert queries() == few


class TestFilters:
    @pytest.fixture
    def rows(self, member: User) -> dict[str, Issuance]:
        return {
            "issued": record(member),
            "denied": refuse(member),
            "board": refuse(member, assistant="board"),
            "failed": refuse(
                member, outcome=Outcome.FAILED, error_code="upstream_timeout", status=504
            ),
            "last_year": record(member, created_at=timezone.now() - timedelta(days=400)),
        }

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({"outcome__exact": "issued"}, {"issued", "last_year"}),
            ({"outcome__exact": "denied"}, {"denied", "board"}),
            ({"assistant": "board"}, {"board"}),
            ({"error_code": "upstream_timeout"}, {"failed"}),
            ({"outcome__exact": "denied", "assistant": "default"}, {"denied"}),
        ],
        ids=["issued", "denied", "one assistant", "one error", "two filters"],
    )
    def test_by_value(
        self,
        query: dict[str, str],
        expected: set[str],
        admin: Client,
        rows: dict[str, Issuance],
    ) -> None:
        found = references(admin.get(LIST, query))

        assert set(found) == {rows[name].reference for name in expected}

    def test_by_date(self, admin: Client, rows: dict[str, Issuance]) -> None:
        recent = timezone.now() - timedelta(days=7)

        found = references(admin.get(LIST, {"created_at__gte": recent.isoformat()}))

        assert rows["last_year"].reference not in found
        assert len(found) == 4

    def test_are_offered(self, admin: Client, rows: dict[str, Issuance]) -> None:
        page = admin.get(LIST).content.decode()

        for name in ("outcome__exact", "assistant", "error_code", "created_at__gte"):
            assert f"?{name}=" in page

    @pytest.mark.parametrize(
        "query",
        [
            {"created_at__gte": "yesterday"},
            {"created_at__year": "MMXXVI"},
            {"created_at__year": "0"},
            {"created_at__year": "99999"},
            {"created_at__year": "2026", "created_at__month": "13"},
            {"created_at__year": "2026", "created_at__month": "2", "created_at__day": "30"},
            {"created_at__year": "2026", "created_at__day": "30"},
            {"p": "-1"},
            {"p": "999"},
            {"o": "99"},
        ],
        ids=str,
    )
    def test_nonsense_is_no_error(self, query: dict[str, str], admin: Client, member: User) -> None:
        record(member)

        assert admin.get(LIST, query, follow=True).status_code == 200

    @pytest.mark.parametrize(
        ("lookup", "value"),
        [
            ("user_agent__regex", "^(a+)+$"),
            ("outcome__iregex", "^(a+)+$"),
            ("assistant__in", "default"),
            ("expires_at__year", "0"),
            ("nothing", "1"),
            ("assistant__gte", "a"),
            ("error_code__isnull", "False"),
            ("created_at__month", "5"),
            ("created_at__day", "5"),
            ("outcome__exact", "\0"),
            ("assistant", "\0"),
            ("created_at__lt", "\0"),
        ],
    )
    def test_what_no_filter_asks_is_refused(self, lookup: str, value: str, admin: Client) -> None:
        assert admin.get(LIST, {lookup: value}).status_code == 400
        assert admin.get(PAUSES, {lookup: value}).status_code == 400


class TestSearch:
    @pytest.fixture
    def row(self, member: User) -> Issuance:
        refuse(create_user("somebody"), reference="ffffffffffff", ip_address="198.51.100.1")
        return record(
            member, session_id="cksess_A1b2", reference="0123456789ab", ip_address="2001:db8::7"
        )

    @pytest.mark.parametrize(
        "term",
        [
            "maria",
            "MARI",
            '"maria"',
            "cksess_A1b2",
            "0123456789ab",
            "2001:db8::7",
            "2001:DB8:0::7",
            "mar 2001:db8::7",
            "'0123456789ab' maria",
        ],
    )
    def test_finds(self, term: str, admin: Client, row: Issuance) -> None:
        assert references(admin.get(LIST, {"q": term})) == [row.reference]

    @pytest.mark.parametrize("term", ["Anna Maria Rossi", "anna maria", '"anna m"', "anna"])
    def test_finds_names_of_several_words(self, term: str, admin: Client, member: User) -> None:
        row = record(member, username="Anna Maria Rossi")
        record(member, username="anne marie")

        assert references(admin.get(LIST, {"q": term})) == [row.reference]

    @pytest.mark.parametrize(
        "term",
        [
            "aria",
            "cksess_A1b",
            "cksess_a1b2",
            "0123456789a",
            "maria 198.51.100.1",
            "maria somebody",
            "999.999.999.999",
            "2001:db8:::",
            "fe80::1%eth0",
            "192.0.2.0/33",
            "' OR 1=1 --",
            "%",
            "_____________",
            "\\",
            '"unbalanced',
            "\N{SNOWMAN}",
            "\x00",
            "x" * 60_000,
            "x " * 5_000,
        ],
        ids=lambda term: ascii(term[:15]),
    )
    def test_odd_words_find_nothing(self, term: str, admin: Client, row: Issuance) -> None:
        page = admin.get(LIST, {"q": term})

        # Django refuses to search for NUL, and says so above the whole list.
        assert row.reference not in references(page) or term == "\x00"

    def test_secrets_cannot_be_searched(self) -> None:
        assert not {"fingerprint", "login_id"} & set(IssuanceAdmin.search_fields)


class TestDetail:
    def test_shows_everything(self, admin: Client, member: User) -> None:
        row = record(
            member,
            user_agent="Mozilla/5.0 <script>",
            origin="https://club.example",
            login_id="a" * 64,
            upstream_request_id="req_123",
            upstream_ms=345,
        )

        page = admin.get(detail(row)).content.decode()

        for value in (
            row.username,
            str(row.member_id),
            row.workflow_id,
            row.session_id,
            row.fingerprint,
            row.ip_address,
            row.reference,
            row.origin,
            row.login_id,
            "Mozilla/5.0 &lt;script&gt;",
            "req_123",
            "345",
        ):
            assert f">{value}<" in page, value
        assert "<script>" not in page.partition("Mozilla")[2][:20]

    def test_has_every_field(self) -> None:
        shown = set(flatten_fieldsets(IssuanceAdmin.fieldsets))

        stored = {field.attname for field in Issuance._meta.concrete_fields}
        told_otherwise = {"id", "created_at", "expires_at", "member_id"}
        assert shown == stored - told_otherwise | {"when", "until", "alive", "account"}

    def test_has_no_field_to_type_into(self, admin: Client, member: User) -> None:
        page = admin.get(detail(record(member))).content.decode()

        # What stands above it are the ways to revoke, which change nothing of the row.
        content = page.partition('id="issuance_form"')[2]
        assert "<textarea" not in content
        assert "<select" not in content
        assert set(re.findall(r'<input type="(\w+)"', content)) <= {"hidden"}
        assert "deletelink" not in content
        assert '"_save"' not in content

    def test_of_nothing(self, admin: Client) -> None:
        for key in (10**9, 10**30, "not-a-number", "%00"):
            page = admin.get(f"{LIST}{key}/change/", follow=True)
            assert page.redirect_chain[-1][0] == "/admin/"

    def test_survives_its_member(self, admin: Client, member: User) -> None:
        row = record(member)
        gone = member.pk

        confirmed = admin.post(f"/admin/auth/user/{gone}/delete/", {"post": "yes"})

        assert confirmed.status_code == 302
        assert not User.objects.filter(pk=gone).exists()
        assert references(admin.get(LIST)) == [row.reference]
        page = admin.get(detail(row)).content.decode()
        assert f">{gone}<" in page
        assert ">maria<" in page

    def test_speaks_the_admins_language(
        self, admin: Client, member: User, settings: Any, tmp_path: Path
    ) -> None:
        german = {"member id": "Kontonummer", "denied": "abgelehnt", "alive": "gültig"}
        compile_catalogue(tmp_path, "de", german)
        settings.LANGUAGES = [("en-gb", "English"), ("de", "Deutsch")]
        settings.LOCALE_PATHS = [tmp_path]
        alive, refused = record(member), refuse(member)
        pages = [
            admin.get(detail(row), headers={"Accept-Language": "de"}).content.decode()
            for row in (alive, refused)
        ]

        assert "Kontonummer" in pages[0]
        assert "gültig" in pages[0]
        assert f"{refused.reference} {member.username} abgelehnt" in pages[1]


class TestNobodyMayChange:
    """A superuser may not either, whichever door is tried."""

    def test_permissions(self, rf: Any, superuser: User, member: User) -> None:
        from django.contrib.admin import site

        request = rf.get("/")
        request.user = superuser
        model_admin = site.get_model_admin(Issuance)

        assert model_admin.get_model_perms(request) == {
            "add": False,
            "change": False,
            "delete": False,
            "view": True,
        }
        row = record(member)
        assert not model_admin.has_change_permission(request, row)
        assert not model_admin.has_delete_permission(request, row)

    @pytest.mark.parametrize("method", ["get", "post"])
    @pytest.mark.parametrize("suffix", ["add/", "{pk}/delete/"])
    def test_by_address(self, suffix: str, method: str, admin: Client, member: User) -> None:
        row = record(member)
        address = LIST + suffix.format(pk=row.pk)

        answer = getattr(admin, method)(address, {"post": "yes", "username": "mallory"})

        assert answer.status_code == 403
        self.assert_untouched(row)

    def test_by_posting_to_the_detail(self, admin: Client, member: User) -> None:
        row = record(member)

        answer = admin.post(detail(row), {"username": "mallory", "_save": "Save"})

        assert answer.status_code == 403
        self.assert_untouched(row)

    def test_by_saving_as_new(self, admin: Client, member: User) -> None:
        row = record(member)

        answer = admin.post(detail(row), {"username": "mallory", "_saveasnew": "Save as new"})

        assert answer.status_code == 403
        self.assert_untouched(row)

    def test_by_action(self, admin: Client, member: User) -> None:
        row = record(member)
        forged = {"action": "delete_selected", "_selected_action": [str(row.pk)], "post": "yes"}

        page = admin.post(LIST, forged, follow=True)

        assert page.status_code == 200
        assert "delete_selected" not in page.content.decode()
        self.assert_untouched(row)

    def test_by_editing_in_the_list(self, admin: Client, member: User) -> None:
        row = record(member)
        forged = {
            "form-TOTAL_FORMS": "1",
            "form-INITIAL_FORMS": "1",
            "form-0-id": str(row.pk),
            "form-0-username": "mallory",
            "_save": "Save",
        }

        admin.post(LIST, forged)

        self.assert_untouched(row)

    def test_by_the_history(self, admin: Client, member: User) -> None:
        row = record(member)
        history = f"{LIST}{row.pk}/history/"

        assert admin.get(history).status_code == 200
        admin.post(history, {"post": "yes"})

        self.assert_untouched(row)

    def assert_untouched(self, row: Issuance) -> None:
        [stored] = Issuance.objects.values()
        assert stored == {key: value for key, value in vars(row).items() if key in stored}
        assert not LogEntry.objects.exists()


class TestWhoMayLook:
    @pytest.mark.parametrize("address", [LIST, PAUSES])
    def test_staff_without_the_permission(self, address: str, client: Client, staff: User) -> None:
        client.force_login(staff)

        assert client.get(address).status_code == 403

    def test_staff_without_the_permission_sees_no_detail(self, client: Client, staff: User) -> None:
        row = record(staff)
        client.force_login(staff)

        assert client.get(detail(row)).status_code == 403

    def test_staff_with_the_permission(self, client: Client, staff: User) -> None:
        row = record(staff)
        staff.user_permissions.add(Permission.objects.get(codename="view_issuance"))
        client.force_login(staff)

        assert references(client.get(LIST)) == [row.reference]
        assert client.get(detail(row)).status_code == 200

    @pytest.mark.parametrize("address", [LIST, PAUSES])
    def test_others_are_asked_to_log_in(self, address: str, client: Client, member: User) -> None:
        client.force_login(member)

        assert client.get(address).headers["Location"] == f"/admin/login/?next={address}"


class TestPause:
    def test_begins(self, admin: Client) -> None:
        admin.post(f"{PAUSES}add/", {"assistant": "default", "reason": "Elections."})

        pause = Pause.objects.get()
        assert (pause.assistant, pause.reason) == ("default", "Elections.")
        assert (pause.paused_by, pause.resumed_at) == ("ada", None)

    def test_of_every_assistant(self, admin: Client) -> None:
        admin.post(f"{PAUSES}add/", {"assistant": "", "reason": "Elections."})

        assert Pause.objects.get().assistant == ""

    def test_of_an_assistant_that_is_not_there_is_a_slip(self, admin: Client) -> None:
        answer = admin.post(f"{PAUSES}add/", {"assistant": "defualt", "reason": "Elections."})

        assert answer.status_code == 200
        assert "errorlist" in answer.content.decode()
        assert not Pause.objects.exists()

    def test_takes_nobody_elses_name(self, admin: Client) -> None:
        forged = {"paused_by": "mallory", "resumed_by": "mallory", "paused_at": "2001-01-01"}

        admin.post(f"{PAUSES}add/", {"assistant": "", "reason": "Elections."} | forged)

        pause = Pause.objects.get()
        assert (pause.paused_by, pause.resumed_by) == ("ada", "")
        assert pause.paused_at.year > 2001

    def test_is_ended_by_the_action(self, admin: Client) -> None:
        earlier = timezone.now() - timedelta(days=1)
        ended = Pause.objects.create(
            reason="Before.", paused_by="x", resumed_by="x", resumed_at=earlier
        )
        going_on = Pause.objects.create(reason="Elections.", paused_by="x")
        chosen = {"action": "resume", "_selected_action": [ended.pk, going_on.pk]}

        page = admin.post(PAUSES, chosen, follow=True)

        assert "1 pause was ended." in page.content.decode()
        going_on.refresh_from_db()
        assert going_on.resumed_by == "ada"
        assert going_on.resumed_at is not None
        ended.refresh_from_db()
        assert (ended.resumed_by, ended.resumed_at) == ("x", earlier)

    @pytest.mark.django_db(transaction=True)
    def test_is_ended_once_by_two_admins_at_once(self, superuser: User) -> None:
        pause = Pause.objects.create(reason="Elections.", paused_by="x")
        other = User.objects.create_superuser("bo")
        together = threading.Barrier(2)

        def resume(admin: User) -> str:
            client = Client()
            client.force_login(admin)
            chosen = {"action": "resume", "_selected_action": [pause.pk]}
            together.wait(timeout=10)
            try:
                return client.post(PAUSES, chosen, follow=True).content.decode()
            finally:
                connections.close_all()

        with ThreadPoolExecutor(2) as executor:
            pages = list(executor.map(resume, [superuser, other]))

        told = ["1 pause was ended." in page for page in pages]
        assert sorted(told) == [False, True]
        pause.refresh_from_db()
        assert pause.resumed_by == ("ada" if told[0] else "bo")

    def test_is_not_ended_by_who_may_only_look(self, client: Client, staff: User) -> None:
        staff.user_permissions.add(Permission.objects.get(codename="view_pause"))
        client.force_login(staff)
        pause = Pause.objects.create(reason="Elections.", paused_by="x")

        client.post(PAUSES, {"action": "resume", "_selected_action": [pause.pk]})

        pause.refresh_from_db()
        assert pause.resumed_at is None

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_is_never_deleted(self, method: str, admin: Client) -> None:
        pause = Pause.objects.create(reason="Elections.", paused_by="x")

        answer = getattr(admin, method)(f"{PAUSES}{pause.pk}/delete/", {"post": "yes"})

        assert answer.status_code == 403
        admin.post(
            PAUSES, {"action": "delete_selected", "_selected_action": [pause.pk], "post": "yes"}
        )
        assert Pause.objects.get() == pause

    def test_is_never_edited(self, admin: Client) -> None:
        pause = Pause.objects.create(reason="Elections.", paused_by="x")
        address = f"{PAUSES}{pause.pk}/change/"

        assert admin.get(address).status_code == 200
        answer = admin.post(address, {"assistant": "", "reason": "Nothing happened."})

        assert answer.status_code == 403
        assert Pause.objects.get().reason == "Elections."


def test_what_a_member_did_is_on_the_list(
    admin: Client, member: User, visit: Callable[..., Any], emulator: Any
) -> None:
    answer = visit(member).ask()

    row = Issuance.objects.get()
    page = admin.get(LIST)
    assert references(page) == [row.reference]
    assert answer.json()["client_secret"] not in page.content.decode()
    assert answer.json()["client_secret"] not in admin.get(detail(row)).content.decode()
