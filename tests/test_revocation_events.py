"""What ends client secrets by itself: a logout, and a membership that is over."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import login, logout
from django.contrib.auth.models import Group, Permission, User
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction
from django.test import Client, RequestFactory

from chatkit_gateway.models import Issuance, Revocation
from chatkit_gateway.testkit.emulator import Emulator
from tests.background_work import finish_background_work
from tests.conftest import create_user
from tests.database_faults import audit_refuses_rows
from tests.secrets_alive import answers_to, issue, states
from tests.visitor import Visitor

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

Visit = Callable[..., Visitor]
Configure = Callable[..., None]

ROOT = Path(__file__).resolve().parents[1]
CANCEL = "/v1/chatkit/sessions/*/cancel"
ENDED = [(False, ""), (True, "cancelled")]


def causes() -> set[tuple[str, str]]:
    """Return the cause of every revocation, and who wanted it."""
    return set(Revocation.objects.values_list("cause", "revoked_by"))


class TestLogout:
    def test_ends_the_secrets_of_that_login(
        self, emulator: Emulator, member: User, visit: Visit
    ) -> None:
        here, elsewhere = visit(member), visit(member)
        here.ask()
        here.ask({"refresh": True})
        elsewhere.ask()
        other, *these = Issuance.objects.all()

        here.log_out()
        finish_background_work()

        assert [answers_to(issuance) for issuance in these] == [ENDED, ENDED]
        assert states(emulator, *these, other) == ["cancelled", "cancelled", "active"]
        assert answers_to(other) == []
        assert causes() == {("logout", "")}

    def test_waits_for_nothing(self, emulator: Emulator, member: User, visit: Visit) -> None:
        visitor = visit(member)
        visitor.ask()
        [issuance] = Issuance.objects.all()
        emulator.hold(path=CANCEL)

        visitor.log_out()

        # OpenAI is being asked, has not answered, and the member is out.
        emulator.wait_for_request(path=CANCEL)
        assert states(emulator, issuance) == ["active"]
        assert answers_to(issuance) == [(False, "")]
        assert visitor.ask().status_code == 401
        emulator.release()
        finish_background_work()
        assert answers_to(issuance) == ENDED

    def test_gives_openai_three_seconds(
        self, emulator: Emulator, member: User, visit: Visit
    ) -> None:
        visitor = visit(member)
        visitor.ask()
        [issuance] = Issuance.objects.all()
        emulator.fail("hang", path=CANCEL)

        visitor.log_out()
        finish_background_work()

        assert answers_to(issuance) == [(False, ""), (False, "upstream_timeout")]
        first, second = issuance.revocations.order_by("id")
        assert 2.5 < (second.created_at - first.created_at).total_seconds() < 4.5
        assert Issuance.objects.pending().get() == issuance

    def test_works_without_the_database_of_the_audit(
        self,
        emulator: Emulator,
        member: User,
        visit: Visit,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """Even where the whole request is one transaction, which the error must not spoil."""
        monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
        visitor = visit(member)
        visitor.ask()

        with audit_refuses_rows("chatkit_gateway_revocation"):
            visitor.log_out()

        assert visitor.ask().status_code == 401
        assert not Revocation.objects.exists()
        assert "end_login failed" in caplog.text
        assert "the disk is full" not in caplog.text

    def test_asks_only_when_the_logout_is_committed(
        self, emulator: Emulator, member: User, visit: Visit, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
        visitor = visit(member)
        visitor.ask()

        visitor.log_out()
        finish_background_work()

        assert answers_to(Issuance.objects.get()) == ENDED

    def test_without_a_secret_writes_nothing(
        self, emulator: Emulator, member: User, visit: Visit
    ) -> None:
        visit(member).log_out()

        assert not Revocation.objects.exists()
        assert emulator.requests == []

    def test_of_a_session_from_before_the_gateway(self, member: User, rf: RequestFactory) -> None:
        request = rf.post("/accounts/logout/")
        request.session, request.user = SessionStore(), member

        logout(request)

        assert not Revocation.objects.exists()

    def test_of_who_logged_in_twice_in_one_session(
        self, emulator: Emulator, member: User, visit: Visit, rf: RequestFactory
    ) -> None:
        """No page of the portal lets one; elsewhere that is no second login to tell apart."""
        client = Client()
        client.force_login(member)
        client.post("/chatkit/session", {}, "application/json")
        request = rf.post("/accounts/login/")
        request.session, request.user = client.session, member
        login(request, member, "django.contrib.auth.backends.ModelBackend")

        logout(request)
        finish_background_work()

        assert answers_to(Issuance.objects.get()) == ENDED

    def test_after_the_secret_key_was_changed(
        self, emulator: Emulator, member: User, visit: Visit, settings: Any
    ) -> None:
        visitor = visit(member)
        visitor.ask()
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "the-next-one-" * 4

        visitor.log_out()
        finish_background_work()

        assert answers_to(Issuance.objects.get()) == ENDED


def deactivate(member: User) -> None:
    member.is_active = False
    member.save()


def deactivate_by_a_form(member: User) -> None:
    member.is_active = False
    member.save(update_fields=["is_active"])


def delete(member: User) -> None:
    member.delete()


def delete_in_bulk(member: User) -> None:
    User.objects.filter(pk=member.pk).delete()


def leave_the_group(member: User) -> None:
    member.groups.clear()


def be_put_out_of_the_group(member: User) -> None:
    Group.objects.get().user_set.remove(member)


def empty_the_group(member: User) -> None:
    Group.objects.get().user_set.clear()


def take_the_permission_from_the_group(member: User) -> None:
    Group.objects.get().permissions.clear()


def take_the_group_from_the_permission(member: User) -> None:
    Permission.objects.get(codename="use_chatkit").group_set.clear()


def delete_the_group(member: User) -> None:
    Group.objects.get().delete()


def delete_all_groups(member: User) -> None:
    Group.objects.all().delete()


def delete_the_permission(member: User) -> None:
    Permission.objects.get(codename="use_chatkit").delete()


class TestMembership:
    @pytest.mark.parametrize(
        "event",
        [
            deactivate,
            deactivate_by_a_form,
            delete,
            delete_in_bulk,
            leave_the_group,
            be_put_out_of_the_group,
            empty_the_group,
            take_the_permission_from_the_group,
            take_the_group_from_the_permission,
            delete_the_group,
            delete_all_groups,
            delete_the_permission,
        ],
    )
    def test_that_is_over_ends_the_secrets(
        self, event: Callable[[User], None], emulator: Emulator, member: User, superuser: User
    ) -> None:
        issuance = issue(emulator, member)
        others = issue(emulator, superuser)

        event(User.objects.get(pk=member.pk))
        finish_background_work()

        assert answers_to(issuance) == ENDED
        assert states(emulator, issuance, others) == ["cancelled", "active"]
        assert causes() == {("lapsed", "")}

    def test_that_came_by_a_permission_of_ones_own(
        self, emulator: Emulator, outsider: User
    ) -> None:
        permission = Permission.objects.get(codename="use_chatkit")
        outsider.user_permissions.add(permission)
        issuance = issue(emulator, outsider)

        outsider.user_permissions.remove(permission)
        finish_background_work()

        assert answers_to(issuance) == ENDED

    def test_that_came_with_being_superuser(self, emulator: Emulator, superuser: User) -> None:
        issuance = issue(emulator, superuser)

        superuser.is_superuser = False
        superuser.save(update_fields=["is_superuser"])
        finish_background_work()

        assert answers_to(issuance) == ENDED

    def test_that_goes_on_leaves_the_secrets_alone(self, emulator: Emulator, member: User) -> None:
        issuance = issue(emulator, member)
        club = Group.objects.get()
        second = Group.objects.create(name="Second team")
        second.permissions.set(club.permissions.all())
        member.groups.add(second)

        member.email = "maria@example.net"
        member.save()
        member.groups.remove(club)
        club.delete()
        finish_background_work()

        assert answers_to(issuance) == []
        assert states(emulator, issuance) == ["active"]

    def test_is_judged_when_the_change_is_committed(self, emulator: Emulator, member: User) -> None:
        issuance = issue(emulator, member)
        with transaction.atomic():
            deactivate(member)
            Group.objects.get().permissions.clear()
            assert answers_to(issuance) == []
            transaction.set_rollback(True)
        finish_background_work()
        assert answers_to(issuance) == []

        with transaction.atomic():
            deactivate(member)
        finish_background_work()
        assert answers_to(issuance) == ENDED

    def test_of_another_member_is_not_touched(self, emulator: Emulator, member: User) -> None:
        other = create_user("nora", member=True)
        issuance = issue(emulator, other)

        deactivate(member)
        finish_background_work()

        assert answers_to(issuance) == []

    def test_is_asked_of_the_sites_own_gate(
        self, emulator: Emulator, member: User, configure: Configure
    ) -> None:
        configure(GATE=f"{__name__}.by_first_name")
        member.first_name = "Maria"
        member.save()
        issuance = issue(emulator, member)

        member.first_name = ""
        member.save(update_fields=["first_name"])
        finish_background_work()

        assert answers_to(issuance) == ENDED

    def test_is_not_over_because_a_gate_fails(
        self,
        emulator: Emulator,
        member: User,
        outsider: User,
        configure: Configure,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        issuance = issue(emulator, member)
        configure(GATE=f"{__name__}.broken_gate")

        deactivate(outsider)
        member.save()
        finish_background_work()

        assert answers_to(issuance) == []
        assert "the gate failed" in caplog.text
        assert "unspeakable" not in caplog.text

    def test_leaves_what_it_listens_to_alone(
        self, emulator: Emulator, member: User, caplog: pytest.LogCaptureFixture
    ) -> None:
        issue(emulator, member)

        with audit_refuses_rows("chatkit_gateway_revocation"):
            deactivate(member)

        assert not User.objects.get(pk=member.pk).is_active
        assert "_end_if_lapsed failed" in caplog.text
        assert "the disk is full" not in caplog.text

    def test_costs_next_to_nothing(self, member: User, django_assert_num_queries: Any) -> None:
        """No secret is alive."""
        with django_assert_num_queries(1):
            member.save(update_fields=["last_login"])
        with django_assert_num_queries(2):
            member.save()
        with django_assert_num_queries(2):
            member.save(update_fields=["is_active"])

    def test_saved_twice_is_asked_once(self, emulator: Emulator, member: User) -> None:
        issuance = issue(emulator, member)
        emulator.fail("overloaded", path=CANCEL)

        deactivate(member)
        finish_background_work()
        deactivate(member)
        finish_background_work()

        assert answers_to(issuance) == [(False, ""), (False, "upstream_unavailable")]


def by_first_name(user: User, assistant: Any) -> bool:
    return bool(user.first_name)


def broken_gate(user: User, assistant: Any) -> bool:
    raise LookupError("something unspeakable")


OTHER_SITE = """
import django
from django.conf import settings
settings.configure(
    SECRET_KEY="only-for-tests" * 4,
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": %(database)r}},
    INSTALLED_APPS=[*%(apps)r, "tests.other_user", "chatkit_gateway"],
    AUTH_USER_MODEL="other_user.Person",
    CHATKIT_GATEWAY={
        "GATE": "tests.other_user.models.in_a_team",
        "ASSISTANTS": {"default": {"BACKEND": "tests.checks_itself.ChecksItself"}},
    },
)
django.setup()
from datetime import timedelta
from django.core.management import call_command
from django.utils import timezone
call_command("migrate", run_syncdb=True, verbosity=0)
from chatkit_gateway.models import Issuance
from tests.background_work import finish_background_work
from tests.other_user.models import Nickname, Person, Team

team = Team.objects.create(name="first")
people = [Person.objects.create(name=name) for name in ("in", "out", "away", "asleep", "gone")]
for person in people:
    person.teams.add(team)
    Issuance.objects.create(
        member=person, username=person.name, assistant="default", outcome="issued", status=200,
        backend="tests.checks_itself.ChecksItself", reference=person.name,
        expires_at=timezone.now() + timedelta(minutes=1),
    )
Person.objects.get(name="out").teams.remove(team)
asleep = Nickname.objects.get(name="asleep")
asleep.is_active = False
asleep.save()
Nickname.objects.get(name="gone").delete()
team.person_set.remove(people[2])
finish_background_work()
print(*sorted(Issuance.objects.alive().values_list("username", flat=True)))
"""
CONTENT_TYPES = "django.contrib.contenttypes"


@pytest.mark.parametrize(
    "apps", [[CONTENT_TYPES], [CONTENT_TYPES, "django.contrib.auth"]], ids=["bare", "with groups"]
)
def test_a_user_model_without_groups_and_permissions(apps: list[str], tmp_path: Path) -> None:
    site = OTHER_SITE % {"database": str(tmp_path / "site.sqlite3"), "apps": apps}

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", site], cwd=ROOT, capture_output=True, text=True
    )

    assert done.stdout == "in\n", done.stderr
