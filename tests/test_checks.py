"""Every system check: when it speaks, how loudly, of what, and what it advises."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.checks import CheckMessage, Error, Info, Warning, run_checks
from django.core.checks.registry import registry

from chatkit_gateway import checks, conf
from chatkit_gateway.backends import hosted_options
from tests.conftest import API_KEY, WORKFLOW

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "chatkit_gateway"
LAST_DAY = date(2026, 11, 30)
LEVELS: dict[str, type[CheckMessage]] = {"E": Error, "W": Warning, "I": Info}
IDS = {
    *(f"E{number:03}" for number in range(1, 10)),
    *(f"W{number:03}" for number in range(1, 11)),
    *("I001", "I002"),
}
ORIGIN = "https://app.example.org"
BAD_PATHS = [
    "nowhere.at.all",
    "json.nothing",
    "word",
    ".json",
    "..json.dumps",
    "tests.test_checks.ORIGIN",
]
"""What a dotted path may look like that leads to nothing callable."""

Configure = Callable[..., None]


@pytest.fixture(autouse=True)
def correct(configure: Configure) -> None:
    """Start from a configuration with nothing to complain about."""
    configure(options={"api_key": API_KEY, "workflow_id": WORKFLOW}, IDENTITY_KEY="k" * 50)


@pytest.fixture
def configure_assistant(settings: Any) -> Configure:
    """Change the assistant's own keys."""

    def change(**keys: Any) -> None:
        default = settings.CHATKIT_GATEWAY["ASSISTANTS"]["default"]
        settings.CHATKIT_GATEWAY |= {"ASSISTANTS": {"default": default | keys}}

    return change


def found(today: date = LAST_DAY) -> list[CheckMessage]:
    """Return what the checks say on a day, but for the end of hosted workflows."""
    return [
        message
        for message in checks.check(today)
        if message.id not in {"chatkit_gateway.I001", "chatkit_gateway.W007"}
    ]


def the_only_one(code: str) -> CheckMessage:
    """Return the one message there is; it has this id, the level of its letter, and a hint."""
    [message] = found()
    assert message.id == f"chatkit_gateway.{code}"
    assert type(message) is LEVELS[code[0]]
    assert message.hint
    return message


def test_a_correct_configuration_only_counts_the_days() -> None:
    [message] = checks.check(LAST_DAY)

    assert message.id == "chatkit_gateway.I001"


def test_every_setting_has_its_type() -> None:
    assert set(checks.GATEWAY_TYPES) == {field.name.upper() for field in fields(conf.Gateway)}
    assert set(checks.UPSTREAM_TYPES) == {field.name for field in fields(conf.Upstream)}
    own = {field.name.upper() for field in fields(conf.Assistant)} - {"ALIAS"}
    assert set(checks.ASSISTANT_TYPES) == own


def test_widget_options_are_those_of_chatkit() -> None:
    types = (ROOT / "node_modules/@openai/chatkit/types/index.d.ts").read_text()
    body = types.partition("export type ChatKitOptions = {\n")[2].partition("\n};")[0]
    named = [
        line.strip().partition(":")[0].rstrip("?")
        for line in body.splitlines()
        if line.startswith("  ") and line[2].isalpha()
    ]

    assert set(named) - {"api"} == set(checks.WIDGET_OPTIONS)


class TestUnknownKey:
    @pytest.mark.parametrize(
        ("change", "place"),
        [
            ({"COLOUR": "red"}, "CHATKIT_GATEWAY has the unknown key 'COLOUR'"),
            ({"UPSTREAM": {"patience": 1}}, "['UPSTREAM'] has the unknown key 'patience'"),
            ({"QUOTAS": {"week": 1}}, "['QUOTAS'] has the unknown key 'week'"),
            ({"options": {"model": "x"}}, "['default']['OPTIONS'] has the unknown key 'model'"),
        ],
    )
    def test_in_the_gateway(self, change: dict[str, Any], place: str, configure: Configure) -> None:
        configure(**change)

        assert place in the_only_one("E001").msg

    def test_in_an_assistant(self, configure_assistant: Configure) -> None:
        configure_assistant(NAME="Pitch")

        message = the_only_one("E001")

        assert "['default'] has the unknown key 'NAME'" in message.msg
        assert "TITLE" in str(message.hint)


class TestWrongType:
    """E003, for every setting there is."""

    @pytest.mark.parametrize("value", [None, [], "hosted", 3])
    def test_of_the_whole(self, value: Any, settings: Any) -> None:
        settings.CHATKIT_GATEWAY = value

        assert the_only_one("E003").msg.startswith("CHATKIT_GATEWAY must be dict, not ")

    @pytest.mark.parametrize("key", checks.GATEWAY_TYPES)
    def test_of_a_setting(self, key: str, settings: Any) -> None:
        settings.CHATKIT_GATEWAY |= {key: b"bytes"}

        assert the_only_one("E003").msg.startswith(f"CHATKIT_GATEWAY['{key}'] must be ")

    @pytest.mark.parametrize("key", checks.ASSISTANT_TYPES)
    def test_of_an_assistants_key(self, key: str, configure_assistant: Configure) -> None:
        configure_assistant(**{key: b"bytes"})

        assert f"['default']['{key}'] must be " in the_only_one("E003").msg

    @pytest.mark.parametrize("key", checks.UPSTREAM_TYPES)
    @pytest.mark.parametrize("value", ["3", None, True, [], 0, -1, float("nan"), float("inf")])
    def test_of_an_upstream_limit(self, key: str, value: Any, configure: Configure) -> None:
        configure(UPSTREAM={key: value})

        assert f"['UPSTREAM']['{key}']" in the_only_one("E003").msg

    @pytest.mark.parametrize("name", hosted_options.TYPES)
    def test_of_an_option(self, name: str, configure: Configure) -> None:
        configure(options={name: b"bytes"})

        [message] = [message for message in found() if message.id == "chatkit_gateway.E003"]

        assert f"['default']['OPTIONS']['{name}'] must be " in message.msg

    @pytest.mark.parametrize("name", ["expires_after", "requests_per_minute"])
    @pytest.mark.parametrize("value", [0, -1, True, 1.5, "600"])
    def test_of_a_number(self, name: str, value: Any, configure: Configure) -> None:
        configure(options={name: value})

        assert f"['{name}'] must be " in the_only_one("E003").msg

    @pytest.mark.parametrize("value", ["60", -1, True, 1.5])
    def test_of_a_quota(self, value: Any, configure: Configure) -> None:
        configure(QUOTAS={"hour": value})

        assert "CHATKIT_GATEWAY['QUOTAS']['hour'] must be " in the_only_one("E003").msg

    @pytest.mark.parametrize("key", ["RETENTION_DAYS", "TRUSTED_PROXIES"])
    @pytest.mark.parametrize("value", [-1, True, "365"])
    def test_of_a_whole_number(self, key: str, value: Any, configure: Configure) -> None:
        configure(**{key: value})

        assert f"CHATKIT_GATEWAY['{key}']" in the_only_one("E003").msg

    @pytest.mark.parametrize("alias", ["", "x" * 65, 1, None])
    def test_of_an_alias(self, alias: Any, settings: Any) -> None:
        entry = settings.CHATKIT_GATEWAY["ASSISTANTS"]["default"]
        settings.CHATKIT_GATEWAY["ASSISTANTS"] = {alias: entry}

        assert "an alias must be a text" in the_only_one("E003").msg

    def test_of_an_assistant(self, configure: Configure, settings: Any) -> None:
        settings.CHATKIT_GATEWAY["ASSISTANTS"] = {"default": HostedLookalike}

        assert "['ASSISTANTS']['default'] must be dict" in the_only_one("E003").msg


class TestRightTypes:
    @pytest.mark.parametrize(
        "change",
        [
            {"QUOTAS": None},
            {"QUOTAS": {"hour": 0, "day": None}},
            {"QUOTAS": "tests.test_checks.found"},
            {"GATE": "tests.test_checks.found"},
            {"GATE": None, "PSEUDONYM": None, "AUDIT_SINK": None, "SCRIPT_URL": None},
            {"GATE": ""},
            {"UPSTREAM": {"connect": 1, "read": 2.5, "in_flight": 1}},
            {"RETENTION_DAYS": 0},
            {"options": dict.fromkeys(("organization", "project", "base_url"), "")},
            {"options": dict.fromkeys(("workflow_version", "state_variables", "history"))},
            {"options": {"file_upload": False, "history": True}},
            {"options": {"file_upload": {"enabled": True, "max_files": 3}}},
            {"options": {"state_variables": {"plan": "club"}}},
            {"options": {"state_variables": "tests.test_checks.found"}},
        ],
        ids=str,
    )
    def test_are_accepted(self, change: dict[str, Any], configure: Configure) -> None:
        configure(**change)

        assert found() == []


class HostedLookalike:
    """Importable, but no backend."""


@pytest.mark.parametrize("path", ["", *BAD_PATHS, "tests.test_checks.HostedLookalike"])
def test_unknown_backend(path: str, configure_assistant: Configure) -> None:
    configure_assistant(BACKEND=path)

    message = the_only_one("E002")

    assert f"['ASSISTANTS']['default']['BACKEND'] names '{path}'" in message.msg
    assert "HostedBackend" in str(message.hint)


class TestDottedPath:
    @pytest.mark.parametrize("path", BAD_PATHS)
    @pytest.mark.parametrize("key", ["GATE", "PSEUDONYM", "AUDIT_SINK", "QUOTAS"])
    def test_of_the_gateway(self, key: str, path: str, configure: Configure) -> None:
        configure(**{key: path})

        assert f"CHATKIT_GATEWAY['{key}'] names '{path}'" in the_only_one("E004").msg

    def test_of_an_assistant(self, configure_assistant: Configure) -> None:
        configure_assistant(QUOTAS="nowhere.at.all")

        assert "['ASSISTANTS']['default']['QUOTAS'] names" in the_only_one("E004").msg

    @pytest.mark.parametrize("path", BAD_PATHS)
    def test_of_state_variables(self, path: str, configure: Configure) -> None:
        configure(options={"state_variables": path})

        assert f"['OPTIONS']['state_variables'] names '{path}'" in the_only_one("E004").msg


@pytest.mark.parametrize("option", ["api", "colour"])
def test_unknown_widget_option(option: str, configure_assistant: Configure) -> None:
    configure_assistant(WIDGET={option: {}})

    message = the_only_one("E005")

    assert f"['default']['WIDGET'] has the unknown option '{option}'" in message.msg
    assert "startScreen" in str(message.hint)


def test_empty_quotas_lead_nowhere(configure: Configure) -> None:
    configure(QUOTAS="")

    assert "['QUOTAS'] names ''" in the_only_one("E004").msg


def test_a_database_that_cannot_count() -> None:
    """In a process of its own: Django's stand-in for no database cannot, as MySQL cannot."""
    dummy = {"DATABASES": {"default": {"ENGINE": "django.db.backends.dummy"}}}
    finished = subprocess.run(
        [sys.executable, "manage.py", "check", "--tag", "chatkit"],
        cwd=ROOT,
        env={
            "DJANGO_ENV_FILE": "",
            "DJANGO_SECRET_KEY": "only-for-tests-" * 4,
            "DJANGO_SETTINGS_MODULE": "tests.portal_settings",
            "TEST_PORTAL_SETTINGS": json.dumps(dummy),
        },
        capture_output=True,
        text=True,
    )

    assert finished.returncode
    assert "(chatkit_gateway.E007) Quotas cannot be counted" in finished.stderr


def test_unknown_fallback(configure_assistant: Configure) -> None:
    configure_assistant(FALLBACK="nobody")

    assert "['FALLBACK'] names the unknown assistant 'nobody'" in the_only_one("E006").msg


class TestCredentials:
    """Warnings: the site starts, and answers 503 until they are mended."""

    @pytest.mark.parametrize("value", ["", None])
    @pytest.mark.parametrize(
        ("option", "code", "variable"),
        [
            ("api_key", "W001", "OPENAI_API_KEY"),
            ("workflow_id", "W002", "CHATKIT_WORKFLOW_ID"),
        ],
    )
    def test_missing(
        self, option: str, code: str, variable: str, value: str | None, configure: Configure
    ) -> None:
        configure(options={option: value})

        message = the_only_one(code)

        assert "The assistant 'default' has no " in message.msg
        assert variable in str(message.hint)

    @pytest.mark.parametrize(
        "workflow_id", ["wf_", "workflow", "wf_a b", "wf_a\n", "WF_abc", "wf_" + "x" * 201]
    )
    def test_malformed_workflow_id(self, workflow_id: str, configure: Configure) -> None:
        configure(options={"workflow_id": workflow_id})

        assert "of the assistant 'default' is malformed" in the_only_one("W003").msg

    @pytest.mark.parametrize("workflow_id", ["wf_a", "wf_" + "x" * 200, "wf_a-B_9"])
    def test_well_formed_workflow_id(self, workflow_id: str, configure: Configure) -> None:
        configure(options={"workflow_id": workflow_id})

        assert found() == []

    @pytest.mark.parametrize("api_key", [f"{API_KEY}\n", f" {API_KEY}", "sk-ключ"])
    def test_malformed_api_key(self, api_key: str, configure: Configure) -> None:
        configure(options={"api_key": api_key})

        message = the_only_one("W009")

        assert "The API key of the assistant 'default' is malformed" in message.msg
        assert api_key.strip() not in message.msg + str(message.hint)

    def test_version_latest(self, configure: Configure) -> None:
        configure(options={"workflow_version": "latest"})

        assert "'latest'" in the_only_one("W004").msg


class TestCrossOrigin:
    @pytest.fixture(autouse=True)
    def at_home(self, settings: Any) -> None:
        """Serve the site under the same domain as the front end."""
        settings.ALLOWED_HOSTS = ["portal.example.org"]

    def test_allowed_by_cors_alone(self, settings: Any) -> None:
        settings.CORS_ALLOWED_ORIGINS = [ORIGIN]

        message = the_only_one("W005")

        assert f"CORS allows {ORIGIN}" in message.msg
        assert "CSRF_TRUSTED_ORIGINS" in str(message.hint)

    @pytest.mark.parametrize("trusted", [ORIGIN, "https://*.example.org"])
    def test_a_pair(self, trusted: str, settings: Any) -> None:
        settings.CORS_ALLOWED_ORIGINS = [ORIGIN]
        settings.CSRF_TRUSTED_ORIGINS = [trusted]

        assert found() == []

    @pytest.mark.parametrize(
        "trusted",
        ["http://*.example.org", "https://*.other.org", "https://example.org"],
    )
    def test_a_near_miss(self, trusted: str, settings: Any) -> None:
        settings.CORS_ALLOWED_ORIGINS = [ORIGIN]
        settings.CSRF_TRUSTED_ORIGINS = [trusted]

        assert ORIGIN in the_only_one("W005").msg

    def test_by_the_older_name(self, settings: Any) -> None:
        del settings.CORS_ALLOWED_ORIGINS
        settings.CORS_ORIGIN_WHITELIST = [ORIGIN]

        assert ORIGIN in the_only_one("W005").msg

    def test_without_cookies(self, settings: Any) -> None:
        settings.CORS_ALLOWED_ORIGINS = settings.CSRF_TRUSTED_ORIGINS = [ORIGIN]
        settings.CORS_ALLOW_CREDENTIALS = False

        assert "CORS_ALLOW_CREDENTIALS" in str(the_only_one("W006").hint)

    @pytest.mark.parametrize(
        ("setting", "value"),
        [
            ("CORS_ALLOW_ALL_ORIGINS", True),
            ("CORS_ORIGIN_ALLOW_ALL", True),
            ("CORS_ALLOWED_ORIGIN_REGEXES", [ORIGIN, ".*"]),
            ("CORS_ALLOWED_ORIGIN_REGEXES", [re.compile(r"https://[\w.-]+")]),
        ],
    )
    def test_everybody_with_cookies(self, setting: str, value: Any, settings: Any) -> None:
        setattr(settings, setting, value)

        message = the_only_one("E008")

        assert "every origin" in message.msg
        assert "CORS_ALLOWED_ORIGINS" in str(message.hint)

    def test_a_star_with_cookies(self, settings: Any) -> None:
        settings.CORS_ALLOWED_ORIGINS = ["*"]

        assert "E008" in {message.id.partition(".")[2] for message in found() if message.id}

    def test_everybody_without_cookies(self, settings: Any) -> None:
        settings.CORS_ALLOW_ALL_ORIGINS = True
        settings.CORS_ALLOW_CREDENTIALS = False

        assert found() == []

    def test_a_pattern_of_ones_own(self, settings: Any) -> None:
        settings.CORS_ALLOWED_ORIGIN_REGEXES = [r"^https://\w+\.example\.org$"]

        assert found() == []

    @pytest.mark.parametrize("cookie", ["SESSION_COOKIE", "CSRF_COOKIE"])
    def test_a_cookie_for_every_site_without_tls(self, cookie: str, settings: Any) -> None:
        setattr(settings, f"{cookie}_SAMESITE", "None")

        message = the_only_one("E009")

        assert f"{cookie}_SAMESITE is 'None' without {cookie}_SECURE" in message.msg
        assert f"{cookie}_SECURE = True" in str(message.hint)

    def test_a_cookie_that_is_not_used(self, settings: Any) -> None:
        settings.CSRF_USE_SESSIONS, settings.CSRF_COOKIE_SAMESITE = True, "None"

        assert found() == []

    @pytest.mark.parametrize(
        ("hosts", "origin"),
        [
            (["portal.example.org"], "https://app.example.com"),
            (["portal.example.org", "www.example.net"], "https://example.com"),
            (["localhost"], "http://127.0.0.1:5173"),
            ([], "https://app.example.org"),
            (["portal.club.ac.uk"], "https://app.school.ac.uk"),
        ],
    )
    def test_another_site(self, hosts: list[str], origin: str, settings: Any) -> None:
        settings.ALLOWED_HOSTS = hosts
        settings.CORS_ALLOWED_ORIGINS = settings.CSRF_TRUSTED_ORIGINS = [origin]

        message = the_only_one("W010")

        assert f"CORS allows {origin}, which is on another site" in message.msg
        assert "SESSION_COOKIE_SAMESITE and CSRF_COOKIE_SAMESITE to 'None'" in str(message.hint)

    def test_the_same_name_without_tls(self, settings: Any) -> None:
        settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
        settings.CORS_ALLOWED_ORIGINS = settings.CSRF_TRUSTED_ORIGINS = ["http://app.example.org"]

        assert "http://app.example.org" in the_only_one("W010").msg

    @pytest.mark.parametrize(
        ("hosts", "origin"),
        [
            ([".example.org"], "https://example.org"),
            (["localhost"], "http://localhost:5173"),
            ([], "http://localhost:5173"),
            (["[::1]"], "http://[::1]:5173"),
            (["127.0.0.1"], "http://127.0.0.1:5173"),
            (["portal.club.ac.uk"], "https://app.club.ac.uk"),
            (["*"], "https://anywhere.example.com"),
        ],
    )
    def test_the_same_site(self, hosts: list[str], origin: str, settings: Any) -> None:
        settings.ALLOWED_HOSTS = hosts
        settings.CORS_ALLOWED_ORIGINS = settings.CSRF_TRUSTED_ORIGINS = [origin]

        assert found() == []

    def test_another_site_with_cookies_that_go_there(self, settings: Any) -> None:
        settings.CORS_ALLOWED_ORIGINS = settings.CSRF_TRUSTED_ORIGINS = ["https://app.example.com"]
        for cookie in ("SESSION_COOKIE", "CSRF_COOKIE"):
            setattr(settings, f"{cookie}_SAMESITE", "None")
            setattr(settings, f"{cookie}_SECURE", True)

        assert found() == []


class TestEndOfHosting:
    @pytest.mark.parametrize(
        ("today", "code", "words"),
        [
            (date(2026, 11, 1), "I001", "29 days left"),
            (date(2026, 11, 29), "I001", "1 days left"),
            (LAST_DAY, "I001", "0 days left"),
            (date(2026, 12, 1), "W007", "OpenAI ended those on 2026-11-30"),
            (date(2030, 1, 1), "W007", "OpenAI ended those on 2026-11-30"),
        ],
    )
    def test_gets_louder(self, today: date, code: str, words: str) -> None:
        [message] = checks.check(today)

        assert message.id == f"chatkit_gateway.{code}"
        assert type(message) is LEVELS[code[0]]
        assert "The assistant 'default'" in message.msg
        assert words in message.msg
        assert message.hint

    @pytest.mark.parametrize(
        ("moment", "code"), [("2026-11-30T23:59:59Z", "I001"), ("2026-12-01T00:00:00Z", "W007")]
    )
    def test_by_the_clock(self, moment: str, code: str) -> None:
        with time_machine.travel(moment):
            [message] = run_checks(tags=["chatkit"])

        assert message.id == f"chatkit_gateway.{code}"


@pytest.mark.parametrize("address", ["/static/", "https://cdn.example.org/"])
def test_own_widget_for_a_hosted_assistant(address: str, configure: Configure) -> None:
    configure(SCRIPT_URL=f"{address}{conf.OWN_SCRIPT}")

    assert "SCRIPT_URL" in str(the_only_one("W008").hint)


@pytest.mark.parametrize("key", ["", None])
def test_pseudonyms_keyed_by_the_secret_key(key: str | None, configure: Configure) -> None:
    configure(IDENTITY_KEY=key)

    assert "IDENTITY_KEY" in str(the_only_one("I002").hint)


def test_registered_once() -> None:
    ours = [check for check in registry.get_checks() if check.__module__ == checks.__name__]

    assert ours == [checks.check_gateway]
    assert ours[0].tags == ("chatkit",)  # type: ignore[attr-defined]


def test_every_id_has_the_level_of_its_letter_and_is_tested() -> None:
    made = {
        (code, ast.unparse(call.func))
        for path in PACKAGE.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        for word in call.keywords
        if word.arg == "id" and isinstance(word.value, ast.Constant)
        for code in re.findall(r"^chatkit_gateway\.(\w+)$", word.value.value)
    }

    assert {code for code, _ in made} == IDS
    assert all(level == LEVELS[code[0]].__name__ for code, level in made)
    tested = Path(__file__).read_text().partition("def test_")[2]
    assert all(f'"{code}"' in tested or f".{code}" in tested for code in IDS)


def test_the_manual_has_every_id_and_every_setting() -> None:
    manual = (ROOT / "docs/settings.md").read_text()

    for code in IDS:
        assert f"| `chatkit_gateway.{code}` | {LEVELS[code[0]].__name__} |" in manual
    for key in (
        *checks.GATEWAY_TYPES,
        *checks.ASSISTANT_TYPES,
        *checks.UPSTREAM_TYPES,
        *hosted_options.TYPES,
    ):
        assert f"\n| `{key}` |" in manual, key


def test_a_site_without_a_key_passes_its_checks_and_is_told() -> None:
    finished = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={"DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "(chatkit_gateway.W001)" in finished.stderr
    assert "(chatkit_gateway.W002)" in finished.stderr
