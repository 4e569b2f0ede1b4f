"""What front ends on other origins may do, over real HTTP: call the gateway, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from django.contrib.auth.models import User

from chatkit_gateway.testkit.emulator import Emulator
from tests.visitor import Visitor

pytestmark = pytest.mark.database

FRONT_END = "https://app.example.org"
STRANGERS = ["https://evil.example", "null", f"{FRONT_END}.evil.example", "http://app.example.org"]
CALLS = [
    (method, f"{prefix}/{endpoint}{slash}")
    for prefix in ("/chatkit", "/api/chatkit")
    for method, endpoint in (("POST", "session"), ("GET", "config"))
    for slash in ("", "/")
]

Visit = Callable[..., Visitor]


@pytest.fixture(autouse=True)
def listed(settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = settings.CSRF_TRUSTED_ORIGINS = [FRONT_END]


def preflight(
    visitor: Visitor, address: str, origin: str = FRONT_END, method: str = "POST"
) -> httpx2.Response:
    return visitor.http.options(
        address,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "content-type,x-csrftoken",
        },
    )


def cors(answer: httpx2.Response) -> dict[str, str]:
    """Return what the answer allows a browser to do."""
    return {name: value for name, value in answer.headers.items() if name.startswith("access-")}


@pytest.mark.parametrize(("method", "address"), CALLS)
def test_a_listed_front_end_may_call_the_gateway(
    method: str, address: str, db: None, visit: Visit
) -> None:
    allowed = cors(preflight(visit(), address, method=method))

    assert allowed["access-control-allow-origin"] == FRONT_END
    assert allowed["access-control-allow-credentials"] == "true"
    assert method in allowed["access-control-allow-methods"]
    assert "x-csrftoken" in allowed["access-control-allow-headers"]


def test_with_what_it_needs_and_no_more(emulator: Emulator, member: User, visit: Visit) -> None:
    visitor = visit(member)
    config = visitor.http.get("/api/chatkit/config", headers={"Origin": FRONT_END})
    secret = visitor.http.post(
        config.json()["endpoint"],
        headers={
            "Origin": FRONT_END,
            "Referer": f"{FRONT_END}/",
            "X-CSRFToken": config.json()["csrf_token"],
        },
    )

    assert secret.status_code == 200
    for answer in (config, secret):
        assert cors(answer) == {
            "access-control-allow-origin": FRONT_END,
            "access-control-allow-credentials": "true",
            "access-control-expose-headers": "Retry-After",
        }
        assert "origin" in answer.headers["Vary"].lower()


def test_and_read_when_to_come_back(db: None, visit: Visit) -> None:
    answer = visit().http.post("/chatkit/session", headers={"Origin": FRONT_END})

    assert answer.status_code == 401
    assert answer.headers["Access-Control-Expose-Headers"] == "Retry-After"
    assert "origin" in answer.headers["Vary"]


@pytest.mark.parametrize("address", ["/accounts/login/", "/", "/readyz", "/chatkit"])
def test_but_nothing_else(address: str, db: None, visit: Visit) -> None:
    assert cors(preflight(visit(), address)) == {}


@pytest.mark.parametrize(("method", "address"), CALLS)
@pytest.mark.parametrize("origin", STRANGERS)
def test_nobody_else_is_let_past_the_preflight(
    origin: str, method: str, address: str, db: None, visit: Visit
) -> None:
    assert cors(preflight(visit(), address, origin, method)) == {}


@pytest.mark.parametrize(("method", "address"), CALLS)
@pytest.mark.parametrize("origin", STRANGERS)
@pytest.mark.parametrize("with_credentials", [True, False])
def test_nobody_else_gets_an_answer(
    with_credentials: bool,
    origin: str,
    method: str,
    address: str,
    emulator: Emulator,
    member: User,
    visit: Visit,
) -> None:
    visitor = visit(member if with_credentials else None)
    answer = visitor.http.request(method, address, headers={"Origin": origin} | visitor.csrf())

    assert cors(answer) == {}
    assert answer.status_code == (403 if with_credentials else 401)
    # The browser would keep it from the page; there is nothing in it to keep.
    assert not {"csrf_token", "client_secret"} & answer.json().keys()
    assert emulator.requests == []


def test_not_even_when_cors_lets_everybody_in(
    emulator: Emulator, member: User, visit: Visit, settings: Any
) -> None:
    settings.CORS_ALLOW_ALL_ORIGINS = True
    answer = visit(member).http.get("/chatkit/config", headers={"Origin": STRANGERS[0]})

    assert answer.json()["code"] == "csrf_failed"
    assert "csrf_token" not in answer.json()
