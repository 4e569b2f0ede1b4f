"""`manage.py chatkit_revoke`: what it chooses, what it says, and what cron may rely on."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO
from pathlib import Path
from pwd import getpwuid

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import CommandError, call_command
from django.db import connection

from chatkit_gateway import revocation
from chatkit_gateway.models import Cause, Issuance, Revocation
from chatkit_gateway.revocation import TOGETHER, Wish
from chatkit_gateway.testkit.emulator import Emulator
from tests.conftest import API_KEY, WORKFLOW, create_user
from tests.secrets_alive import answers_to, issue, issue_many, states

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parents[1]
CANCEL = "/v1/chatkit/sessions/*/cancel"
ENDED = [(False, ""), (True, "cancelled")]


def revoke(*arguments: str) -> str:
    out = StringIO()
    call_command("chatkit_revoke", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def rows(emulator: Emulator, member: User, superuser: User) -> dict[str, Issuance]:
    """Three secrets: two of a member, two of a workflow, two of an assistant."""
    return {
        "old": issue(emulator, member, workflow_id="wf_old"),
        "new": issue(emulator, member),
        "admin's": issue(emulator, superuser, workflow_id="wf_old"),
    }


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--issuance", "{new.pk}"], {"new"}),
        (["--issuance", "{new.pk}", "{old.pk}"], {"new", "old"}),
        (["--reference", "{old.reference}"], {"old"}),
        (["--member", "maria"], {"old", "new"}),
        (["--member", "maria", "ada"], {"old", "new", "admin's"}),
        (["--assistant", "default"], {"old", "new", "admin's"}),
        (["--workflow", "wf_old"], {"old", "admin's"}),
        (["--all"], {"old", "new", "admin's"}),
    ],
)
def test_what_is_chosen_ends(
    arguments: list[str], expected: set[str], emulator: Emulator, rows: dict[str, Issuance]
) -> None:
    """The workflow "wf_old" is not the one that is configured, as after a change of it."""
    chosen = [argument.format(**rows) for argument in arguments]
    *listed, count = revoke(*chosen, "--dry-run").splitlines()

    assert {int(line.split()[0]) for line in listed} == {rows[name].pk for name in expected}
    assert count.startswith(f"{len(expected)} client secret")
    assert not Revocation.objects.exists()
    assert set(states(emulator, *rows.values())) == {"active"}

    told = revoke(*chosen, "--reason", "Leaked.", "--by", "carl")

    assert told.startswith(f"{len(expected)} client secret")
    for name, row in rows.items():
        assert answers_to(row) == (ENDED if name in expected else [])
        assert states(emulator, row) == ["cancelled" if name in expected else "active"]
    assert written_down() == {("command", "carl", "Leaked.")}
    assert revoke(*chosen) == "0 client secrets were ended.\n"


def written_down() -> set[tuple[str, str, str]]:
    """Return what set the revocations off, who wanted them, and why."""
    return set(Revocation.objects.values_list("cause", "revoked_by", "reason"))


def test_takes_the_account_for_who_wants_it(rows: dict[str, Issuance]) -> None:
    revoke("--all")

    assert written_down() == {("command", getpwuid(os.getuid()).pw_name, "")}


@pytest.mark.parametrize(
    "arguments",
    [[], ["--all", "--lapsed"], ["--member", "maria", "--workflow", "wf_old"], ["--member"]],
    ids=str,
)
def test_wants_exactly_one_way_to_choose(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        revoke(*arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--issuance", "0"],
        ["--issuance", "9" * 30],
        ["--reference", "typo"],
        ["--member", "mari"],
        ["--workflow", "wf_"],
    ],
    ids=str,
)
def test_a_slip_is_told(arguments: list[str], rows: dict[str, Issuance]) -> None:
    with pytest.raises(CommandError, match=f"spelt right\\? {arguments[1]}$"):
        revoke(*arguments)


def test_what_stays_pending_shows_in_the_exit_status(
    emulator: Emulator, rows: dict[str, Issuance]
) -> None:
    emulator.fail("overloaded", path=CANCEL, times=2)

    with pytest.raises(CommandError, match="2 are pending; --retry") as failure:
        revoke("--all", "--by", "carl")

    assert failure.value.returncode == 3
    assert Issuance.objects.pending().count() == 2
    assert revoke("--retry") == "2 client secrets were ended.\n"
    assert written_down() == {("command", "carl", "")}


class TestRetry:
    def test_goes_on_with_what_is_pending_and_with_nothing_else(
        self, emulator: Emulator, rows: dict[str, Issuance]
    ) -> None:
        wish = Wish(Cause.LOGOUT)
        revocation.begin(Issuance.objects.filter(pk=rows["old"].pk), wish)

        assert f"{rows['old'].pk} " in revoke("--retry", "--dry-run")
        assert revoke("--retry") == "1 client secret was ended.\n"

        assert [answers_to(row) for row in rows.values()] == [ENDED, [], []]
        assert written_down() == {("logout", "", "")}
        assert revoke("--retry") == "0 client secrets were ended.\n"

    @pytest.mark.parametrize("argument", ["--reason", "--by"])
    def test_has_no_reason_of_its_own(self, argument: str) -> None:
        with pytest.raises(CommandError, match="on record"):
            revoke("--retry", argument, "carl")

    def test_twice_at_once_ends_every_secret_once(self, emulator: Emulator, member: User) -> None:
        """Two processes, as when cron starts one before the last is through."""
        issuances = issue_many(emulator, member, 2 * TOGETHER + 5)
        revocation.begin(Issuance.objects.all(), Wish(Cause.ADMIN, "ada", "All of it."))
        emulator.hold(path=CANCEL)

        both = [command_process(emulator, "--retry") for _ in range(2)]
        # Both are at work, on the same secrets, before either is answered.
        emulator.wait_for_request(2 * TOGETHER, path=CANCEL, timeout=60)
        emulator.release()
        done = [process.communicate(timeout=60) for process in both]

        assert [process.returncode for process in both] == [0, 0]
        assert not [log for _, log in done if "ERROR" in log or "Traceback" in log]
        assert [told for told, _ in done] == ["37 client secrets were ended.\n"] * 2
        assert set(states(emulator, *issuances)) == {"cancelled"}
        assert [answers_to(issuance) for issuance in issuances] == [ENDED] * len(issuances)


class TestLapsed:
    def test_finds_what_sends_no_signal(self, emulator: Emulator, superuser: User) -> None:
        people = [create_user(name, member=True) for name in ("in", "out", "asleep", "gone")]
        members = {user.username: issue(emulator, user) for user in people}
        issue(emulator, superuser)
        User.groups.through.objects.filter(user__username__in=["out", "gone"]).delete()
        User.objects.filter(username="asleep").update(is_active=False)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM auth_user WHERE username = 'gone'")
        assert not Revocation.objects.exists()

        assert revoke("--lapsed", "--by", "cron") == "3 client secrets were ended.\n"

        for name, issuance in members.items():
            assert answers_to(issuance) == ([] if name == "in" else ENDED)
        assert written_down() == {("lapsed", "cron", "")}

    def test_finds_a_group_that_lost_the_permission(self, emulator: Emulator, member: User) -> None:
        issuance = issue(emulator, member)
        permission = Permission.objects.get(codename="use_chatkit")
        through = Group.permissions.through
        through.objects.filter(permission=permission).delete()

        revoke("--lapsed")

        assert answers_to(issuance) == ENDED

    def test_leaves_to_retry_what_was_tried_before(self, emulator: Emulator, member: User) -> None:
        issuance = issue(emulator, member)
        User.objects.update(is_active=False)
        emulator.fail("overloaded", path=CANCEL)
        with pytest.raises(CommandError):
            revoke("--lapsed")

        assert revoke("--lapsed") == "0 client secrets were ended.\n"
        assert len(answers_to(issuance)) == 2


def test_draws_its_progress_on_a_terminal_only(emulator: Emulator, member: User) -> None:
    issue_many(emulator, member, 3)
    piped = command_process(emulator, "--all")
    told, log = piped.communicate(timeout=60)
    assert told == "3 client secrets were ended.\n"
    assert "3/3" not in log

    issue_many(emulator, member, 3)
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    drawn = command_process(emulator, "--all", stderr=theirs)
    os.close(theirs)
    assert b"0/3" in b"".join(until_hung_up(ours))
    assert drawn.communicate(timeout=60)[0] == "3 client secrets were ended.\n"


def until_hung_up(terminal: int) -> Iterator[bytes]:
    """Yield what is written to a terminal, until nobody has it open any more."""
    with suppress(OSError), os.fdopen(terminal, "rb", buffering=0) as screen:
        while drawn := screen.read(1000):
            yield drawn


def command_process(
    emulator: Emulator, *arguments: str, stderr: int = subprocess.PIPE
) -> subprocess.Popen[str]:
    """Start the command in a process of its own, on the database of this test."""
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_ENV_FILE": "",
        "DJANGO_SECRET_KEY": "only-for-tests-" * 4,
        "DJANGO_SECURE": "false",
        "DATABASE_URL": address_of_the_database(),
        "OPENAI_API_KEY": API_KEY,
        "CHATKIT_WORKFLOW_ID": WORKFLOW,
        "CHATKIT_EMULATOR_URL": emulator.url,
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", "chatkit_revoke", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )


def address_of_the_database() -> str:
    name = connection.settings_dict["NAME"]
    if connection.vendor == "postgresql":
        return os.environ["TEST_DATABASE_URL"].replace("/postgres?", f"/{name}?")
    return f"sqlite:///{name}"
