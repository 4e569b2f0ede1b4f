"""Where the portal's settings come from: the environment, `.env`, and which of them wins."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pitchguard_site.environment import Environment, load

ROOT = Path(__file__).resolve().parents[1]
SECRET = {"DJANGO_SECRET_KEY": "only-for-tests-" * 4}

Write = Callable[[str], str]


@pytest.fixture
def dotenv(tmp_path: Path) -> Write:
    """Return a function that writes a `.env` and returns its path."""

    def write(text: str) -> str:
        path = tmp_path / ".env"
        path.write_text(text)
        return str(path)

    return write


def setting(expression: str, **environment: str) -> Any:
    """Return what a setting of the portal is in a process with this environment alone."""
    answered = subprocess.run(
        [sys.executable, "-c", f"from pitchguard_site import settings as s; print({expression})"],
        cwd=ROOT,
        env={"DJANGO_ENV_FILE": "", **environment},
        capture_output=True,
        text=True,
    )
    assert answered.returncode == 0, answered.stderr
    return answered.stdout.strip()


class TestPrecedence:
    def test_the_process_wins(self, dotenv: Write) -> None:
        env = Environment({"NAME": "process"}, dotenv("NAME=file\n"))

        assert env.str("NAME") == "process"

    def test_the_file_fills_in(self, dotenv: Write) -> None:
        env = Environment({}, dotenv("NAME=file\n"))

        assert env.str("NAME") == "file"

    @pytest.mark.parametrize("empty", ["NAME=", "NAME=''", 'NAME=""'])
    def test_empty_means_missing(self, empty: str, dotenv: Write) -> None:
        assert Environment({}, dotenv(empty)).str("NAME", "default") == "default"
        assert Environment({"NAME": ""}, dotenv("NAME=file")).str("NAME") == "file"

    def test_nothing_is_left_in_the_process(
        self, dotenv: Write, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DJANGO_ENV_FILE", dotenv("OPENAI_API_KEY=sk-file\n"))

        assert load(ROOT).str("OPENAI_API_KEY") == "sk-file"
        assert "OPENAI_API_KEY" not in os.environ

    def test_a_file_that_is_not_there_is_none(self, tmp_path: Path) -> None:
        assert Environment({}, str(tmp_path / "nowhere")).str("NAME", "default") == "default"

    def test_one_file_does_not_leak_into_the_next(self, dotenv: Write) -> None:
        Environment({}, dotenv("NAME=file\n"))

        assert Environment({}, "").str("NAME", "default") == "default"


class TestDollar:
    """django-environ would take a value that starts with one for the name of another variable."""

    VALUES = ("$ecret", "$HOME", "pa$$word", r"a\$b", "$")

    @pytest.mark.parametrize("value", VALUES)
    def test_in_the_process(self, value: str) -> None:
        assert Environment({"NAME": value, "HOME": "/"}, "").str("NAME", "") == value

    @pytest.mark.parametrize("value", VALUES)
    def test_in_the_file(self, value: str, dotenv: Write) -> None:
        assert Environment({}, dotenv(f"NAME={value}\n")).str("NAME", "") == value

    def test_in_a_list_and_in_an_address(self) -> None:
        env = Environment({"LIST": "$a,b$", "URL": "postgres://me:$ecret@localhost/portal"}, "")

        assert env.list("LIST") == ["$a", "b$"]
        assert env.db("URL")["PASSWORD"] == "$ecret"


class TestOrigins:
    @pytest.mark.parametrize(
        ("process", "file", "expected"),
        [
            ({"KEY": "a"}, "", {"api_key": "environment"}),
            ({}, "KEY=a", {"api_key": ".env"}),
            ({"KEY": "a"}, "KEY=b", {"api_key": "environment shadows .env"}),
            ({"KEY": "a"}, "KEY=a", {"api_key": "environment"}),
            ({"KEY": ""}, "KEY=b", {"api_key": ".env"}),
            ({"KEY": "a"}, "KEY=", {"api_key": "environment"}),
            ({}, "", {}),
        ],
        ids=str,
    )
    def test_are_told_apart(
        self, process: dict[str, str], file: str, expected: dict[str, str], dotenv: Write
    ) -> None:
        assert Environment(process, dotenv(file)).origins({"api_key": "KEY"}) == expected

    def test_reach_the_gateway(self) -> None:
        assert (
            setting("s.CHATKIT_GATEWAY['ORIGINS']", **SECRET, OPENAI_API_KEY="sk-x")
            == "{'api_key': 'environment'}"
        )


class TestPortal:
    def test_needs_a_secret_key(self) -> None:
        with pytest.raises(AssertionError, match="Set DJANGO_SECRET_KEY to a long random value"):
            setting("s.SECRET_KEY")

    def test_has_one_for_debugging(self) -> None:
        assert setting("len(s.SECRET_KEY) >= 50", DJANGO_DEBUG="true") == "True"

    @pytest.mark.parametrize(
        ("environment", "secure"),
        [
            ({}, "True"),
            ({"DJANGO_DEBUG": "true"}, "False"),
            ({"DJANGO_SECURE": "false"}, "False"),
            ({"DJANGO_DEBUG": "true", "DJANGO_SECURE": "true"}, "True"),
        ],
        ids=str,
    )
    def test_is_secure_unless_told_otherwise(
        self, environment: dict[str, str], secure: str
    ) -> None:
        everything = (
            "{s.SECURE_SSL_REDIRECT, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,"
            " s.SECURE_HSTS_SECONDS > 0}"
        )

        assert setting(everything, **SECRET, **environment) == f"{{{secure}}}"

    @pytest.mark.parametrize(
        ("proxies", "header"),
        [("", "None"), ("0", "None"), ("1", "('HTTP_X_FORWARDED_PROTO', 'https')")],
    )
    def test_believes_the_forwarded_scheme_of_trusted_proxies_only(
        self, proxies: str, header: str
    ) -> None:
        found = setting("s.SECURE_PROXY_SSL_HEADER", **SECRET, DJANGO_TRUSTED_PROXIES=proxies)

        assert found == header

    def test_sqlite_waits_its_turn(self) -> None:
        options = setting("s.DATABASES['default']['OPTIONS']", **SECRET)

        assert "journal_mode=WAL" in options
        assert "'transaction_mode': 'IMMEDIATE'" in options
        assert "'timeout': 20" in options

    def test_postgresql_gets_a_pool(self) -> None:
        options = setting(
            "s.DATABASES['default']['OPTIONS']", **SECRET, DATABASE_URL="postgres:///portal"
        )

        assert "'pool'" in options

    def test_the_emulator_stands_in_for_the_api_and_the_cdn(self) -> None:
        emulated = {"CHATKIT_EMULATOR_URL": "http://127.0.0.1:8787"}

        base_url = "s.CHATKIT_GATEWAY['ASSISTANTS']['default']['OPTIONS']['base_url']"
        assert setting(base_url, **SECRET, **emulated) == "http://127.0.0.1:8787/v1"
        assert setting("s.CHATKIT_GATEWAY['SCRIPT_URL']", **SECRET, **emulated) == (
            "http://127.0.0.1:8787/deployments/chatkit/chatkit.js"
        )
