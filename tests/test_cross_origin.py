"""What front ends on other origins may do: call the gateway, and nothing else of the portal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client

FRONT_END = "https://app.example.org"


def preflight(client: Client, address: str, origin: str = FRONT_END) -> Mapping[str, str]:
    return client.options(
        address,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type,x-csrftoken",
        },
    ).headers


@pytest.fixture(autouse=True)
def listed(settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = settings.CSRF_TRUSTED_ORIGINS = [FRONT_END]


@pytest.mark.parametrize("address", ["/chatkit/session", "/api/chatkit/session"])
def test_a_listed_front_end_may_call_the_gateway(address: str, client: Client) -> None:
    allowed = preflight(client, address)

    assert allowed["Access-Control-Allow-Origin"] == FRONT_END
    assert allowed["Access-Control-Allow-Credentials"] == "true"
    assert "x-csrftoken" in allowed["Access-Control-Allow-Headers"]


def test_and_read_when_to_come_back(client: Client, db: None) -> None:
    answer = client.post("/chatkit/session", headers={"Origin": FRONT_END})

    assert answer.status_code == 401
    assert answer.headers["Access-Control-Expose-Headers"] == "Retry-After"
    assert "origin" in answer.headers["Vary"]


@pytest.mark.parametrize("address", ["/accounts/login/", "/", "/readyz", "/chatkit"])
def test_but_nothing_else(address: str, client: Client) -> None:
    assert "Access-Control-Allow-Origin" not in preflight(client, address)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{FRONT_END}.evil.example"])
def test_nobody_else_may(origin: str, client: Client) -> None:
    headers = preflight(client, "/chatkit/session", origin)

    assert "Access-Control-Allow-Origin" not in headers
