"""The session endpoint when it answers 200, and the order in which it refuses."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import RequestFactory, override_settings

from chatkit_gateway import fingerprints
from chatkit_gateway.models import Issuance, Pause, QuotaWindow
from chatkit_gateway.testkit.emulator import Emulator
from chatkit_gateway.views import SessionView
from tests.conftest import API_KEY, WORKFLOW
from tests.database_faults import audit_refuses_rows
from tests.hanging_up import HangsUp
from tests.visitor import Visitor

pytestmark = pytest.mark.database

Visit = Callable[..., Visitor]
Configure = Callable[..., None]


def test_answer(emulator: Emulator, member: User, visit: Visit) -> None:
    answer = visit(member).ask({"assistant": "default", "refresh": False})

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "application/json"
    [session] = emulator.sessions.values()
    assert answer.json() == {
        "client_secret": session.client_secret,
        "expires_at": session.expires_at,
        "expires_in": 600,
        "assistant": "default",
        "mode": "hosted",
    }


def full(issuance: Issuance) -> None:
    """Stand in for a site's sink that cannot take the row."""
    raise OSError("the disk of the copies is full")


def test_a_sink_that_fails__changes_nothing(
    emulator: Emulator,
    member: User,
    visit: Visit,
    configure: Configure,
    caplog: pytest.LogCaptureFixture,
) -> None:
    configure(AUDIT_SINK=f"{__name__}.full")

    assert visit(member).ask().status_code == 200
    assert Issuance.objects.get().outcome == "issued"
    assert "the audit sink failed; the row itself is stored" in caplog.messages


@pytest.mark.parametrize(
    "path",
    ["/chatkit/session", "/chatkit/session/", "/api/chatkit/session", "/api/chatkit/session/"],
)
def test_every_address_answers_without_redirect(
    path: str, emulator: Emulator, member: User, visit: Visit
) -> None:
    assert visit(member).ask(path=path).status_code == 200


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"content": b"", "headers": {"Content-Type": "text/plain"}},
        {"json": {}},
        {"json": {"unknown": ["keys", "are", "ignored"]}},
        {"content": b"{}", "headers": {"Content-Type": "application/json; charset=utf-8"}},
        {"headers": {"Accept": "text/html"}},
    ],
)
def test_bodies_that_are_understood(
    request_: dict[str, Any], emulator: Emulator, member: User, visit: Visit
) -> None:
    assert visit(member).ask(**request_).status_code == 200


def test_what_the_audit_keeps(emulator: Emulator, member: User, visit: Visit) -> None:
    visitor = visit(member)
    answer = visitor.ask(
        {"refresh": True},
        headers={"User-Agent": "A browser", "Origin": visitor.base_url},
    ).json()

    row = Issuance.objects.get()
    [session] = emulator.sessions.values()
    assert row.outcome == "issued"
    assert (row.status, row.error_code, row.refresh) == (200, "", True)
    assert (row.member_id, row.username) == (member.pk, "maria")
    assert (row.assistant, row.workflow_id) == ("default", WORKFLOW)
    assert row.backend == "chatkit_gateway.backends.hosted.HostedBackend"
    assert row.session_id == session.id
    assert row.fingerprint == fingerprints.of_secret(answer["client_secret"])
    assert row.expires_at.timestamp() == answer["expires_at"]
    assert row.upstream_request_id.startswith("req_")
    assert row.upstream_ms is not None
    assert (row.ip_address, row.user_agent) == ("127.0.0.1", "A browser")
    assert row.origin == visitor.base_url
    assert len(row.login_id) == 64
    assert row in Issuance.objects.alive()


def test_a_login_is_recognised_and_the_next_is_another(
    emulator: Emulator, member: User, visit: Visit
) -> None:
    visitor = visit(member)
    visitor.ask()
    visitor.ask({"refresh": True})
    visitor.log_out()
    visitor.log_in("maria").ask()
    latest, *same_login = Issuance.objects.values_list("login_id", flat=True)
    assert len(set(same_login)) == 1
    assert latest not in same_login


def test_what_openai_is_asked(
    emulator: Emulator, member: User, visit: Visit, configure: Configure
) -> None:
    configure(
        options={
            "workflow_version": "3",
            "organization": "org-club",
            "project": "proj_club",
            "expires_after": 120,
            "requests_per_minute": 7,
            "file_upload": {"enabled": True, "max_files": 2},
            "history": False,
            "state_variables": {"club": "PitchGuard", "year": 2026},
        }
    )
    assert visit(member).ask().json()["expires_in"] == 120

    [asked] = emulator.requests
    assert asked.api_key_matches(API_KEY)
    assert asked.headers["openai-organization"] == "org-club"
    assert asked.headers["openai-project"] == "proj_club"
    assert asked.json == {
        "user": fingerprints.pseudonym(member),
        "workflow": {
            "id": WORKFLOW,
            "version": "3",
            "state_variables": {"club": "PitchGuard", "year": 2026},
        },
        "expires_after": {"anchor": "created_at", "seconds": 120},
        "rate_limits": {"max_requests_per_1_minute": 7},
        "chatkit_configuration": {
            "file_upload": {"enabled": True, "max_files": 2},
            "history": {"enabled": False},
        },
    }


def about(user: User) -> dict[str, Any]:
    """State variables of the user, from the database even."""
    return {"groups": user.groups.count(), "staff": user.is_staff}


def test_state_variables_of_the_user(
    emulator: Emulator, member: User, visit: Visit, configure: Configure
) -> None:
    configure(options={"state_variables": f"{__name__}.about"})
    visit(member).ask()
    assert emulator.requests[0].json["workflow"]["state_variables"] == {"groups": 1, "staff": False}


def test_nothing_is_taken_from_the_environment(
    emulator: Emulator,
    member: User,
    visit: Visit,
    configure: Configure,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("ORG_ID", "PROJECT_ID", "BASE_URL", "ADMIN_KEY", "API_KEY"):
        monkeypatch.setenv(f"OPENAI_{name}", "http://127.0.0.1:1/not-this-one")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Not-This: one")
    # Another read timeout: another client, made under this environment.
    configure(UPSTREAM={"read": 7.5})

    assert visit(member).ask().status_code == 200

    [asked] = emulator.requests
    assert asked.api_key_matches(API_KEY)
    assert not {"openai-organization", "openai-project", "x-not-this"} & set(asked.headers)


def test_the_pseudonym_is_stable_and_tells_nothing(
    emulator: Emulator, member: User, staff: User, visit: Visit
) -> None:
    for user in (member, member, staff):
        visit(user).ask()
    first, second, other = (asked.json["user"] for asked in emulator.requests)
    assert first == second != other
    assert "maria" not in first


def own_pseudonym(user: User) -> str:
    return f"member-{user.pk}"


def test_own_pseudonym_gate_and_sink(
    emulator: Emulator, outsider: User, visit: Visit, configure: Configure
) -> None:
    configure(
        PSEUDONYM=f"{__name__}.own_pseudonym",
        GATE=f"{__name__}.everybody",
        AUDIT_SINK=f"{__name__}.broken_sink",
    )
    seen_by_sink.clear()
    assert visit(outsider).ask().status_code == 200
    assert emulator.requests[0].json["user"] == f"member-{outsider.pk}"
    assert seen_by_sink == [Issuance.objects.get()]


seen_by_sink: list[Issuance] = []


def everybody(user: User, assistant: Any) -> bool:
    return True


def broken_sink(row: Issuance) -> None:
    """What a sink raises must not reach the member."""
    seen_by_sink.append(Issuance.objects.get(pk=row.pk))
    raise RuntimeError("the analytics are down")


@pytest.mark.parametrize("atomic_requests", [False, True])
def test_the_row_is_committed_before_the_answer_leaves(
    atomic_requests: bool,
    emulator: Emulator,
    member: User,
    visit: Visit,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", atomic_requests)
    visitor = visit(member)
    assert visitor.ask().status_code == 200
    assert not connection.in_atomic_block
    assert Issuance.objects.get().outcome == "issued"

    with audit_refuses_rows():
        refused = visitor.ask()

    assert refused.status_code == 503
    assert refused.json()["code"] == "audit_unavailable"
    first, second = emulator.sessions.values()
    assert (first.status, second.status) == ("active", "cancelled")
    assert Issuance.objects.count() == 1
    assert set(QuotaWindow.objects.values_list("used", flat=True)) == {1}


def test_an_uncancellable_session_is_named_in_the_log(
    emulator: Emulator, member: User, visit: Visit, caplog: pytest.LogCaptureFixture
) -> None:
    emulator.fail("server_error", path="*/cancel")
    with audit_refuses_rows():
        assert visit(member).ask().status_code == 503
    [session] = emulator.sessions
    assert f"session {session} could not be cancelled" in caplog.text


def test_no_retry_once_openai_may_have_heard(
    emulator: Emulator, member: User, visit: Visit
) -> None:
    visitor = visit(member)
    for fault in ("server_error", "overloaded", "rate_limited", "reset", "truncated", 408, 409):
        emulator.reset()
        emulator.fail(fault)
        assert visitor.ask().status_code in {502, 503}
        assert len(emulator.requests) == 1, fault


def test_one_retry_after_a_failed_connect(
    member: User, visit: Visit, configure: Configure, emulator: Emulator
) -> None:
    with HangsUp() as server:
        configure(options={"base_url": f"{server.url}/v1"})
        answer = visit(member).ask()
    assert answer.json()["code"] == "upstream_unavailable"
    assert server.connections == 2


def test_order_of_refusals(
    emulator: Emulator, outsider: User, member: User, visit: Visit, configure: Configure
) -> None:
    """Each request is wrong in two ways; the earlier check of the design answers."""
    oversized = {"content": b"x" * 5000, "headers": {"Content-Type": "text/plain"}}
    text = {"content": b"no json", "headers": {"Content-Type": "text/plain"}}
    forged = {"X-CSRFToken": "forged"}
    nobody, insider, stranger = visit(), visit(member), visit(outsider)

    def code(answer: Any) -> str:
        return str(answer.json()["code"])

    assert code(nobody.http.get("/chatkit/session")) == "method_not_allowed"
    assert code(nobody.ask(headers=forged)) == "not_authenticated"
    assert code(insider.ask(content=b"x" * 5000, headers=forged)) == "csrf_failed"
    assert code(insider.ask(**oversized)) == "request_too_large"
    assert code(insider.ask(**text)) == "unsupported_media_type"
    assert code(stranger.ask(json=[])) == "invalid_request"
    assert code(stranger.ask({"assistant": "nobody"})) == "not_a_member"
    pause = Pause.objects.create(reason="Exams.")
    configure(options={"api_key": None}, QUOTAS={"hour": 0}, UPSTREAM={"in_flight": 0})
    assert code(insider.ask({"assistant": "nobody"})) == "unknown_assistant"
    assert code(insider.ask()) == "issuance_paused"
    pause.delete()
    assert code(insider.ask()) == "missing_api_key"
    configure(options={"api_key": API_KEY})
    assert code(insider.ask()) == "quota_exceeded"
    configure(QUOTAS=None)
    assert code(insider.ask()) == "gateway_busy"
    assert emulator.requests == []


@pytest.mark.postgresql
def test_waiting_for_openai_holds_no_database_connection(
    emulator: Emulator, member: User, visit: Visit
) -> None:
    visitor = visit(member)
    emulator.hold()
    with ThreadPoolExecutor(8) as executor:
        answers = [executor.submit(visitor.ask) for _ in range(8)]
        emulator.wait_for_request(8)
        pool = connection.pool.get_stats()  # type: ignore[attr-defined]
        emulator.release()
        assert [answer.result().status_code for answer in answers] == [200] * 8
    # The test's own connection is the only one that is not back in the pool.
    assert pool["pool_size"] - pool["pool_available"] <= 1


def test_a_flood_of_refusals_leaves_ten_rows_a_minute(
    emulator: Emulator, outsider: User, visit: Visit
) -> None:
    visitor = visit(outsider)
    with time_machine.travel("2026-11-22T12:00:05Z"):
        for _ in range(15):
            assert visitor.ask().json()["code"] == "not_a_member"
        assert Issuance.objects.count() == 10
    with time_machine.travel("2026-11-22T12:01:05Z"):
        visitor.ask()
    assert Issuance.objects.count() == 11


def test_a_session_that_ends_while_the_request_is_on_its_way(
    emulator: Emulator, member: User, rf: RequestFactory
) -> None:
    """It was opened before the gateway was installed, so it has no login id to be found yet."""
    session = SessionStore()
    session.create()
    SessionStore(session.session_key).delete()
    request = rf.post("/chatkit/session", data="", content_type="application/json")
    request.session, request.user = session, member
    request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
    request.META["CONTENT_LENGTH"] = "many"

    answer = SessionView.as_view()(request)

    assert answer.status_code == 401
    assert emulator.requests == []


def test_a_session_saved_here_is_not_saved_again(
    emulator: Emulator, member: User, visit: Visit
) -> None:
    """Somebody logs out while OpenAI is being asked: the answer is no page of Django's."""
    visitor = visit(member)
    for session in Session.objects.all():
        opened_before = SessionStore(session.session_key)
        del opened_before["chatkit_gateway_login"]
        opened_before.save()
    emulator.hold()
    with ThreadPoolExecutor(1) as executor:
        answer = executor.submit(visitor.ask)
        emulator.wait_for_request()
        Session.objects.all().delete()
        emulator.release()
        assert answer.result().headers["Content-Type"] == "application/json"


@override_settings(
    REST_FRAMEWORK={
        "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.NamespaceVersioning",
        "ALLOWED_VERSIONS": ["v1"],
        "UNAUTHENTICATED_USER": None,
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],
    }
)
def test_the_sites_own_rest_framework_settings_do_not_matter(
    emulator: Emulator, member: User, visit: Visit
) -> None:
    assert visit(member).ask().status_code == 200
    assert visit().ask().json()["code"] == "not_authenticated"


@pytest.mark.postgresql
def test_connections_that_died_are_replaced(emulator: Emulator, member: User, visit: Visit) -> None:
    """What a restart of PostgreSQL leaves in the pool costs nobody an error."""
    visitor = visit(member)
    emulator.hold()
    with ThreadPoolExecutor(8) as executor:
        answers = [executor.submit(visitor.ask) for _ in range(8)]
        emulator.wait_for_request(8)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        emulator.release()
        assert [answer.result().status_code for answer in answers] == [200] * 8
    assert visitor.http.get("/").status_code == 200
