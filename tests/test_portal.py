"""The portal's own pages: logging in and out, passwords, the members' group, refusals in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core import mail
from django.core.management.sql import emit_post_migrate_signal
from django.test import Client

from pitchguard_site.apps import GROUP
from tests.visitor import PASSWORD

pytestmark = pytest.mark.database

FRONT_END = "https://app.example.org"
NEW_PASSWORD = "a quite different staple"

Configure = Callable[..., None]


class TestHome:
    def test_takes_members_to_the_assistant(self, client: Client, member: User) -> None:
        client.force_login(member)

        page = client.get("/").content.decode()

        assert 'href="/assistant/"' in page
        assert "Pitch assistant" in page

    def test_tells_outsiders_whom_to_ask(
        self, client: Client, outsider: User, settings: Any
    ) -> None:
        client.force_login(outsider)

        page = client.get("/").content.decode()

        assert 'href="/assistant/"' not in page
        assert f"mailto:{settings.DEFAULT_FROM_EMAIL}" in page

    @pytest.mark.parametrize(("days", "words"), [(365, "365 days"), (1, "1 day,")])
    def test_says_what_is_recorded_and_for_how_long(
        self, days: int, words: str, client: Client, member: User, configure: Configure
    ) -> None:
        configure(RETENTION_DAYS=days)
        client.force_login(member)

        page = client.get("/").content.decode()

        assert "What we record" in page
        assert words in page

    def test_sends_anonymous_visitors_to_log_in(self, client: Client) -> None:
        assert client.get("/").headers["Location"] == "/accounts/login/?next=/"


class TestLogin:
    def log_in(self, client: Client, member: User, following: str, **extra: Any) -> str:
        answer = client.post(
            "/accounts/login/",
            {"username": member.username, "password": PASSWORD, "next": following},
            **extra,
        )
        assert answer.status_code == 302
        return str(answer.headers["Location"])

    @pytest.mark.parametrize(
        ("following", "leads_to"),
        [
            ("", "/"),
            ("/assistant/", "/assistant/"),
            ("https://testserver/assistant/", "https://testserver/assistant/"),
            (f"{FRONT_END}/chat?x=1", f"{FRONT_END}/chat?x=1"),
        ],
    )
    def test_leads_on(
        self, following: str, leads_to: str, client: Client, member: User, settings: Any
    ) -> None:
        settings.CORS_ALLOWED_ORIGINS = [FRONT_END]

        assert self.log_in(client, member, following, secure=True) == leads_to

    @pytest.mark.parametrize(
        "following",
        [
            "https://evil.example/",
            "//evil.example/",
            "\\\\evil.example",
            "https:evil.example",
            "javascript:alert(1)",
            "http://app.example.org/",
            "https://app.example.org.evil.example/",
            "https://app.example.org@evil.example/",
            "https://app.example.org:8443/",
        ],
    )
    def test_leads_nowhere_foreign(
        self, following: str, client: Client, member: User, settings: Any
    ) -> None:
        settings.CORS_ALLOWED_ORIGINS = [FRONT_END]

        assert self.log_in(client, member, following, secure=True) == "/"

    def test_policy_lets_browsers_follow(self, client: Client, settings: Any) -> None:
        settings.CORS_ALLOWED_ORIGINS = [FRONT_END]

        policy = client.get("/accounts/login/").headers["Content-Security-Policy"]

        assert f"form-action 'self' {FRONT_END}" in policy
        assert policy.count(FRONT_END) == 1

    def test_those_who_are_logged_in_are_not_asked_again(
        self, client: Client, member: User
    ) -> None:
        client.force_login(member)

        assert client.get("/accounts/login/?next=/assistant/").headers["Location"] == "/assistant/"

    def test_a_wrong_password_is_told_in_words(self, client: Client, member: User) -> None:
        page = client.post("/accounts/login/", {"username": member.username, "password": "x"})

        assert page.status_code == 200
        assert 'role="alert"' in page.content.decode()
        assert "sessionid" not in client.cookies

    def test_begins_a_new_session(self, client: Client, member: User) -> None:
        client.get("/accounts/login/")
        client.cookies["sessionid"] = "planted"

        self.log_in(client, member, "")

        assert client.cookies["sessionid"].value != "planted"


class TestLogout:
    def test_by_post(self, client: Client, member: User) -> None:
        client.force_login(member)

        assert client.post("/accounts/logout/").headers["Location"] == "/accounts/login/"
        assert client.get("/").status_code == 302

    def test_never_by_a_link(self, client: Client, member: User) -> None:
        client.force_login(member)

        assert client.get("/accounts/logout/").status_code == 405
        assert client.get("/").status_code == 200

    def test_never_from_another_site(self, member: User) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(member)

        assert strict.post("/accounts/logout/").status_code == 403
        assert strict.get("/").status_code == 200


class TestPasswordChange:
    def test_ends_the_other_logins(self, client: Client, member: User) -> None:
        elsewhere = Client()
        for browser in (client, elsewhere):
            browser.force_login(member)

        done = client.post(
            "/accounts/password_change/",
            {
                "old_password": PASSWORD,
                "new_password1": NEW_PASSWORD,
                "new_password2": NEW_PASSWORD,
            },
            follow=True,
        )

        assert "Your password is changed" in done.content.decode()
        assert client.get("/").status_code == 200
        assert elsewhere.get("/").status_code == 302

    def test_refuses_a_weak_one(self, client: Client, member: User) -> None:
        client.force_login(member)
        weak = {"new_password1": "maria", "new_password2": "maria"}

        page = client.post("/accounts/password_change/", {"old_password": PASSWORD, **weak})

        assert "errorlist" in page.content.decode()
        member.refresh_from_db()
        assert member.check_password(PASSWORD)


class TestPasswordReset:
    def link(self, client: Client, member: User) -> str:
        client.post("/accounts/password_reset/", {"email": member.email})
        [message] = mail.outbox
        assert message.to == [member.email]
        assert member.username in message.body
        [link] = re.findall(r"http://testserver(/accounts/reset/\S+)", str(message.body))
        return str(link)

    def test_by_the_link_in_the_mail(self, client: Client, member: User) -> None:
        form = client.get(self.link(client, member), follow=True)
        address = form.redirect_chain[-1][0]
        assert "Choose a new password" in form.content.decode()

        chosen = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
        done = client.post(address, chosen, follow=True)

        assert "Your new password is set" in done.content.decode()
        assert client.login(username=member.username, password=NEW_PASSWORD)

    def test_the_link_works_once(self, client: Client, member: User) -> None:
        link = self.link(client, member)
        member.set_password(NEW_PASSWORD)
        member.save()

        assert "This link no longer works" in client.get(link, follow=True).content.decode()

    def test_the_link_is_not_left_in_the_address(self, client: Client, member: User) -> None:
        link = self.link(client, member)
        token = link.rstrip("/").rpartition("/")[2]

        form = client.get(link, follow=True)

        assert token not in form.redirect_chain[-1][0]
        assert token not in form.content.decode()
        assert form.headers["Referrer-Policy"] == "same-origin"

    def test_tells_nobody_who_has_an_account(self, client: Client, member: User) -> None:
        known, unknown = (
            client.post("/accounts/password_reset/", {"email": email}, follow=True)
            for email in (member.email, "nobody@example.org")
        )

        assert len(mail.outbox) == 1
        assert known.redirect_chain == unknown.redirect_chain
        assert "If there is an account with that address" in unknown.content.decode()


class TestGroup:
    def migrate_again(self) -> None:
        emit_post_migrate_signal(verbosity=0, interactive=False, db="default")

    def permissions(self) -> list[str]:
        return [
            permission.codename for permission in Group.objects.get(name=GROUP).permissions.all()
        ]

    def test_is_there_after_migrate(self, db: None) -> None:
        assert self.permissions() == ["use_chatkit"]

    def test_never_gets_back_what_an_admin_took_away(self, db: None) -> None:
        Group.objects.get(name=GROUP).permissions.clear()

        for _ in range(2):
            self.migrate_again()

        assert self.permissions() == []

    def test_keeps_what_an_admin_gave(self, db: None) -> None:
        extra = Permission.objects.get(codename="view_issuance")
        Group.objects.get(name=GROUP).permissions.add(extra)

        self.migrate_again()

        assert set(self.permissions()) == {"use_chatkit", "view_issuance"}

    def test_is_made_once(self, db: None) -> None:
        Group.objects.all().delete()

        for _ in range(2):
            self.migrate_again()

        assert self.permissions() == ["use_chatkit"]


class TestRefusalsInWords:
    def test_not_found(self, client: Client) -> None:
        page = client.get("/nowhere/")

        assert page.status_code == 404
        assert "There is nothing here" in page.content.decode()

    def test_forged_form(self) -> None:
        page = Client(enforce_csrf_checks=True).post("/accounts/login/")

        assert page.status_code == 403
        assert "This page is out of date" in page.content.decode()

    def test_forbidden(self, client: Client, staff: User) -> None:
        client.force_login(staff)

        page = client.get("/admin/chatkit_gateway/issuance/")

        assert page.status_code == 403
        assert "This is not open to you" in page.content.decode()

    def test_foreign_host(self, client: Client) -> None:
        page = client.get("/", headers={"Host": "evil.example"})

        assert page.status_code == 400
        assert "We did not understand that" in page.content.decode()

    def test_broken(self, client: Client, member: User, configure: Configure) -> None:
        configure(GATE="nowhere.at.all")
        client.force_login(member)
        client.raise_request_exception = False

        page = client.get("/")

        assert page.status_code == 500
        assert "Something broke on our side" in page.content.decode()
        assert "nowhere" not in page.content.decode()


@pytest.mark.parametrize("target", ["/accounts/login/", "https://app.example.org/", "//evil.test/"])
def test_login_page_sends_somebody_logged_in_home(
    target: str, client: Client, member: User, settings: Any
) -> None:
    """Never in a circle, and to another origin only with the scheme that is listed."""
    settings.CORS_ALLOWED_ORIGINS = ["http://app.example.org"]
    client.force_login(member)
    answer = client.get("/accounts/login/", {"next": target})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


def test_even_a_refused_host_gets_the_policy(client: Client) -> None:
    answer = client.get("/", headers={"Host": "evil.test"})
    assert answer.status_code == 400
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"
