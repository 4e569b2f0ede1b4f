"""A real session: made, cancelled at once, and each refusal explained."""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.checks import CheckMessage
from django.db import connection

from chatkit_gateway import capacity, errors, fingerprints
from chatkit_gateway.conf import Assistant
from chatkit_gateway.doctor.findings import Level
from chatkit_gateway.errors import Refusal
from chatkit_gateway.models import Issuance
from chatkit_gateway.testkit.emulator import Emulator
from tests.doctor.conftest import Configure, examine

SESSIONS = "/v1/chatkit/sessions"


def state_of(user: User) -> dict[str, str]:
    """Stand in for state variables of a site: ask for what only a saved user has."""
    return {"groups": ",".join(group.name for group in user.groups.all())}


class Unprepared:
    """A backend of a site, which has nothing to work with."""

    mode = "hosted"
    workflow_id = ""

    def __init__(self, assistant: Assistant) -> None:
        pass

    def prepare(self, user: User) -> None:
        raise Refusal(errors.MISSING_API_KEY)

    def issue(self) -> None: ...

    def cancel(self, session_id: str) -> None: ...

    @classmethod
    def check(cls, assistant: Assistant, today: date) -> list[CheckMessage]:
        return []


def test_made_and_cancelled(healthy: Emulator) -> None:
    report = examine()

    assert "Made in" in report.the("session.create", Level.OK).found
    report.the("session.cancel", Level.OK)
    [session] = healthy.sessions.values()
    assert session.status == "cancelled"
    assert session.client_secret not in report.text


def test_for_nobody(healthy: Emulator, member: User) -> None:
    """Its pseudonym is no member's, and as nobody gets the secret, there is no audit row."""
    examine()

    [session] = healthy.sessions.values()
    assert session.user != fingerprints.pseudonym(member)
    assert len(session.user) == 64
    assert Issuance.objects.count() == 0


def test_not_wished(healthy: Emulator) -> None:
    report = examine(with_session=False)

    report.the("session.create", Level.INFO)
    assert healthy.sessions == {}


@pytest.mark.parametrize(
    ("fault", "code", "found", "advice"),
    [
        ("wrong_key", "upstream_rejected_key", "answered 401", "wrong or revoked"),
        ("forbidden", "upstream_rejected_key", "answered 403", "organisation verified"),
        ("workflow_not_found", "workflow_not_found", "answered 404", "another organisation or"),
        ("bad_request", "upstream_rejected_request", "answered 400", "'latest' is not a version"),
        ("rate_limited", "upstream_rate_limited", "answered 429", "budget is used up"),
        ("server_error", "upstream_unavailable", "answered 500", "status.openai.com"),
        ("redirect", "upstream_invalid_response", "answered 302", "base_url"),
        ("reset", "upstream_unavailable", "Refused after", "could not be reached"),
        ("not_json", "upstream_invalid_response", "Refused after", "any proxy between"),
        ("secret_missing", "upstream_invalid_response", "Refused after", "no client secret"),
    ],
)
def test_refusals(fault: str, code: str, found: str, advice: str, healthy: Emulator) -> None:
    healthy.fail(fault, path=SESSIONS)

    finding = examine().the("session.create", Level.PROBLEM)

    assert code in finding.found
    assert found in finding.found
    assert advice in str(finding.to_do)


def test_no_answer_in_time(healthy: Emulator, configure: Configure) -> None:
    configure(UPSTREAM={"read": 0.2, "total": 0.4})
    healthy.fail("hang", path=SESSIONS)

    assert "upstream_timeout" in examine().the("session.create", Level.PROBLEM).found


@pytest.mark.parametrize("fault", ["wrong_key", "workflow_not_found"])
def test_key_that_hides_another(fault: str, healthy: Emulator, configure: Configure) -> None:
    configure(ORIGINS={"api_key": "environment shadows .env"})
    healthy.fail(fault, path=SESSIONS)

    finding = examine().the("session.create", Level.PROBLEM)

    assert "hides the one in .env" in str(finding.to_do)


def test_cannot_be_cancelled(healthy: Emulator) -> None:
    healthy.fail("server_error", path=f"{SESSIONS}/*/cancel")

    report = examine()

    report.the("session.create", Level.OK)
    [session_id] = healthy.sessions
    assert session_id in report.the("session.cancel", Level.WARNING).found


def test_process_that_rests(healthy: Emulator, configure: Configure) -> None:
    configure(UPSTREAM={"rest_after": 1})
    healthy.fail("server_error", path=SESSIONS, times=1)
    examine()

    finding = examine().the("session.create", Level.PROBLEM)

    assert "upstream_paused" in finding.found
    capacity.reset()


def test_backend_that_refuses_before_it_asks(healthy: Emulator, settings: Any) -> None:
    default = settings.CHATKIT_GATEWAY["ASSISTANTS"]["default"]
    default = default | {"BACKEND": f"{__name__}.{Unprepared.__name__}"}
    settings.CHATKIT_GATEWAY |= {"ASSISTANTS": {"default": default}}

    report = examine()

    assert "missing_api_key" in report.the("session.create", Level.PROBLEM).found
    # Of a backend of the site's own nothing else is known.
    report.the("credentials.backend", Level.INFO)
    assert report.of("workflow.end") == report.of("network.dns") == []


def test_callable_that_needs_a_saved_user(healthy: Emulator, configure: Configure) -> None:
    configure(options={"state_variables": f"{__name__}.{state_of.__name__}"})

    finding = examine().the("session.create", Level.WARNING)

    assert "ValueError" in finding.found
    assert "state_variables" in finding.to_do


def test_is_logged_without_its_secret(healthy: Emulator, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        examine()

    [(session_id, session)] = healthy.sessions.items()
    assert session_id in caplog.text
    assert session.client_secret not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_holds_no_database_connection(healthy: Emulator) -> None:
    connection.ensure_connection()

    examine()

    assert connection.connection is None
