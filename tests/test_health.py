"""What a load balancer asks: is the process up, and can it do its work?"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.catalogue import compile_catalogue
from tests.conftest import API_KEY, WORKFLOW
from tests.database_faults import audit_is_gone

pytestmark = pytest.mark.database

ROOT = Path(__file__).resolve().parents[1]
ASK_WITHOUT_DATABASE = """
import django, json
django.setup()
from django.test import Client
stranger, visitor = Client(SERVER_NAME="localhost"), Client(SERVER_NAME="localhost")
visitor.cookies["sessionid"] = "a" * 32
asked = [stranger.get("/healthz"), stranger.get("/readyz"), visitor.get("/readyz")]
print(json.dumps([[answer.status_code, answer.content.decode()] for answer in asked]))
"""

Configure = Callable[..., None]


@pytest.fixture(autouse=True)
def complete(db: None, configure: Configure) -> None:
    """Configure all that readiness asks for."""
    configure(options={"api_key": API_KEY, "workflow_id": WORKFLOW})


def test_healthz_touches_nothing(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer.headers["Cache-Control"]


def test_ready(client: Client) -> None:
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"ready": True})
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("option", "value", "word"),
    [
        ("api_key", "", "API key"),
        ("api_key", "sk broken", "API key"),
        ("workflow_id", "", "workflow id"),
        ("workflow_id", "workflow", "workflow id"),
        ("expires_after", "soon", "expires_after"),
    ],
)
def test_not_ready(
    option: str,
    value: str,
    word: str,
    client: Client,
    staff: User,
    configure: Configure,
    caplog: pytest.LogCaptureFixture,
) -> None:
    configure(options={option: value})

    with caplog.at_level(logging.WARNING, "pitchguard_site.health"):
        answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (503, {"ready": False})
    assert word in caplog.messages[0]
    client.force_login(staff)
    assert word in client.get("/readyz").json()["missing"][0]


def test_members_are_not_told_either(client: Client, member: User, configure: Configure) -> None:
    configure(options={"api_key": ""})
    client.force_login(member)

    assert client.get("/readyz").json() == {"ready": False}


@pytest.mark.parametrize(
    "database", ["sqlite:////nowhere/at/all.sqlite3", "sqlite:///{folder}/empty.sqlite3"]
)
def test_not_ready_without_a_database(database: str, tmp_path: Path) -> None:
    """In a process of its own, whose database really is not there, or not migrated."""
    answered = subprocess.run(
        [sys.executable, "-c", ASK_WITHOUT_DATABASE],
        cwd=ROOT,
        env={
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "TEST_DATABASE_URL": database.format(folder=tmp_path),
        },
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(answered.stdout) == [[200, "ok\n"]] + [[503, '{"ready": false}']] * 2
    assert "The database does not answer, or is not migrated." in answered.stderr


@pytest.mark.django_db(transaction=True)
def test_staff_are_told_in_their_language__the_log_in_its_own(
    client: Client,
    staff: User,
    settings: Any,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    english = "The database does not answer, or is not migrated."
    compile_catalogue(tmp_path, "de", {english: "Die Datenbank antwortet nicht."})
    settings.LANGUAGES = [("en-gb", "English"), ("de", "Deutsch")]
    settings.LOCALE_PATHS = [tmp_path]
    client.force_login(staff)

    with audit_is_gone(), caplog.at_level(logging.WARNING, "pitchguard_site.health"):
        answer = client.get("/readyz", headers={"Accept-Language": "de"})

    assert answer.json()["missing"] == ["Die Datenbank antwortet nicht."]
    assert english in caplog.messages[0]


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_is_not_redirected_to_https(address: str, client: Client, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True

    assert client.get(address).status_code in {200, 503}
    assert client.get("/accounts/login/").headers["Location"].startswith("https://")
