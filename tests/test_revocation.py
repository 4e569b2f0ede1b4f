"""Ending client secrets: what is written down, what is asked, and what stays pending."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections, transaction
from django.utils import timezone

from chatkit_gateway import revocation, selection
from chatkit_gateway.errors import Outcome
from chatkit_gateway.models import Cause, Issuance, Revocation
from chatkit_gateway.revocation import TOGETHER, Wish
from chatkit_gateway.selection import By
from chatkit_gateway.testkit.emulator import Emulator
from chatkit_gateway.testkit.faults import Fault
from tests.conftest import create_user
from tests.secrets_alive import answers_to, issue, issue_many, states

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

Configure = Callable[..., None]

WISH = Wish(Cause.ADMIN, "ada", "A leaked laptop.")
CHECKS_ITSELF = "tests.checks_itself.ChecksItself"
CANCEL = "/v1/chatkit/sessions/*/cancel"


class Broken:
    """A backend that raises what it should not."""

    mode = "hosted"
    revoked_by_row = False
    workflow_id = ""

    def __init__(self, assistant: Any) -> None:
        pass

    def cancel(self, session_id: str, within: float | None = None) -> str:
        raise LookupError(f"no log may hold {session_id}-secret")


def revoke(*issuances: Issuance, within: float | None = None) -> list[bool]:
    """Begin and carry on; return what became of each that was reached."""
    chosen = Issuance.objects.filter(pk__in=[issuance.pk for issuance in issuances])
    begun = revocation.begin(chosen, WISH)
    return [True] * begun.ended + list(revocation.carry_on(begun.pending, within))


def test_ends_a_secret_and_writes_each_step_down(emulator: Emulator, member: User) -> None:
    issuance = issue(emulator, member)

    begun = revocation.begin(Issuance.objects.all(), WISH)

    assert begun == revocation.Begun(ended=0, pending=[issuance.pk])
    assert answers_to(issuance) == [(False, "")]
    assert Issuance.objects.pending().get() == issuance
    assert states(emulator, issuance) == ["active"]

    assert list(revocation.carry_on(begun.pending)) == [True]

    assert states(emulator, issuance) == ["cancelled"]
    assert answers_to(issuance) == [(False, ""), (True, "cancelled")]
    end = issuance.revocations.get(ended=True)
    assert end.upstream_request_id.startswith("req_")
    for row in issuance.revocations.all():
        assert (row.cause, row.revoked_by, row.reason) == ("admin", "ada", "A leaked laptop.")
    assert not Issuance.objects.alive().exists()
    assert not Issuance.objects.pending().exists()


def test_touches_only_what_is_alive(emulator: Emulator, member: User) -> None:
    now = timezone.now()
    alive = issue(emulator, member)
    dead = [
        issue(emulator, member, expires_at=now - timedelta(seconds=1)),
        issue(emulator, member, outcome=Outcome.DENIED, expires_at=None),
        issue(emulator, member),
    ]
    revoke(dead[2])

    assert revoke(alive, *dead) == [True]

    assert Revocation.objects.count() == 4
    assert states(emulator, *dead[:2]) == ["active", "active"]


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        (400, "upstream_rejected_request"),
        ("wrong_key", "upstream_rejected_key"),
        (404, "workflow_not_found"),
        (409, "upstream_rejected_request"),
        ("rate_limited", "upstream_rate_limited"),
        ("overloaded", "upstream_unavailable"),
        ("reset", "upstream_unavailable"),
        ("redirect", "upstream_invalid_response"),
        ("not_json", "upstream_invalid_response"),
        (Fault(fields={"status": "active"}), "upstream_invalid_response"),
        (Fault(without=("status",)), "upstream_invalid_response"),
        ("hang", "upstream_timeout"),
    ],
    ids=str,
)
def test_stays_pending_unless_openai_says_it_is_over(
    fault: Any, answer: str, emulator: Emulator, member: User
) -> None:
    issuance = issue(emulator, member)
    emulator.fail(fault, path=CANCEL)

    assert revoke(issuance, within=2) == [False]

    assert answers_to(issuance) == [(False, ""), (False, answer)]
    assert Issuance.objects.pending().get() == issuance
    emulator.clear_faults()
    assert list(revocation.carry_on([issuance.pk])) == [True]
    assert answers_to(issuance)[2:] == [(True, "cancelled")]
    assert len({(row.cause, row.revoked_by) for row in issuance.revocations.all()}) == 1


def test_what_has_expired_at_openai_is_over(emulator: Emulator, member: User) -> None:
    issuance = issue(emulator, member)
    emulator.fail(Fault(fields={"status": "expired"}), path=CANCEL)

    assert revoke(issuance) == [True]


def test_a_secret_that_the_site_checks_itself_ends_with_its_row(
    emulator: Emulator, member: User
) -> None:
    issuance = issue(emulator, member, backend=CHECKS_ITSELF, assistant="gone")

    assert revocation.begin(Issuance.objects.all(), WISH) == revocation.Begun(1, [])

    assert answers_to(issuance) == [(True, "cancelled")]
    assert len(emulator.requests) == 1
    assert revocation.begin(Issuance.objects.all(), WISH) == revocation.Begun(0, [])


@pytest.mark.parametrize(
    "fields",
    [
        {"assistant": "gone"},
        {"backend": f"{__name__}.Broken"},
        {"backend": "no.longer.there"},
        {"backend": ""},
    ],
)
def test_an_assistant_that_is_not_configured_any_more(
    fields: dict[str, str], emulator: Emulator, member: User
) -> None:
    issuance = issue(emulator, member, **fields)

    assert revoke(issuance) == [False]

    assert answers_to(issuance) == [(False, ""), (False, "unknown_assistant")]
    assert states(emulator, issuance) == ["active"]


def test_an_error_of_a_backend_is_one_answer_and_no_leak(
    emulator: Emulator, member: User, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    backend = {"BACKEND": f"{__name__}.Broken"}
    settings.CHATKIT_GATEWAY = {
        "ASSISTANTS": settings.CHATKIT_GATEWAY["ASSISTANTS"] | {"broken": backend}
    }
    broken = issue(emulator, member, assistant="broken", backend=f"{__name__}.Broken")
    other = issue(emulator, member)

    assert sorted(revoke(broken, other)) == [False, True]

    assert answers_to(broken)[1:] == [(False, "upstream_invalid_response")]
    assert "LookupError" in caplog.text
    assert "-secret" not in caplog.text


def test_needs_the_key_and_not_the_workflow(
    emulator: Emulator, member: User, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The workflow may be the one that has just been taken out of use."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-somebody-else")
    issuance = issue(emulator, member)
    configure(options={"api_key": None, "workflow_id": None})

    assert revoke(issuance) == [False]

    assert answers_to(issuance)[1:] == [(False, "missing_api_key")]
    assert len(emulator.requests) == 1
    configure(options={"api_key": "sk-the-new-one"})
    assert list(revocation.carry_on([issuance.pk])) == [True]


def test_many_are_ended_together_but_not_all_at_once(emulator: Emulator, member: User) -> None:
    issuances = issue_many(emulator, member, 2 * TOGETHER + 3)
    emulator.hold(path=CANCEL)

    with ThreadPoolExecutor(1) as executor:
        revoked = executor.submit(in_thread, lambda: revoke(*issuances))
        emulator.wait_for_request(TOGETHER, path=CANCEL)
        assert Revocation.objects.filter(ended=False, answer="").count() == len(issuances)
        asked = [request for request in emulator.requests if request.path.endswith("/cancel")]
        emulator.release()
        assert revoked.result() == [True] * len(issuances)

    assert len(asked) == TOGETHER
    assert set(states(emulator, *issuances)) == {"cancelled"}
    assert Revocation.objects.filter(ended=True).count() == len(issuances)


def test_stops_in_time_and_leaves_the_rest_pending(emulator: Emulator, member: User) -> None:
    issuances = issue_many(emulator, member, 2 * TOGETHER)
    emulator.fail("hang", path=CANCEL)

    reached = revoke(*issuances, within=0.5)

    assert reached == [False] * TOGETHER
    assert Issuance.objects.pending().count() == 2 * TOGETHER
    rows = sorted(len(answers_to(issuance)) for issuance in issuances)
    assert rows == [1] * TOGETHER + [2] * TOGETHER


def test_what_somebody_else_ended_is_not_asked_again(emulator: Emulator, member: User) -> None:
    issuance = issue(emulator, member)
    keys = revocation.begin(Issuance.objects.all(), WISH).pending
    assert list(revocation.carry_on(keys)) == [True]

    assert list(revocation.carry_on(keys)) == [True]

    assert len(answers_to(issuance)) == 2
    assert len(emulator.requests) == 2


def test_two_at_once_end_it_once(emulator: Emulator, member: User) -> None:
    issuance = issue(emulator, member)
    keys = revocation.begin(Issuance.objects.all(), WISH).pending
    emulator.hold(path=CANCEL)

    with ThreadPoolExecutor(2) as executor:
        both = [
            executor.submit(in_thread, lambda: list(revocation.carry_on(keys))) for _ in range(2)
        ]
        emulator.wait_for_request(2, path=CANCEL)
        emulator.release()
        assert [one.result() for one in both] == [[True], [True]]

    assert answers_to(issuance) == [(False, ""), (True, "cancelled")]


@pytest.mark.postgresql
def test_no_connection_is_held_while_openai_is_asked(emulator: Emulator, member: User) -> None:
    issuances = issue_many(emulator, member, 3)
    emulator.hold(path=CANCEL)

    with ThreadPoolExecutor(1) as executor:
        revoked = executor.submit(in_thread, lambda: revoke(*issuances))
        emulator.wait_for_request(3, path=CANCEL)
        pool = connection.pool.get_stats()  # type: ignore[attr-defined]
        emulator.release()
        assert revoked.result() == [True] * 3

    # The test's own connection is the only one that is not back in the pool.
    assert pool["pool_size"] - pool["pool_available"] <= 1


def test_begins_with_the_transaction_that_is_open(emulator: Emulator, member: User) -> None:
    issuance = issue(emulator, member, backend=CHECKS_ITSELF)
    with transaction.atomic():
        assert revocation.begin(Issuance.objects.all(), WISH).ended == 1
        transaction.set_rollback(True)

    assert answers_to(issuance) == []


def test_long_words_are_cut_to_what_is_stored(emulator: Emulator, member: User) -> None:
    issue(emulator, member)

    revocation.begin(Issuance.objects.all(), Wish(Cause.ADMIN, "a" * 300, "long " * 100))

    row = Revocation.objects.get()
    assert (len(row.revoked_by), len(row.reason)) == (255, 200)


class TestSelection:
    @pytest.fixture
    def rows(self, emulator: Emulator, member: User) -> dict[str, Issuance]:
        renamed = create_user("before")
        return {
            "maria": issue(emulator, member, assistant="a", workflow_id="wf_1"),
            "maria too": issue(emulator, member, assistant="b", workflow_id="wf_1"),
            "renamed": issue(emulator, renamed, assistant="b", workflow_id="wf_2"),
        }

    @pytest.mark.parametrize(
        ("by", "value", "expected"),
        [
            (By.MEMBER, "maria", {"maria", "maria too"}),
            (By.MEMBER, "before", {"renamed"}),
            (By.MEMBER, "after", {"renamed"}),
            (By.MEMBER, "MARIA", set()),
            (By.ASSISTANT, "b", {"maria too", "renamed"}),
            (By.WORKFLOW, "wf_1", {"maria", "maria too"}),
            (By.EVERYTHING, "", {"maria", "maria too", "renamed"}),
        ],
    )
    def test_by_value(
        self, by: By, value: str, expected: set[str], rows: dict[str, Issuance]
    ) -> None:
        User.objects.filter(username="before").update(username="after")

        found = set(selection.select(by, [value]))

        assert found == {rows[name] for name in expected}

    def test_by_key_and_by_reference(self, rows: dict[str, Issuance]) -> None:
        row = rows["renamed"]

        assert set(selection.select(By.ISSUANCE, [row.pk])) == {row}
        assert set(selection.select(By.REFERENCE, [row.reference])) == {row}


def in_thread(call: Callable[[], list[bool]]) -> list[bool]:
    """Call, and leave no connection behind in the thread."""
    try:
        return call()
    finally:
        connections.close_all()
