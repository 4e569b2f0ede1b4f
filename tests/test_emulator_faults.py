"""Every fault of the emulator is what it says, seen from a client's side of the wire."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai
import pytest

from chatkit_gateway.testkit import SCENARIOS, Emulator, Fault

BODY = {"user": "u", "workflow": {"id": "wf_demo"}}
HEADERS = {"Authorization": "Bearer sk-test", "OpenAI-Beta": "chatkit_beta=v1"}
PATH = "/v1/chatkit/sessions"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(chunk_delay=0) as running:
        yield running


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as threads:
        yield threads


def issue(emulator: Emulator, **options: Any) -> httpx2.Response:
    return httpx2.post(emulator.url + PATH, json=BODY, headers=HEADERS, **options)


def raw_exchange(emulator: Emulator) -> bytes:
    """One request over a bare connection, so that its end is seen as it is."""
    address = urlsplit(emulator.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=5)
    try:
        connection.request("POST", PATH, json.dumps(BODY), HEADERS)
        return connection.getresponse().read()
    finally:
        connection.close()


STATUSES = {
    "bad_request": (400, openai.BadRequestError),
    "wrong_key": (401, openai.AuthenticationError),
    "forbidden": (403, openai.PermissionDeniedError),
    "workflow_not_found": (404, openai.NotFoundError),
    "rate_limited": (429, openai.RateLimitError),
    "server_error": (500, openai.InternalServerError),
    "overloaded": (503, openai.InternalServerError),
}


@pytest.mark.parametrize("scenario", STATUSES)
def test_status(emulator: Emulator, scenario: str) -> None:
    status, error = STATUSES[scenario]
    emulator.fail(scenario)
    response = issue(emulator)
    assert response.status_code == status
    assert set(response.json()["error"]) == {"message", "type", "param", "code"}
    client = openai.OpenAI(api_key="sk-test", base_url=emulator.api_url, max_retries=0)
    with client, pytest.raises(error):
        client.beta.chatkit.sessions.create(user="u", workflow={"id": "wf_demo"})
    assert emulator.sessions == {}


def test_rate_limited__says_when_to_come_back(emulator: Emulator) -> None:
    emulator.fail("rate_limited")
    assert issue(emulator).headers["Retry-After"] == "7"


def test_redirect(emulator: Emulator) -> None:
    emulator.fail("redirect")
    response = issue(emulator)
    assert response.status_code == 302
    assert response.headers["Location"] == "/v1/moved"


def test_bare_status_and_own_fault(emulator: Emulator) -> None:
    emulator.fail(502, times=1)
    emulator.fail(
        Fault(status=429, message="Slow down", headers={"Retry-After": "3"}, code="slow"), times=1
    )
    assert issue(emulator).status_code == 502
    limited = issue(emulator)
    assert limited.headers["Retry-After"] == "3"
    assert limited.json()["error"] == {
        "message": "Slow down",
        "type": "requests",
        "param": None,
        "code": "slow",
    }
    assert issue(emulator).status_code == 200


def test_reset(emulator: Emulator) -> None:
    emulator.fail("reset")
    with pytest.raises(ConnectionResetError):
        raw_exchange(emulator)
    assert emulator.sessions == {}


def test_truncated(emulator: Emulator) -> None:
    emulator.fail("truncated")
    with pytest.raises(http.client.IncompleteRead) as caught:
        raw_exchange(emulator)
    assert caught.value.partial.startswith(b'{"id": "cksess_')


def test_hang(emulator: Emulator) -> None:
    emulator.fail("hang")
    with pytest.raises(httpx2.ReadTimeout):
        issue(emulator, timeout=0.2)
    assert len(emulator.requests) == 1


def test_hang__ends_with_reset(emulator: Emulator, pool: ThreadPoolExecutor) -> None:
    emulator.fail("hang")
    waiting = pool.submit(raw_exchange, emulator)
    emulator.wait_for_request()
    emulator.reset()
    with pytest.raises(ConnectionResetError):
        waiting.result(5)


def test_hold_and_release(emulator: Emulator, pool: ThreadPoolExecutor) -> None:
    emulator.hold()
    waiting: list[Future[httpx2.Response]] = [pool.submit(issue, emulator) for _ in range(3)]
    assert len(emulator.wait_for_request(3)) == 3
    assert not any(held.done() for held in waiting)
    assert emulator.sessions == {}
    emulator.release()
    assert [held.result(5).status_code for held in waiting] == [200, 200, 200]
    assert issue(emulator).status_code == 200


def test_hold__one_of_two(emulator: Emulator, pool: ThreadPoolExecutor) -> None:
    emulator.hold(times=1)
    held = pool.submit(issue, emulator)
    emulator.wait_for_request()
    assert issue(emulator).status_code == 200
    emulator.release()
    assert held.result(5).status_code == 200


def test_slow__released_early(emulator: Emulator, pool: ThreadPoolExecutor) -> None:
    emulator.fail(Fault(delay=60))
    late = pool.submit(issue, emulator)
    emulator.wait_for_request()
    assert not late.done()
    emulator.release()
    assert late.result(5).status_code == 200


def test_slow__answers_after_the_delay(emulator: Emulator) -> None:
    emulator.fail(Fault(delay=0.05))
    response = issue(emulator)
    assert response.status_code == 200
    assert response.elapsed.total_seconds() >= 0.05


def test_stalled(emulator: Emulator) -> None:
    emulator.fail("stalled")
    with httpx2.stream("POST", emulator.url + PATH, json=BODY, headers=HEADERS) as response:
        received = response.iter_bytes()
        begun = next(received)
        with pytest.raises(ValueError):
            json.loads(begun)
        emulator.release()
        assert json.loads(begun + b"".join(received))["object"] == "chatkit.session"


def test_trickle(emulator: Emulator) -> None:
    emulator.fail("trickle")
    with httpx2.stream("POST", emulator.url + PATH, json=BODY, headers=HEADERS) as response:
        received = response.iter_raw()
        assert next(received) == b"{"
        emulator.release()
        assert json.loads(b"{" + b"".join(received))["object"] == "chatkit.session"


def test_not_json(emulator: Emulator) -> None:
    emulator.fail("not_json")
    response = issue(emulator)
    assert response.status_code == 200
    with pytest.raises(ValueError):
        response.json()


def test_wrong_json(emulator: Emulator) -> None:
    emulator.fail("wrong_json")
    assert issue(emulator).json() == ["unexpected"]


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("secret_null", {"client_secret": None}),
        ("secret_empty", {"client_secret": ""}),
        ("secret_number", {"client_secret": 42}),
        ("expiry_text", {"expires_at": "tomorrow"}),
    ],
)
def test_wrong_fields(emulator: Emulator, scenario: str, expected: dict[str, Any]) -> None:
    emulator.fail(scenario)
    answer = issue(emulator).json()
    assert answer["object"] == "chatkit.session"
    assert answer | expected == answer


def test_secret_missing(emulator: Emulator) -> None:
    emulator.fail("secret_missing")
    assert "client_secret" not in issue(emulator).json()


def test_refused__unused_address() -> None:
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(Emulator.unused_url())


def test_refused__stopped_and_back_on_the_same_port(emulator: Emulator) -> None:
    address = emulator.url
    emulator.stop()
    with pytest.raises(httpx2.ConnectError):
        issue(emulator)
    emulator.start()
    assert emulator.url == address
    assert issue(emulator).status_code == 200


def test_rules__in_order_and_used_up(emulator: Emulator) -> None:
    emulator.fail(500, times=2)
    emulator.fail(401)
    emulator.fail(403)
    assert [issue(emulator).status_code for _ in range(4)] == [500, 500, 403, 403]
    emulator.clear_faults()
    assert issue(emulator).status_code == 200


def test_rules__by_path(emulator: Emulator) -> None:
    emulator.fail(500, path="/v1/chatkit/sessions/*/cancel")
    session = issue(emulator).json()["id"]
    cancel = f"{emulator.url}{PATH}/{session}/cancel"
    assert httpx2.post(cancel, headers=HEADERS).status_code == 500


@pytest.mark.parametrize("fault", ["unknown", 99, True])
def test_fail__nonsense(emulator: Emulator, fault: Any) -> None:
    with pytest.raises(ValueError):
        emulator.fail(fault)


def test_fail__never(emulator: Emulator) -> None:
    with pytest.raises(ValueError):
        emulator.fail(500, times=0)


def test_wait_for_request__in_vain(emulator: Emulator) -> None:
    with pytest.raises(TimeoutError, match="0 of 1"):
        emulator.wait_for_request(timeout=0.01)


def emulator_threads() -> set[threading.Thread]:
    """All of them: the whole run's emulator may be there as well."""
    return {thread for thread in threading.enumerate() if thread.name == "openai-emulator"}


def test_stop__while_requests_hang(emulator: Emulator, pool: ThreadPoolExecutor) -> None:
    emulator.fail("hang")
    waiting = pool.submit(raw_exchange, emulator)
    emulator.wait_for_request()
    before = emulator_threads()
    emulator.stop()
    with pytest.raises((ConnectionResetError, http.client.RemoteDisconnected)):
        waiting.result(5)
    assert len(before - emulator_threads()) == 1


def test_start__twice(emulator: Emulator) -> None:
    with pytest.raises(RuntimeError):
        emulator.start()


def test_start__port_taken(emulator: Emulator) -> None:
    port = urlsplit(emulator.url).port or 0
    with pytest.raises(OSError, match="address already in use"):
        Emulator(port=port).start()


def test_url__not_started() -> None:
    with pytest.raises(RuntimeError):
        _ = Emulator().url


def test_control__faults(emulator: Emulator) -> None:
    control = f"{emulator.url}/_emulator/faults"
    rules = [{"fault": "rate_limited", "times": 1}, {"fault": {"status": 503}, "path": "/v1/*"}]
    assert len(httpx2.put(control, json=rules).json()["rules"]) == 2
    assert [issue(emulator).status_code for _ in range(3)] == [429, 503, 503]
    shown = httpx2.get(control).json()
    assert [rule["fault"]["status"] for rule in shown["rules"]] == [503]
    assert set(shown["scenarios"]) == set(SCENARIOS)
    assert httpx2.put(control, json=[{"fault": 500}]).status_code == 200
    assert issue(emulator).status_code == 500
    assert httpx2.delete(control).status_code == 204
    assert issue(emulator).status_code == 200


@pytest.mark.parametrize(
    "rules",
    [
        {"fault": "hang"},
        [{"times": 1}],
        [{"fault": "unknown"}],
        [{"fault": ["hang"]}],
        [{"fault": None}],
        [{"fault": "hang", "times": 0}],
        [{"fault": {"colour": "blue"}}],
        [{"fault": {"status": "500"}}],
        [{"fault": {"connection": "carrier pigeon"}}],
        [{"fault": {"headers": {"Retry-After": 7}}}],
    ],
)
def test_control__refused_without_effect(emulator: Emulator, rules: Any) -> None:
    emulator.fail(418)
    response = httpx2.put(f"{emulator.url}/_emulator/faults", json=rules)
    assert response.status_code == 400
    assert response.json()["error"]["message"]
    assert issue(emulator).status_code == 418


def test_control__release_and_reset(emulator: Emulator, pool: ThreadPoolExecutor) -> None:
    emulator.hold()
    held = pool.submit(issue, emulator)
    emulator.wait_for_request()
    assert httpx2.post(f"{emulator.url}/_emulator/release").status_code == 204
    assert held.result(5).status_code == 200
    shown = httpx2.get(f"{emulator.url}/_emulator/requests").json()["requests"]
    assert [request["path"] for request in shown] == [PATH]
    assert httpx2.post(f"{emulator.url}/_emulator/reset").status_code == 204
    assert emulator.requests == []
    assert emulator.sessions == {}
