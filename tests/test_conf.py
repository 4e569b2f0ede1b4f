"""The settings as the gateway sees them: defaults, overrides, and nothing kept between calls."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from chatkit_gateway import conf

Configure = Callable[..., None]


@pytest.fixture
def configure_only(settings: Any) -> Configure:
    """Replace CHATKIT_GATEWAY by these keys and one assistant, which has ``assistant``'s keys."""

    def replace(assistant: dict[str, Any] | None = None, **keys: Any) -> None:
        settings.CHATKIT_GATEWAY = {"ASSISTANTS": {"default": assistant or {}}, **keys}

    return replace


def default() -> conf.Assistant:
    return conf.gateway().assistants["default"]


class TestDefaults:
    def test_without_any_setting(self, settings: Any) -> None:
        del settings.CHATKIT_GATEWAY

        assert conf.gateway() == conf.Gateway(
            assistants={},
            quotas={"hour": 60, "day": 300},
            gate=None,
            pseudonym=None,
            audit_sink=None,
            upstream=conf.Upstream(
                connect=3.0, read=8.0, total=12.0, in_flight=40, rest_after=5, rest_seconds=15.0
            ),
            retention_days=365,
            script_url=None,
            trusted_proxies=0,
            origins={},
            identity_key=None,
        )

    def test_of_an_assistant(self, configure_only: Configure) -> None:
        configure_only()

        assert default() == conf.Assistant(
            alias="default",
            title="default",
            backend="",
            options={},
            permission="chatkit_gateway.use_chatkit",
            widget={},
            quotas={"hour": 60, "day": 300},
            fallback=None,
            domain_key=None,
            retention_days=365,
        )

    def test_of_an_upstream_limit(self, configure_only: Configure) -> None:
        configure_only(UPSTREAM={"read": 1})

        assert conf.gateway().upstream == conf.Upstream(read=1)


class TestEmptyMeansMissing:
    @pytest.mark.parametrize(
        "key", ["GATE", "PSEUDONYM", "AUDIT_SINK", "SCRIPT_URL", "IDENTITY_KEY"]
    )
    def test_setting(self, key: str, configure_only: Configure) -> None:
        configure_only(**{key: ""})

        assert getattr(conf.gateway(), key.lower()) is None

    def test_option(self, configure_only: Configure) -> None:
        configure_only({"OPTIONS": {"api_key": "", "history": False, "expires_after": 600}})

        assert default().options == {"api_key": None, "history": False, "expires_after": 600}

    @pytest.mark.parametrize("key", ["FALLBACK", "DOMAIN_KEY"])
    def test_assistants_key(self, key: str, configure_only: Configure) -> None:
        configure_only({key: ""})

        assert getattr(default(), key.lower()) is None


class TestInheritance:
    @pytest.mark.parametrize(
        ("own", "expected"),
        [({}, {"hour": 5}), ({"QUOTAS": None}, {"hour": 5}), ({"QUOTAS": {}}, {})],
        ids=str,
    )
    def test_quotas(self, own: dict[str, Any], expected: Any, configure_only: Configure) -> None:
        configure_only(own, QUOTAS={"hour": 5})

        assert default().quotas == expected

    def test_quotas_turned_off_for_all(self, configure_only: Configure) -> None:
        configure_only(QUOTAS=None)

        assert conf.gateway().quotas is None
        assert default().quotas is None

    @pytest.mark.parametrize(("own", "expected"), [(None, 90), (30, 30), (0, 0)])
    def test_retention(self, own: int | None, expected: int, configure_only: Configure) -> None:
        configure_only({"RETENTION_DAYS": own}, RETENTION_DAYS=90)

        assert default().retention_days == expected


def test_a_changed_setting_is_seen_at_once(configure_only: Configure) -> None:
    configure_only({"TITLE": "Before"})
    assert default().title == "Before"

    configure_only({"TITLE": "After"})

    assert default().title == "After"


class TestScript:
    @pytest.mark.parametrize(
        ("mode", "expected"),
        [
            ("hosted", "https://cdn.platform.openai.com/deployments/chatkit/chatkit.js"),
            ("self_hosted", "/static/chatkit_gateway/widget/chatkit.js"),
        ],
    )
    def test_follows_the_mode(self, mode: str, expected: str, configure_only: Configure) -> None:
        configure_only()

        assert conf.script_url(mode) == expected

    @pytest.mark.parametrize("mode", ["hosted", "self_hosted"])
    def test_may_be_chosen(self, mode: str, configure_only: Configure) -> None:
        configure_only(SCRIPT_URL="https://cdn.example.org/chatkit.js")

        assert conf.script_url(mode) == "https://cdn.example.org/chatkit.js"


class TestSiteSettings:
    @pytest.mark.parametrize("login", ["login", "/accounts/login/"])
    def test_login_by_name_or_path(self, login: str, settings: Any) -> None:
        settings.LOGIN_URL = login

        assert conf.login_path() == "/accounts/login/"

    @pytest.mark.parametrize("hidden", ["CSRF_USE_SESSIONS", "CSRF_COOKIE_HTTPONLY"])
    def test_csrf_cookie_that_no_script_can_read(self, hidden: str, settings: Any) -> None:
        assert conf.csrf_cookie_name() == "csrftoken"

        setattr(settings, hidden, True)

        assert conf.csrf_cookie_name() is None

    def test_cross_origin_sites_without_django_cors_headers(self, settings: Any) -> None:
        del settings.CORS_ALLOWED_ORIGINS
        del settings.CORS_ALLOW_CREDENTIALS

        sites = conf.cross_origin_sites()

        assert (sites.allowed, sites.with_credentials) == (frozenset(), False)

    @pytest.mark.parametrize(
        ("use_tz", "expected"),
        [(True, datetime(2026, 11, 30, tzinfo=UTC)), (False, datetime(2026, 11, 30))],
    )
    def test_moments_are_stored_as_the_site_does(
        self, use_tz: bool, expected: datetime, settings: Any
    ) -> None:
        settings.USE_TZ = use_tz

        assert conf.moment(1_795_996_800) == expected
