"""The emulator's sessions and threads, called by OpenAI's own SDK and by bare HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx2
import openai
import pytest

from chatkit_gateway.testkit import Emulator

KEY = "sk-test-key"
BETA = {"OpenAI-Beta": "chatkit_beta=v1"}


class Clock:
    """A time that a test moves."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def emulator(clock: Clock) -> Iterator[Emulator]:
    with Emulator(clock=clock, chunk_delay=0) as running:
        yield running


@pytest.fixture
def client(emulator: Emulator) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(api_key=KEY, base_url=emulator.api_url, max_retries=0) as connected:
        yield connected


def post_session(emulator: Emulator, body: Any, **headers: str) -> httpx2.Response:
    sent = {"Authorization": f"Bearer {KEY}"} | BETA | headers
    return httpx2.post(f"{emulator.api_url}/chatkit/sessions", json=body, headers=sent)


def chat(emulator: Emulator, secret: str, kind: str, params: dict[str, Any]) -> httpx2.Response:
    return httpx2.post(
        f"{emulator.api_url}/chatkit/conversation",
        json={"type": kind, "params": params},
        headers={"Authorization": f"Bearer {secret}"},
    )


def say(emulator: Emulator, secret: str, text: str) -> httpx2.Response:
    content = [{"type": "input_text", "text": text}]
    message = {"content": content, "attachments": [], "inference_options": {}}
    return chat(emulator, secret, "threads.create", {"input": message})


def test_session__minimal(client: openai.OpenAI, clock: Clock) -> None:
    session = client.beta.chatkit.sessions.create(user="member", workflow={"id": "wf_demo"})
    assert session.object == "chatkit.session"
    assert session.status == "active"
    assert session.client_secret.startswith("ek_")
    assert session.expires_at == clock.now + 600
    assert session.user == "member"
    assert session.rate_limits.max_requests_per_1_minute == 10
    assert session.max_requests_per_1_minute == 10
    assert session.workflow.model_dump() == {
        "id": "wf_demo",
        "version": None,
        "state_variables": None,
        "tracing": {"enabled": True},
    }
    assert session.chatkit_configuration.model_dump() == {
        "automatic_thread_titling": {"enabled": True},
        "file_upload": {"enabled": False, "max_file_size": 512, "max_files": 10},
        "history": {"enabled": True, "recent_threads": None},
    }


def test_session__everything(client: openai.OpenAI, emulator: Emulator, clock: Clock) -> None:
    session = client.beta.chatkit.sessions.create(
        user="member",
        workflow={
            "id": "wf_demo",
            "version": "3",
            "state_variables": {"year": 2, "tutor": True, "club": "chess", "score": 1.5},
            "tracing": {"enabled": False},
        },
        expires_after={"anchor": "created_at", "seconds": 60},
        rate_limits={"max_requests_per_1_minute": 3},
        chatkit_configuration={
            "automatic_thread_titling": {"enabled": False},
            "file_upload": {"enabled": True, "max_file_size": 5, "max_files": 2},
            "history": {"enabled": False, "recent_threads": 4},
        },
    )
    assert session.expires_at == clock.now + 60
    assert session.max_requests_per_1_minute == 3
    assert session.workflow.version == "3"
    assert session.workflow.tracing.enabled is False
    assert session.chatkit_configuration.file_upload.max_files == 2
    assert session.chatkit_configuration.history.recent_threads == 4
    record = emulator.sessions[session.id]
    assert record.user == "member"
    assert record.workflow["id"] == "wf_demo"
    assert record.state_variables == {"year": 2, "tutor": True, "club": "chess", "score": 1.5}
    assert record.client_secret == session.client_secret
    assert session.client_secret not in repr(record)


def test_session__async_client(emulator: Emulator) -> None:
    async def issue() -> str:
        async with openai.AsyncOpenAI(
            api_key=KEY, base_url=emulator.api_url, max_retries=0
        ) as client:
            workflow: Any = {"id": "wf_demo"}
            return (await client.beta.chatkit.sessions.create(user="u", workflow=workflow)).id

    assert asyncio.run(issue()) in emulator.sessions


def test_session__request_id(emulator: Emulator) -> None:
    first = post_session(emulator, {"user": "u", "workflow": {"id": "wf_demo"}})
    second = post_session(emulator, {})
    assert first.headers["x-request-id"].startswith("req_")
    assert first.headers["x-request-id"] != second.headers["x-request-id"]


@pytest.mark.parametrize(
    ("change", "param", "code"),
    [
        ({"user": ""}, "user", "empty_string"),
        ({"user": 7}, "user", "invalid_type"),
        ({"user": None}, "user", "invalid_type"),
        ({"workflow": {}}, "workflow.id", "missing_required_parameter"),
        ({"workflow": "wf_demo"}, "workflow", "invalid_type"),
        ({"workflow": {"id": "wf_demo", "version": "latest"}}, "workflow.version", "invalid_value"),
        (
            {"workflow": {"id": "wf_demo", "state_variables": {"a": []}}},
            "workflow.state_variables.a",
            "invalid_type",
        ),
        (
            {"workflow": {"id": "wf_demo", "state_variables": {"k" * 65: 1}}},
            f"workflow.state_variables.{'k' * 65}",
            "string_above_max_length",
        ),
        (
            {"expires_after": {"seconds": 60}},
            "expires_after.anchor",
            "missing_required_parameter",
        ),
        (
            {"expires_after": {"anchor": "now", "seconds": 60}},
            "expires_after.anchor",
            "invalid_value",
        ),
        (
            {"expires_after": {"anchor": "created_at", "seconds": 0}},
            "expires_after.seconds",
            "integer_below_min_value",
        ),
        (
            {"expires_after": {"anchor": "created_at", "seconds": 601}},
            "expires_after.seconds",
            "integer_above_max_value",
        ),
        (
            {"expires_after": {"anchor": "created_at", "seconds": True}},
            "expires_after.seconds",
            "invalid_type",
        ),
        (
            {"rate_limits": {"max_requests_per_1_minute": 0}},
            "rate_limits.max_requests_per_1_minute",
            "integer_below_min_value",
        ),
        (
            {"chatkit_configuration": {"file_upload": {"enabled": "yes"}}},
            "chatkit_configuration.file_upload.enabled",
            "invalid_type",
        ),
        (
            {"chatkit_configuration": {"history": True}},
            "chatkit_configuration.history",
            "invalid_type",
        ),
        ({"colour": "blue"}, "colour", "unknown_parameter"),
    ],
)
def test_session__refused(
    emulator: Emulator, change: dict[str, Any], param: str, code: str
) -> None:
    body = {"user": "u", "workflow": {"id": "wf_demo"}} | change
    response = post_session(emulator, body)
    assert response.status_code == 400
    error = response.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert (error["type"], error["param"], error["code"]) == ("invalid_request_error", param, code)
    assert emulator.sessions == {}


@pytest.mark.parametrize("body", [[], "text", None])
def test_session__body_is_no_object(emulator: Emulator, body: Any) -> None:
    assert post_session(emulator, body).status_code == 400


def test_session__body_is_no_json(emulator: Emulator) -> None:
    headers = {"Authorization": f"Bearer {KEY}"} | BETA
    url = f"{emulator.api_url}/chatkit/sessions"
    assert httpx2.post(url, content=b"{", headers=headers).status_code == 400


@pytest.mark.parametrize("header", ["", "Bearer", "Basic c2s=", "Bearer pk-other", "Bearer é"])
def test_session__key_refused(emulator: Emulator, header: str) -> None:
    body = {"user": "u", "workflow": {"id": "wf_demo"}}
    headers = {"Authorization": header.encode()} | BETA
    response = httpx2.post(f"{emulator.api_url}/chatkit/sessions", json=body, headers=headers)
    assert response.status_code == 401


def test_session__only_listed_keys_and_workflows() -> None:
    with Emulator(api_keys=[KEY], workflows=["wf_one"]) as emulator:
        body = {"user": "u", "workflow": {"id": "wf_one"}}
        assert post_session(emulator, body).status_code == 200
        refused = post_session(emulator, body, Authorization="Bearer sk-other")
        assert refused.status_code == 401
        assert refused.json()["error"]["code"] == "invalid_api_key"
        assert "sk-other" not in refused.text
        unknown = post_session(emulator, {"user": "u", "workflow": {"id": "wf_two"}})
        assert unknown.status_code == 404
        assert unknown.json()["error"]["message"] == "Workflow with id 'wf_two' not found."


def test_session__malformed_workflow_is_unknown(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        client.beta.chatkit.sessions.create(user="u", workflow={"id": "demo"})


def test_session__beta_header_missing(emulator: Emulator) -> None:
    body = {"user": "u", "workflow": {"id": "wf_demo"}}
    refused = post_session(emulator, body, **{"OpenAI-Beta": "assistants=v2"})
    assert refused.status_code == 400
    assert "chatkit_beta=v1" in refused.json()["error"]["message"]


def test_cancel(client: openai.OpenAI, emulator: Emulator) -> None:
    session = client.beta.chatkit.sessions.create(user="u", workflow={"id": "wf_demo"})
    assert client.beta.chatkit.sessions.cancel(session.id).status == "cancelled"
    assert client.beta.chatkit.sessions.cancel(session.id).status == "cancelled"
    assert emulator.sessions[session.id].status == "cancelled"
    assert say(emulator, session.client_secret, "Hello").status_code == 401


def test_cancel__unknown(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        client.beta.chatkit.sessions.cancel("cksess_unknown")


def test_requests__key_can_be_compared_but_not_read(
    client: openai.OpenAI, emulator: Emulator
) -> None:
    client.beta.chatkit.sessions.create(user="u", workflow={"id": "wf_demo"})
    [request] = emulator.requests
    assert (request.method, request.path) == ("POST", "/v1/chatkit/sessions")
    assert request.json == {"user": "u", "workflow": {"id": "wf_demo"}}
    assert request.headers["openai-beta"] == "chatkit_beta=v1"
    assert request.headers["authorization"] == "Bearer [hidden]"
    assert request.api_key_matches(KEY)
    assert not request.api_key_matches("sk-other")
    assert KEY not in repr(request)
    assert KEY not in httpx2.get(f"{emulator.url}/_emulator/requests").text


def test_reset__forgets(client: openai.OpenAI, emulator: Emulator) -> None:
    session = client.beta.chatkit.sessions.create(user="u", workflow={"id": "wf_demo"})
    say(emulator, session.client_secret, "Hello")
    emulator.fail(500)
    emulator.reset()
    assert (emulator.requests, emulator.sessions, emulator.faults) == ([], {}, [])
    assert client.beta.chatkit.threads.list().data == []


def test_threads__as_the_server_sees_them(client: openai.OpenAI, emulator: Emulator) -> None:
    for user, texts in (("ada", ["First", "Second", "Third"]), ("bob", ["Fourth"])):
        workflow: Any = {"id": "wf_demo"}
        session = client.beta.chatkit.sessions.create(user=user, workflow=workflow)
        for text in texts:
            say(emulator, session.client_secret, text)
    threads = client.beta.chatkit.threads
    assert [thread.title for thread in threads.list(user="ada", limit=2)] == [
        "Third",
        "Second",
        "First",
    ]
    assert [thread.title for thread in threads.list(order="asc")][-1] == "Fourth"
    newest = threads.list(user="ada").data[0]
    oldest = threads.list(user="ada", order="asc", before=newest.id).data[0]
    assert threads.retrieve(oldest.id).title == "First"
    question, answer = threads.list_items(oldest.id, order="asc").data
    assert question.type == "chatkit.user_message"
    assert question.content[0].text == "First"
    assert answer.type == "chatkit.assistant_message"
    assert "Offline demo" in answer.content[0].text
    assert threads.delete(oldest.id).deleted
    with pytest.raises(openai.NotFoundError):
        threads.retrieve(oldest.id)


@pytest.mark.parametrize("query", ["limit=0", "limit=many", "order=random", "colour=blue"])
def test_threads__bad_query(emulator: Emulator, query: str) -> None:
    headers = {"Authorization": f"Bearer {KEY}"} | BETA
    response = httpx2.get(f"{emulator.api_url}/chatkit/threads?{query}", headers=headers)
    assert response.status_code == 400


def test_unknown_address(emulator: Emulator) -> None:
    response = httpx2.get(f"{emulator.api_url}/models")
    assert response.status_code == 404
    assert response.json()["error"]["message"] == "Invalid URL (GET /v1/models)"
