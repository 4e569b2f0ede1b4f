"""What the settings say, before anything is asked: checks, SDK, key, workflow, end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core import checks
from django.core.checks import Info

from chatkit_gateway.doctor import showing
from chatkit_gateway.doctor.findings import Level
from chatkit_gateway.testkit.emulator import Emulator
from tests.conftest import API_KEY, WORKFLOW
from tests.doctor.conftest import Configure, Report, examine


@pytest.fixture
def look(healthy: Emulator, configure: Configure) -> Callable[..., Report]:
    """Return a function that examines with other options of the assistant, or other keys."""

    def examine_with(*, day: datetime | None = None, **change: Any) -> Report:
        options = change.pop("options", {})
        configure(options=options, **change)
        return examine(with_session=False, **({"now": day} if day else {}))

    return examine_with


Look = Callable[..., Report]


def callable_of_the_site(user: object) -> str:
    """Stand in for a PSEUDONYM of a site."""
    return "somebody"


def test_healthy(look: Look) -> None:
    report = look()

    assert report.problems() == []
    assert [finding for finding in report.findings if finding.level is Level.WARNING] == []
    report.the("settings.assistants", Level.OK)
    report.the("settings.checks", Level.OK)
    report.the("sdk.version", Level.OK)


def test_every_assistant_is_looked_at_by_itself(look: Look, settings: Any) -> None:
    assistants = settings.CHATKIT_GATEWAY["ASSISTANTS"]
    second = assistants["default"] | {"OPTIONS": {"api_key": "", "workflow_id": "wf_2"}}
    settings.CHATKIT_GATEWAY |= {"ASSISTANTS": assistants | {"second": second}}

    report = examine(with_session=False)
    keys = {finding.assistant: finding.level for finding in report.of("credentials.api_key")}
    assert keys == {"default": Level.OK, "second": Level.PROBLEM}
    # The one's problem does not keep the other from being examined.
    assert {f.assistant for f in report.of("session.create")} == {"default"}
    assert {f.assistant for f in report.of("session.examination")} == {"second"}

    alone = examine(with_session=False, alias="second")
    assert {f.assistant for f in alone.of("credentials.api_key")} == {"second"}


class TestSystemChecks:
    def test_error_with_its_symptom(self, look: Look, settings: Any) -> None:
        default = settings.CHATKIT_GATEWAY["ASSISTANTS"]["default"]
        default = default | {"WIDGET": {"colour": "red"}}
        settings.CHATKIT_GATEWAY |= {"ASSISTANTS": {"default": default}}

        found = look().the("settings.checks", Level.PROBLEM)

        assert "chatkit_gateway.E005" in found.found
        assert "InvalidFrameParamsError" in found.found
        assert "startScreen" in found.to_do

    def test_warning(self, look: Look, settings: Any) -> None:
        settings.CORS_ALLOWED_ORIGINS = ["http://localhost:5173"]

        assert "W005" in look().the("settings.checks", Level.WARNING).found

    def test_info(self, look: Look) -> None:
        def remark(**_arguments: object) -> list[Info]:
            return [Info("A site may add its own.", id="club.I001")]

        checks.register(remark, "chatkit")
        try:
            found = look().the("settings.checks", Level.INFO)
        finally:
            checks.registry.registry.registered_checks.remove(remark)
        assert found.found == "A site may add its own. (club.I001)"

    def test_silenced(self, look: Look, settings: Any) -> None:
        settings.CORS_ALLOWED_ORIGINS = ["http://localhost:5173"]
        settings.SILENCED_SYSTEM_CHECKS = ["chatkit_gateway.W005"]

        look().the("settings.checks", Level.OK)

    def test_settings_that_cannot_be_read(self, look: Look) -> None:
        report = look(UPSTREAM={"patience": 1})

        assert "TypeError" in report.the("settings.readable", Level.PROBLEM).found
        assert "patience" in report.the("settings.checks", Level.PROBLEM).found
        # The database has nothing to do with it.
        report.the("installation.database", Level.OK)
        report.the("credentials.examination", Level.INFO)
        report.the("site.examination", Level.INFO)

    def test_no_assistant(self, healthy: Emulator, settings: Any) -> None:
        settings.CHATKIT_GATEWAY |= {"ASSISTANTS": {}}
        report = examine()

        report.the("settings.assistants", Level.PROBLEM)
        assert report.of("session.create") == []

    def test_backend_that_is_not_there(self, look: Look, settings: Any) -> None:
        default = settings.CHATKIT_GATEWAY["ASSISTANTS"]["default"] | {"BACKEND": "nowhere.At"}
        settings.CHATKIT_GATEWAY |= {"ASSISTANTS": {"default": default}}

        report = look()

        assert "E002" in report.the("settings.checks", Level.PROBLEM).found
        report.the("credentials.backend", Level.INFO)


class TestKey:
    @pytest.mark.parametrize(
        ("origin", "words"),
        [
            ("environment", "sk-test…QK0e, from the environment."),
            (".env", "sk-test…QK0e, from .env."),
            (None, "sk-test…QK0e, from the settings."),
        ],
    )
    def test_where_it_came_from(self, origin: str | None, words: str, look: Look) -> None:
        report = look(ORIGINS={"api_key": origin} if origin else {})

        assert report.the("credentials.api_key", Level.OK).found == words

    def test_shadowed(self, look: Look) -> None:
        report = look(ORIGINS={"api_key": "environment shadows .env"})

        found = report.the("credentials.api_key", Level.WARNING)
        assert "hides another value in .env" in found.found
        assert "unset OPENAI_API_KEY" in found.to_do

    @pytest.mark.parametrize("missing", ["", None])
    def test_missing(self, missing: str | None, look: Look) -> None:
        found = look(options={"api_key": missing}).the("credentials.api_key", Level.PROBLEM)

        assert "OPENAI_API_KEY" in found.to_do

    @pytest.mark.parametrize("key", ["sk-with a-blank-in-the-middle", f"{API_KEY}\n", "sk-ключ"])
    def test_malformed(self, key: str, look: Look) -> None:
        report = look(options={"api_key": key})

        assert "Malformed" in report.the("credentials.api_key", Level.PROBLEM).found
        assert key.strip() not in report.text

    def test_admin_key(self, look: Look) -> None:
        report = look(options={"api_key": "sk-admin-0123456789-0123456789"})

        assert "admin key" in report.the("credentials.api_key", Level.PROBLEM).to_do

    @pytest.mark.parametrize(
        ("key", "shown"),
        [
            (API_KEY, "sk-test…QK0e"),
            ("sk-proj-0123456789abcdef", "sk-proj…cdef"),
            ("sk-proj-0123456789abcde", "…"),
            ("sk-1", "…"),
        ],
    )
    def test_what_is_shown_of_it(self, key: str, shown: str) -> None:
        assert showing.masked(key) == shown


class TestAddress:
    def test_openais_own(self, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
        # What goes there ends at a proxy that is not there: nothing leaves this machine.
        monkeypatch.setenv("HTTPS_PROXY", Emulator.unused_url())
        report = look(options={"base_url": None})

        report.the("credentials.base_url", Level.OK)
        assert "api.openai.com" in report.the("network.proxy", Level.PROBLEM).found

    def test_openais_own_but_for_the_path(
        self, look: Look, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", Emulator.unused_url())
        report = look(options={"base_url": "https://api.openai.com/"})

        assert "404" in report.the("credentials.base_url", Level.PROBLEM).to_do

    def test_of_something_else(self, look: Look) -> None:
        found = look().the("credentials.base_url", Level.INFO)

        assert "https://api.openai.com/v1" in found.found

    @pytest.mark.parametrize(
        "base_url", ["nowhere.invalid/v1", "ftp://nowhere.invalid/", "https:///v1"]
    )
    def test_malformed(self, base_url: str, look: Look) -> None:
        report = look(options={"base_url": base_url})

        report.the("credentials.base_url", Level.PROBLEM)
        report.the("network.examination", Level.INFO)

    def test_key_in_the_clear(self, look: Look) -> None:
        report = look(options={"base_url": "http://nowhere.invalid/v1"})

        assert "Use https" in report.the("credentials.base_url", Level.WARNING).to_do

    def test_password_in_it_is_not_shown(self, look: Look) -> None:
        report = look(options={"base_url": "http://ada:hunter2@127.0.0.1:1/v1?token=hunter2"})

        assert "hunter2" not in report.text

    def test_scope(self, look: Look) -> None:
        assert look().of("credentials.scope") == []
        report = look(options={"organization": "org-1", "project": "proj_2"})

        assert report.the("credentials.scope", Level.INFO).found == "org-1, proj_2"


class TestWorkflow:
    def test_well_formed(self, look: Look) -> None:
        report = look(ORIGINS={"workflow_id": ".env"})

        assert report.the("workflow.id", Level.OK).found == f"{WORKFLOW}, from .env."

    @pytest.mark.parametrize("id_", ["", None, "wf 1", "workflow_1", "wf_", "wf_\n"])
    def test_missing_or_malformed(self, id_: str | None, look: Look) -> None:
        report = look(options={"workflow_id": id_})

        report.the("workflow.id", Level.PROBLEM)
        report.the("session.examination", Level.INFO)

    def test_shadowed(self, look: Look) -> None:
        report = look(ORIGINS={"workflow_id": "environment shadows .env"})

        assert "CHATKIT_WORKFLOW_ID" in report.the("workflow.id", Level.WARNING).to_do

    @pytest.mark.parametrize(
        ("version", "level"), [(None, Level.OK), ("3", Level.INFO), ("latest", Level.PROBLEM)]
    )
    def test_version(self, version: str | None, level: Level, look: Look) -> None:
        found = look(options={"workflow_version": version}).the("workflow.version", level)

        assert ("Leave workflow_version" in found.to_do) is (version == "latest")

    @pytest.mark.parametrize(
        ("history", "level", "words"),
        [
            (True, Level.OK, "On:"),
            ({"enabled": True, "recent_threads": 5}, Level.OK, "On:"),
            (None, Level.INFO, "default"),
            (False, Level.INFO, "after a reload"),
            ({"enabled": False}, Level.INFO, "after a reload"),
        ],
    )
    def test_history(self, history: Any, level: Level, words: str, look: Look) -> None:
        assert words in look(options={"history": history}).the("workflow.history", level).found

    def test_pseudonyms_of_the_secret_key(self, look: Look) -> None:
        found = look(IDENTITY_KEY=None).the("workflow.pseudonym", Level.INFO)

        assert "this is why history was lost" in found.found
        assert "IDENTITY_KEY" in found.to_do

    def test_pseudonyms_of_the_site(self, look: Look) -> None:
        path = f"{__name__}.{callable_of_the_site.__name__}"

        look(PSEUDONYM=path).the("workflow.pseudonym", Level.INFO)

    def test_pseudonyms_with_a_key_of_their_own(self, look: Look) -> None:
        look().the("workflow.pseudonym", Level.OK)

    @pytest.mark.parametrize(
        ("day", "level", "words"),
        [
            (datetime(2026, 9, 1, tzinfo=UTC), Level.INFO, "90 days left"),
            (datetime(2026, 11, 29, tzinfo=UTC), Level.INFO, "1 day left"),
            (datetime(2026, 11, 30, 23, tzinfo=UTC), Level.INFO, "0 days left"),
            (datetime(2026, 12, 1, tzinfo=UTC), Level.WARNING, "OpenAI ended them on 2026-11-30"),
        ],
    )
    def test_end(self, day: datetime, level: Level, words: str, look: Look) -> None:
        found = look(day=day).the("workflow.end", level)

        assert words in found.found
        assert "self-hosted" in found.to_do


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Portal.example.org:443/x?y#z", "https://portal.example.org"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
        ("http://ada:hunter2@[::1]:80/", "http://[::1]"),
    ],
)
def test_origins_are_those_of_browsers(url: str, origin: str) -> None:
    assert showing.origin(url) == origin


def test_what_strangers_write_is_shown_as_one_short_line() -> None:
    assert showing.foreign("a\n\x1b[31mé") == "a??[31m?"
    assert len(showing.foreign("x" * 1000)) == 101
