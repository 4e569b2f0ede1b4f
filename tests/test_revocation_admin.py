"""Revoking in the admin: from the list, from a detail page, by member, assistant or workflow."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.urls import reverse

from chatkit_gateway.admin.revoking import SECONDS
from chatkit_gateway.models import Cause, Issuance, Revocation
from chatkit_gateway.testkit.emulator import Emulator
from tests.conftest import create_user
from tests.secrets_alive import answers_to, issue, issue_many, states
from tests.visitor import Visitor

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

ISSUANCES = "/admin/chatkit_gateway/issuance/"
REVOCATIONS = "/admin/chatkit_gateway/revocation/"
REVOKE = f"{REVOCATIONS}add/"
CANCEL = "/v1/chatkit/sessions/*/cancel"
ENDED = [(False, ""), (True, "cancelled")]


@pytest.fixture
def admin(client: Client, superuser: User) -> Client:
    """The browser of a superuser."""
    client.force_login(superuser)
    return client


def detail(row: Issuance) -> str:
    return reverse("admin:chatkit_gateway_issuance_change", args=[row.pk])


def text(answer: Any) -> str:
    """Return what is to be read on a page."""
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def chosen(answer: Any) -> dict[str, str]:
    """Return what the form of a confirmation carries, as a browser would send it."""
    fields = re.findall(r'name="(by|value)" value="([^"]*)"', answer.content.decode())
    return {name: unescape(value) for name, value in fields}


@pytest.fixture
def rows(emulator: Emulator, member: User, superuser: User) -> dict[str, Issuance]:
    return {
        "old": issue(emulator, member, workflow_id="wf_old"),
        "board": issue(emulator, member, assistant="board & guests"),
        "ada's": issue(emulator, superuser, workflow_id="wf_old"),
    }


class TestDetailPage:
    def test_revokes_in_one_click(
        self, emulator: Emulator, admin: Client, rows: dict[str, Issuance]
    ) -> None:
        row = rows["old"]
        page = admin.get(detail(row))
        assert f'action="{REVOKE}"' in page.content.decode()

        answer = admin.post(REVOKE, chosen(page) | {"reason": "Found in a chat log."}, follow=True)

        assert answer.redirect_chain == [(detail(row), 302)]
        assert "1 client secret was ended." in text(answer)
        assert answers_to(row) == ENDED
        assert states(emulator, *rows.values()) == ["cancelled", "active", "active"]
        assert set(Revocation.objects.values_list("cause", "revoked_by", "reason")) == {
            ("admin", "ada", "Found in a chat log.")
        }

    def test_leads_to_all_of_its_member_assistant_and_workflow(
        self, admin: Client, rows: dict[str, Issuance]
    ) -> None:
        page = admin.get(detail(rows["board"])).content.decode()

        ways = [unescape(way) for way in re.findall(rf'href="{REVOKE}\?([^"]+)"', page)]
        assert ways == [
            urlencode({"by": "member", "value": "maria"}),
            "by=assistant&value=board%20%26%20guests",
            urlencode({"by": "workflow", "value": rows["board"].workflow_id}),
        ]
        assert "2 of them are alive." in text(admin.get(f"{REVOKE}?{ways[0]}"))

    def test_shows_every_try(
        self, emulator: Emulator, admin: Client, rows: dict[str, Issuance]
    ) -> None:
        row = rows["old"]
        emulator.fail("overloaded", path=CANCEL, times=1)
        for reason in ("Leaked.", "Still leaked."):
            admin.post(REVOKE, {"by": "issuance", "value": str(row.pk), "reason": reason})

        page = text(admin.get(detail(row)))

        assert re.search(
            r"When Cause By Reason Answer Ended "
            r"[\d: -]+ by an admin ada Still leaked\. cancelled yes "
            r"[\d: -]+ by an admin ada Still leaked\. not asked yet no "
            r"[\d: -]+ by an admin ada Leaked\. upstream_unavailable no "
            r"[\d: -]+ by an admin ada Leaked\. not asked yet no",
            page,
        )
        assert "Client secret: revoked" in page
        assert "Revoke this client secret" not in page

    def test_shows_it_to_who_may_only_look(
        self, client: Client, staff: User, rows: dict[str, Issuance]
    ) -> None:
        staff.user_permissions.add(Permission.objects.get(codename="view_issuance"))
        row = rows["old"]
        Revocation.objects.create(issuance=row, cause=Cause.LOGOUT, ended=False)
        client.force_login(staff)

        page = client.get(detail(row))

        assert "logged out" in text(page)
        assert REVOKE not in page.content.decode()


class TestAction:
    def test_asks_once_more_and_why(
        self, emulator: Emulator, admin: Client, rows: dict[str, Issuance]
    ) -> None:
        selected = [rows["old"].pk, rows["ada's"].pk]

        asked = admin.post(ISSUANCES, {"action": "revoke_selected", "_selected_action": selected})

        assert "2 of them are alive." in text(asked)
        assert 'name="reason"' in asked.content.decode()
        assert not Revocation.objects.exists()

        done = admin.post(REVOKE, chosen(asked) | {"reason": "Drill."}, follow=True)

        assert "2 client secrets were ended." in text(done)
        assert done.redirect_chain == [(REVOCATIONS, 302)]
        assert states(emulator, *rows.values()) == ["cancelled", "active", "cancelled"]

    def test_counts_those_that_are_alive(self, admin: Client, rows: dict[str, Issuance]) -> None:
        admin.post(REVOKE, {"by": "issuance", "value": str(rows["old"].pk)})

        asked = admin.post(
            ISSUANCES,
            {"action": "revoke_selected", "_selected_action": [row.pk for row in rows.values()]},
        )
        assert "2 of them are alive." in text(asked)

        admin.post(REVOKE, {"by": "everything"})
        told = admin.post(
            ISSUANCES,
            {"action": "revoke_selected", "_selected_action": [rows["old"].pk]},
            follow=True,
        )
        assert "None of the selected client secrets is alive." in text(told)

    def test_takes_more_rows_than_a_form_has_fields(
        self, emulator: Emulator, admin: Client, member: User, settings: Any
    ) -> None:
        settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 20
        rows = issue_many(emulator, member, 60)

        asked = admin.post(
            ISSUANCES,
            {
                "action": "revoke_selected",
                "_selected_action": [rows[0].pk],
                "select_across": "1",
            },
        )

        assert "60 of them are alive." in text(asked)
        assert "60 client secrets were ended." in text(
            admin.post(REVOKE, chosen(asked), follow=True)
        )


class TestPage:
    def test_shows_what_is_alive(self, admin: Client, rows: dict[str, Issuance]) -> None:
        page = text(admin.get(REVOKE))

        assert "3 client secrets are alive." in page
        assert "By member maria 2 alive ada 1 alive" in page
        assert "By assistant default 2 alive board &amp; guests 1 alive" in page
        assert "By workflow wf_old 2 alive wf_0123456789abcdef 1 alive" in page

    def test_leads_to_what_it_shows(self, admin: Client, rows: dict[str, Issuance]) -> None:
        page = admin.get(REVOKE).content.decode()

        ways = re.findall(r'href="(\?by=[^"]+)"', page)
        assert len(ways) == 7
        for way in ways:
            asked = admin.get(REVOKE + unescape(way))
            assert re.search(r"Revoke [123] client secret", asked.content.decode()), way

    def test_when_nothing_is_alive(self, admin: Client) -> None:
        assert "0 client secrets are alive." in text(admin.get(REVOKE))
        asked = admin.get(REVOKE, {"by": "everything"})
        assert "0 of them are alive." in text(asked)
        assert "<textarea" not in asked.content.decode()
        assert 'name="reason"' not in asked.content.decode()

    @pytest.mark.parametrize(
        ("by", "value", "ended"),
        [
            ("member", "maria", {"old", "board"}),
            ("assistant", "board & guests", {"board"}),
            ("workflow", "wf_old", {"old", "ada's"}),
            ("everything", "", {"old", "board", "ada's"}),
        ],
    )
    def test_ends_what_was_chosen(
        self, by: str, value: str, ended: set[str], emulator: Emulator, admin: Client,
        rows: dict[str, Issuance], configure: Callable[..., None], settings: Any,
    ) -> None:  # fmt: skip
        assistants = settings.CHATKIT_GATEWAY["ASSISTANTS"]
        configure(ASSISTANTS=assistants | {"board & guests": assistants["default"]})
        asked = admin.get(REVOKE, {"by": by, "value": value})
        assert Revocation.objects.count() == 0

        told = text(admin.post(REVOKE, chosen(asked) | {"reason": "Exam."}, follow=True))

        assert f"{len(ended)} client secret" in told
        for name, row in rows.items():
            assert states(emulator, row) == ["cancelled" if name in ended else "active"]

    @pytest.mark.parametrize(
        "chosen",
        [
            {},
            {"by": "nothing"},
            {"by": "member"},
            {"by": "member", "value": "\0"},
            {"by": "issuance", "value": "1,x"},
            {"by": "issuance", "value": ""},
            {"by": "issuance", "value": "9" * 30},
        ],
        ids=str,
    )
    def test_nonsense_ends_nothing(
        self, chosen: dict[str, str], emulator: Emulator, admin: Client, rows: dict[str, Issuance]
    ) -> None:
        assert admin.get(REVOKE, chosen).status_code == 200
        assert admin.post(REVOKE, chosen, follow=True).status_code == 200

        assert not Revocation.objects.exists()

    def test_a_reason_that_is_too_long_ends_nothing(
        self, admin: Client, rows: dict[str, Issuance]
    ) -> None:
        admin.post(REVOKE, {"by": "everything", "reason": "x" * 201})

        assert not Revocation.objects.exists()

    def test_tells_what_stays_pending(
        self, emulator: Emulator, admin: Client, rows: dict[str, Issuance]
    ) -> None:
        emulator.fail("overloaded", path=CANCEL, times=2)

        told = text(admin.post(REVOKE, {"by": "workflow", "value": "wf_old"}, follow=True))

        assert "0 client secrets were ended. 2 are pending; the command chatkit_revoke" in told
        assert Issuance.objects.pending().count() == 2

    def test_gives_up_before_the_admin_does(
        self, emulator: Emulator, admin: Client, member: User
    ) -> None:
        """OpenAI hangs. Trying all of them would take half a minute."""
        issue_many(emulator, member, 100)
        emulator.fail("hang", path=CANCEL)
        started = time.monotonic()

        told = text(admin.post(REVOKE, {"by": "everything"}, follow=True))

        assert time.monotonic() - started < SECONDS + 5
        assert "0 client secrets were ended. 100 are pending;" in told
        assert Issuance.objects.pending().count() == 100
        tried = {len(answers_to(row)) for row in Issuance.objects.all()}
        assert tried == {1, 2}


class TestWhoMay:
    @pytest.fixture
    def onlooker(self, client: Client, staff: User) -> Client:
        """Staff who may see everything and revoke nothing."""
        staff.user_permissions.set(
            Permission.objects.filter(codename__in=["view_issuance", "view_revocation"])
        )
        client.force_login(staff)
        return client

    def test_see_it(self, onlooker: Client, rows: dict[str, Issuance]) -> None:
        for page in (ISSUANCES, detail(rows["old"]), REVOCATIONS):
            shown = onlooker.get(page)
            assert shown.status_code == 200
            assert REVOKE not in shown.content.decode()
        assert "revoke_selected" not in onlooker.get(ISSUANCES).content.decode()

    def test_do_it(self, emulator: Emulator, onlooker: Client, rows: dict[str, Issuance]) -> None:
        assert onlooker.get(REVOKE).status_code == 403
        assert onlooker.get(REVOKE, {"by": "everything"}).status_code == 403
        assert onlooker.post(REVOKE, {"by": "everything"}).status_code == 403
        onlooker.post(
            ISSUANCES, {"action": "revoke_selected", "_selected_action": [rows["old"].pk]}
        )
        assert not Revocation.objects.exists()

    def test_need_no_more_than_the_permission(
        self, emulator: Emulator, client: Client, staff: User, rows: dict[str, Issuance]
    ) -> None:
        staff.user_permissions.add(Permission.objects.get(codename="add_revocation"))
        client.force_login(staff)

        told = client.post(REVOKE, {"by": "member", "value": "maria"}, follow=True)

        assert told.redirect_chain == [("/admin/", 302)]
        assert "1 client secret was ended. 1 is pending;" in text(told)

    def test_do_it_by_a_link(self, admin: Client, rows: dict[str, Issuance]) -> None:
        """GET only ever asks."""
        admin.get(REVOKE, {"by": "everything", "reason": "A link in a mail.", "post": "yes"})

        assert not Revocation.objects.exists()

    def test_do_it_from_another_site(self, superuser: User, rows: dict[str, Issuance]) -> None:
        victim = Client(enforce_csrf_checks=True)
        victim.force_login(superuser)

        assert victim.post(REVOKE, {"by": "everything"}).status_code == 403
        assert not Revocation.objects.exists()


class TestList:
    def test_of_revocations(self, admin: Client, rows: dict[str, Issuance]) -> None:
        admin.post(REVOKE, {"by": "workflow", "value": "wf_old", "reason": "Rotated."})

        page = admin.get(REVOCATIONS)

        assert text(page).count("by an admin ada Rotated.") == 4
        for name in ("old", "ada's"):
            row = rows[name]
            assert f'<a href="{detail(row)}">{row.reference}</a>' in page.content.decode()
        for query in ("?cause__exact=admin", "?ended__exact=1", "?created_at__gte="):
            assert query in page.content.decode()
        assert text(admin.get(REVOCATIONS, {"ended__exact": "1"})).count("cancelled") >= 2

    def test_survives_the_issuance(self, admin: Client) -> None:
        row = Revocation.objects.create(issuance_id=10**6, cause=Cause.LOGOUT, ended=False)

        assert "1000000" in text(admin.get(REVOCATIONS))
        assert "1000000" in text(admin.get(f"{REVOCATIONS}{row.pk}/change/"))

    def test_asks_the_database_as_often_for_many_rows_as_for_few(
        self, emulator: Emulator, admin: Client, member: User, django_assert_max_num_queries: Any
    ) -> None:
        def queries() -> int:
            with django_assert_max_num_queries(12) as asked:
                assert admin.get(REVOCATIONS).status_code == 200
            return len(asked)

        def revocations(count: int) -> None:
            for row in issue_many(emulator, member, count):
                Revocation.objects.create(issuance=row, cause=Cause.LOGOUT, ended=False)

        revocations(2)
        few = queries()
        revocations(30)
        assert queries() == few

    @pytest.mark.parametrize("suffix", ["{pk}/delete/", "{pk}/change/"])
    def test_nobody_may_change(self, suffix: str, admin: Client, rows: dict[str, Issuance]) -> None:
        row = Revocation.objects.create(issuance=rows["old"], cause=Cause.LOGOUT, ended=False)

        answer = admin.post(REVOCATIONS + suffix.format(pk=row.pk), {"post": "yes", "ended": "on"})

        assert answer.status_code == 403
        assert [(kept.pk, kept.ended) for kept in Revocation.objects.all()] == [(row.pk, False)]


@pytest.mark.parametrize("atomic_requests", [False, True])
def test_no_transaction_is_open_while_openai_is_asked(
    atomic_requests: bool,
    emulator: Emulator,
    visit: Callable[..., Visitor],
    superuser: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What shall end is on record, for everybody to see, before anybody is asked."""
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", atomic_requests)
    row = issue(emulator, create_user("nora"))
    browser = visit(superuser)
    emulator.hold(path=CANCEL)

    with ThreadPoolExecutor(1) as executor:
        answer = executor.submit(
            browser.http.post, REVOKE, data={"by": "everything"}, headers=browser.csrf()
        )
        emulator.wait_for_request(path=CANCEL)
        assert answers_to(row) == [(False, "")]
        emulator.release()
        assert answer.result().status_code == 302
    assert answers_to(row) == ENDED
