"""Every row of the error table, over real HTTP, for a member and for staff.

`sdk_missing` and `sdk_too_old` need an environment of their own: `other_sites/test_sdk.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Never

import httpx2
import pytest
from django.contrib.auth.models import User
from django.db.models import Sum

from chatkit_gateway import conf, errors
from chatkit_gateway.errors import Outcome
from chatkit_gateway.models import Issuance, Pause, QuotaWindow
from chatkit_gateway.testkit.emulator import Emulator
from chatkit_gateway.testkit.faults import Fault
from tests.database_faults import audit_refuses_rows
from tests.visitor import Visitor

pytestmark = pytest.mark.database

ELSEWHERE = {"sdk_missing", "sdk_too_old"}
LOST_ANSWERS = {"upstream_invalid_response", "upstream_unavailable", "upstream_timeout"}
"""Rows after which a session may live on upstream that nobody can name; it expires there."""


@dataclass
class World:
    """What a provocation may turn to."""

    visitor: Visitor
    user: User
    emulator: Emulator
    configure: Callable[..., None]


Provocation = Callable[[World], httpx2.Response]
provocations: dict[str, list[Provocation]] = {}


def provokes(code: str) -> Callable[[Provocation], Provocation]:
    """Enter a provocation under the row that it is to meet."""

    def enter(provocation: Provocation) -> Provocation:
        provocations.setdefault(code, []).append(provocation)
        return provocation

    return enter


def failing_with(code: str, fault: Fault | str | int) -> None:
    """Enter the provocation that the upstream fails in this way."""

    def upstream_fails(world: World) -> httpx2.Response:
        world.emulator.fail(fault)
        return world.visitor.ask()

    upstream_fails.__name__ = f"upstream_{getattr(fault, 'summary', fault)}"
    provokes(code)(upstream_fails)


@provokes("not_authenticated")
def anonymous(world: World) -> httpx2.Response:
    world.visitor.http.cookies.delete("sessionid")
    return world.visitor.ask()


@provokes("not_authenticated")
def made_inactive(world: World) -> httpx2.Response:
    User.objects.filter(pk=world.user.pk).update(is_active=False)
    return world.visitor.ask()


@provokes("not_authenticated")
def logged_out_elsewhere(world: World) -> httpx2.Response:
    session = world.visitor.http.cookies["sessionid"]
    world.visitor.log_out()
    world.visitor.http.cookies.set("sessionid", session)
    return world.visitor.ask()


@provokes("not_a_member")
def not_in_the_group(world: World) -> httpx2.Response:
    world.user.groups.clear()
    return world.visitor.ask()


@provokes("not_a_member")
def member_of_another_assistant(world: World) -> httpx2.Response:
    world.configure(
        ASSISTANTS={
            "default": {
                "BACKEND": "chatkit_gateway.backends.hosted.HostedBackend",
                "OPTIONS": {},
            },
            "board": {
                "BACKEND": "chatkit_gateway.backends.hosted.HostedBackend",
                "PERMISSION": "auth.add_user",
            },
        }
    )
    return world.visitor.ask({"assistant": "board"})


@provokes("csrf_failed")
def no_token(world: World) -> httpx2.Response:
    return world.visitor.http.post("/chatkit/session")


@provokes("csrf_failed")
def forged_token(world: World) -> httpx2.Response:
    return world.visitor.ask(headers={"X-CSRFToken": "a" * 32})


@provokes("csrf_failed")
def foreign_origin(world: World) -> httpx2.Response:
    return world.visitor.ask(headers={"Origin": "https://evil.example"})


@provokes("csrf_failed")
def opaque_origin(world: World) -> httpx2.Response:
    return world.visitor.ask(headers={"Origin": "null"})


@provokes("method_not_allowed")
def get(world: World) -> httpx2.Response:
    return world.visitor.http.get("/chatkit/session")


@provokes("method_not_allowed")
def options(world: World) -> httpx2.Response:
    return world.visitor.http.options("/chatkit/session")


@provokes("method_not_allowed")
def delete(world: World) -> httpx2.Response:
    return world.visitor.http.delete("/chatkit/session", headers=world.visitor.csrf())


@provokes("unsupported_media_type")
def a_form(world: World) -> httpx2.Response:
    return world.visitor.ask(data={"assistant": "default"})


@provokes("unsupported_media_type")
def a_multipart_form(world: World) -> httpx2.Response:
    return world.visitor.ask(files={"assistant": b"default"})


@provokes("unsupported_media_type")
def no_media_type(world: World) -> httpx2.Response:
    return world.visitor.ask(content=b"{}")


@provokes("csrf_failed")
def token_in_a_broken_form(world: World) -> httpx2.Response:
    return world.visitor.http.post(
        "/chatkit/session", content=b"x", headers={"Content-Type": "multipart/form-data"}
    )


@provokes("csrf_failed")
def token_in_a_form_of_another_charset(world: World) -> httpx2.Response:
    return world.visitor.http.post(
        "/chatkit/session",
        content=b"x",
        headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-16"},
    )


def rejecting_body(content: bytes) -> None:
    """Enter the provocation that the body is this."""

    def bad_body(world: World) -> httpx2.Response:
        return world.visitor.ask(content=content, headers={"Content-Type": "application/json"})

    bad_body.__name__ = f"body_{content[:24]!r}"
    provokes("invalid_request")(bad_body)


for body in (
    b"{",
    b"[]",
    b'"default"',
    b"null",
    b"\xff\xfe",
    b'{"assistant": 1}',
    b'{"assistant": null}',
    b'{"refresh": "yes"}',
    b'{"refresh": 1}',
    b'{"unknown": NaN}',
    b"[" * 4000,
):
    rejecting_body(body)


@provokes("request_too_large")
def large_body(world: World) -> httpx2.Response:
    return world.visitor.ask({"padding": "x" * 4096})


@provokes("invalid_request")
def chunked_body(world: World) -> httpx2.Response:
    """The test server does not tell where such a body ends; `test_servers.py` has those that do."""
    return world.visitor.ask(
        content=iter([b"[", b"]"]), headers={"Content-Type": "application/json"}
    )


@provokes("request_too_large")
def large_form(world: World) -> httpx2.Response:
    return world.visitor.ask(data={"padding": "x" * 3_000_000})


@provokes("unknown_assistant")
def unknown_assistant(world: World) -> httpx2.Response:
    return world.visitor.ask({"assistant": "nobody"})


@provokes("unknown_assistant")
def assistant_with_a_name_no_database_takes(world: World) -> httpx2.Response:
    return world.visitor.ask(
        content=b'{"assistant": "\\u0000\\ud800' + b"x" * 300 + b'"}',
        headers={"Content-Type": "application/json"},
    )


@provokes("quota_exceeded")
def quota_used_up(world: World) -> httpx2.Response:
    world.configure(QUOTAS={"hour": 1})
    assert world.visitor.ask().status_code == 200
    return world.visitor.ask({"refresh": True})


def failing_quotas(user: User, assistant: conf.Assistant) -> Never:
    raise LookupError("the directory does not know them")


def quotas_in_words(user: User, assistant: conf.Assistant) -> str:
    return "ten an hour"


@provokes("invalid_quotas")
def quotas_by_a_callable_that_fails(world: World) -> httpx2.Response:
    world.configure(QUOTAS=f"{__name__}.failing_quotas")
    return world.visitor.ask()


@provokes("invalid_quotas")
def quotas_by_a_callable_that_answers_nonsense(world: World) -> httpx2.Response:
    world.configure(QUOTAS=f"{__name__}.quotas_in_words")
    return world.visitor.ask()


@provokes("invalid_quotas")
def quotas_by_nobody(world: World) -> httpx2.Response:
    world.configure(QUOTAS="nowhere.at.all")
    return world.visitor.ask()


@provokes("issuance_paused")
def paused_for_all(world: World) -> httpx2.Response:
    Pause.objects.create(reason="Elections until noon.")
    return world.visitor.ask()


@provokes("issuance_paused")
def paused_for_one(world: World) -> httpx2.Response:
    Pause.objects.create(assistant="default", reason="Elections until noon.")
    return world.visitor.ask()


@provokes("missing_api_key")
def no_key(world: World) -> httpx2.Response:
    world.configure(options={"api_key": ""})
    return world.visitor.ask()


@provokes("missing_api_key")
def key_with_a_line_end(world: World) -> httpx2.Response:
    world.configure(options={"api_key": "sk-broken\n"})
    return world.visitor.ask()


@provokes("missing_workflow_id")
def no_workflow(world: World) -> httpx2.Response:
    world.configure(options={"workflow_id": ""})
    return world.visitor.ask()


@provokes("missing_workflow_id")
def malformed_workflow(world: World) -> httpx2.Response:
    world.configure(options={"workflow_id": "wf_ not well formed"})
    return world.visitor.ask()


failing_with("upstream_rejected_key", "wrong_key")
failing_with("upstream_rejected_key", "forbidden")
failing_with("workflow_not_found", "workflow_not_found")
failing_with("upstream_rejected_request", "bad_request")
failing_with("upstream_rejected_request", 409)
failing_with("upstream_rejected_request", 422)
failing_with("upstream_rate_limited", "rate_limited")
failing_with("upstream_unavailable", "server_error")
failing_with("upstream_unavailable", "overloaded")
failing_with("upstream_unavailable", "reset")
failing_with("upstream_unavailable", "truncated")
for scenario in (
    "not_json",
    "wrong_json",
    "secret_missing",
    "secret_null",
    "secret_empty",
    "secret_number",
    "expiry_text",
    "redirect",
):
    failing_with("upstream_invalid_response", scenario)


failing_with("upstream_invalid_response", Fault(summary="bottomless", body="[" * 100_000))
failing_with(
    "upstream_rate_limited",
    Fault(
        summary="unearthly_date",
        status=429,
        headers={"Retry-After": "Wed, 21 Oct 2015 07:28:00 +99999999999999999999"},
    ),
)


@provokes("upstream_rejected_request")
def version_latest(world: World) -> httpx2.Response:
    world.configure(options={"workflow_version": "latest"})
    return world.visitor.ask()


@provokes("upstream_unavailable")
def nobody_listens(world: World) -> httpx2.Response:
    world.configure(options={"base_url": f"{world.emulator.unused_url()}/v1"})
    return world.visitor.ask()


@provokes("upstream_timeout")
def no_answer(world: World) -> httpx2.Response:
    world.configure(UPSTREAM={"read": 0.2})
    world.emulator.fail("hang")
    return world.visitor.ask()


@provokes("upstream_timeout")
def an_answer_byte_by_byte(world: World) -> httpx2.Response:
    world.configure(UPSTREAM={"total": 0.5})
    world.emulator.fail(Fault(connection="trickle", interval=0.1))
    return world.visitor.ask()


@provokes("gateway_busy")
def too_many_in_flight(world: World) -> httpx2.Response:
    world.configure(UPSTREAM={"in_flight": 1})
    world.emulator.hold()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(world.visitor.ask)
        world.emulator.wait_for_request()
        second = world.visitor.ask()
        world.emulator.release()
        assert first.result().status_code == 200
    return second


@provokes("upstream_paused")
def resting(world: World) -> httpx2.Response:
    world.configure(UPSTREAM={"rest_after": 2, "rest_seconds": 15})
    world.emulator.fail("server_error")
    for _ in range(2):
        assert world.visitor.ask().json()["code"] == "upstream_unavailable"
    return world.visitor.ask()


@provokes("audit_unavailable")
def audit_down(world: World) -> httpx2.Response:
    with audit_refuses_rows():
        return world.visitor.ask()


@provokes("audit_unavailable")
def audit_down_for_a_refusal(world: World) -> httpx2.Response:
    with audit_refuses_rows():
        return world.visitor.ask({"assistant": "nobody"})


def test_every_row_is_provoked() -> None:
    assert set(provocations) | ELSEWHERE == set(errors.PROBLEMS)


@pytest.mark.parametrize("asking", ["member", "staff"])
@pytest.mark.parametrize(
    ("code", "provocation"),
    [(code, p) for code, several in provocations.items() for p in several],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_error_table(
    code: str,
    provocation: Provocation,
    asking: str,
    request: pytest.FixtureRequest,
    emulator: Emulator,
    configure: Callable[..., None],
    visit: Callable[..., Visitor],
) -> None:
    user = request.getfixturevalue(asking)
    problem = errors.PROBLEMS[code]

    answer = provocation(World(visit(user), user, emulator, configure))

    assert answer.status_code == problem.status
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.json()
    assert body.pop("code") == code
    assert body.pop("detail").startswith(str(problem.detail))
    reference = body.pop("reference")
    assert len(reference) == 12
    if code == "not_authenticated":
        assert body.pop("login_url") == f"{answer.url.copy_with(path='/accounts/login/')!s}"
    elif asking == "staff":
        assert body.pop("hint")
    if "Retry-After" in answer.headers:
        assert body.pop("retry_after") == int(answer.headers["Retry-After"]) >= 1
    assert body == {}
    check_row(problem, reference, user)
    assert_only_what_was_issued_is_used(user)
    assert_no_session_is_left(code, emulator)


def check_row(problem: errors.Problem, reference: str, user: User) -> None:
    row = Issuance.objects.filter(reference=reference).first()
    if problem.outcome is None:
        assert row is None
        return
    assert row is not None
    assert (row.outcome, row.error_code, row.status) == (
        problem.outcome,
        problem.code,
        problem.status,
    )
    assert (row.member_id, row.username) == (user.pk, user.username)
    assert (row.fingerprint, row.session_id, row.expires_at) == ("", "", None)
    assert row.ip_address == "127.0.0.1"
    assert row.user_agent.startswith("python-httpx2/")


def assert_only_what_was_issued_is_used(user: User) -> None:
    """Whatever went wrong, its unit is back in every window."""
    issued = Issuance.objects.filter(member_id=user.pk, outcome=Outcome.ISSUED).count()
    windows = QuotaWindow.objects.filter(member=user, subject__startswith="default/")
    used = windows.values("subject").annotate(units=Sum("used"))
    assert {window["units"] for window in used} <= {issued}


def assert_no_session_is_left(code: str, emulator: Emulator) -> None:
    """Every session that is alive upstream has its row, but for those whose answer got lost."""
    alive = {key for key, session in emulator.sessions.items() if session.status == "active"}
    audited = set(Issuance.objects.exclude(session_id="").values_list("session_id", flat=True))
    assert alive <= audited or code in LOST_ANSWERS
