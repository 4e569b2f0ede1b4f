"""Whose secret is this? The page that finds out, and keeps the secret to itself."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chatkit_gateway.models import Cause, Issuance, Revocation
from chatkit_gateway.testkit.emulator import Emulator
from tests.secrets_alive import answers_to, issue
from tests.visitor import Visitor

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

LOOKUP = "/admin/chatkit_gateway/issuance/lookup/"
REVOKE = "/admin/chatkit_gateway/revocation/add/"


@pytest.fixture
def onlooker(client: Client, staff: User) -> Client:
    """The browser of staff who may look at the audit."""
    staff.user_permissions.add(Permission.objects.get(codename="view_issuance"))
    client.force_login(staff)
    return client


@pytest.fixture
def leaked(emulator: Emulator, member: User) -> tuple[Issuance, str]:
    """An issuance among others, and its client secret."""
    rows = [issue(emulator, member) for _ in range(3)]
    return rows[1], emulator.sessions[rows[1].session_id].client_secret


def look_up(client: Client, secret: str) -> str:
    answer = client.post(LOOKUP, {"client_secret": secret})
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    return answer.content.decode()


def test_finds_the_issuance(onlooker: Client, leaked: tuple[Issuance, str]) -> None:
    row, secret = leaked

    page = look_up(onlooker, f"  {secret}\n")

    assert "It was issued to maria." in page
    address = reverse("admin:chatkit_gateway_issuance_change", args=[row.pk])
    assert f'<a href="{address}">{row.reference}</a>' in page
    assert f"{row.created_at:%Y-%m-%d %H:%M:%S}" in page
    assert "<td>alive</td>" in page


def test_says_what_became_of_it(onlooker: Client, leaked: tuple[Issuance, str]) -> None:
    row, secret = leaked
    for ended, state in ((False, "being revoked"), (True, "revoked")):
        Revocation.objects.create(issuance=row, cause=Cause.ADMIN, ended=ended)
        assert f"<td>{state}</td>" in look_up(onlooker, secret)


def test_finds_it_under_the_keys_of_before(
    onlooker: Client, leaked: tuple[Issuance, str], settings: Any, staff: User
) -> None:
    settings.SECRET_KEY_FALLBACKS = ["an-older-one-" * 4, settings.SECRET_KEY]
    settings.SECRET_KEY = "the-next-one-" * 4
    onlooker.force_login(staff)

    assert leaked[0].reference in look_up(onlooker, leaked[1])


@pytest.mark.parametrize(
    "typed", ["ek_never_issued", "", " ", "\0", "x" * 5000, "\N{SNOWMAN}"], ids=ascii
)
def test_finds_nothing_else(typed: str, onlooker: Client, leaked: tuple[Issuance, str]) -> None:
    page = look_up(onlooker, typed)

    assert "No issuance has the fingerprint of this secret." in page
    assert "It was issued" not in page
    assert "x" * 100 not in page


def test_a_part_of_a_secret_finds_nothing(onlooker: Client, leaked: tuple[Issuance, str]) -> None:
    assert "No issuance" in look_up(onlooker, leaked[1][:-1])


def test_keeps_the_secret_to_itself(
    onlooker: Client, leaked: tuple[Issuance, str], caplog: pytest.LogCaptureFixture
) -> None:
    """No page, log line, query, row or session holds it; nor a wrong one, which may be right."""
    row, secret = leaked
    wrong = "ek_of_somebody_elses_site"
    caplog.set_level(logging.DEBUG)

    with CaptureQueriesContext(connection) as asked:
        pages = [look_up(onlooker, typed) for typed in (secret, wrong, f"{wrong} {'x' * 5000}")]

    for hidden in (secret, wrong):
        assert not [page for page in pages if hidden in page]
        assert hidden not in caplog.text
        assert not [query for query in asked.captured_queries if hidden in query["sql"]]
    assert f"looked a client secret up: issuance {row.pk}" in caplog.text
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            kept = repr(cursor.fetchall())
            assert secret not in kept
            assert wrong not in kept


def test_keeps_the_secret_out_of_error_reports(onlooker: Client, rf: Any, staff: User) -> None:
    """What Django mails when a view fails has stars where the form was."""
    from django.contrib.admin import site
    from django.views.debug import SafeExceptionReporterFilter

    request = rf.post(LOOKUP, {"client_secret": "ek_hidden"})
    request.user = staff
    site.get_model_admin(Issuance).lookup_view(request)

    reported = SafeExceptionReporterFilter().get_post_parameters(request)
    assert "ek_hidden" not in str(reported)


def test_never_asks_by_an_address(onlooker: Client, leaked: tuple[Issuance, str]) -> None:
    page = onlooker.get(LOOKUP, {"client_secret": leaked[1]}).content.decode()

    assert "It was issued" not in page
    [form] = re.findall(r'<form[^>]*action="[^"]*lookup/"[^>]*>.*?</form>', page, re.DOTALL)
    assert 'method="post"' in form
    [field] = re.findall(r'<input[^>]*name="client_secret"[^>]*>', form)
    assert 'autocomplete="off"' in field
    assert 'spellcheck="false"' in field
    assert "value=" not in field


def test_leads_to_a_revocation_who_may(
    emulator: Emulator, client: Client, superuser: User, leaked: tuple[Issuance, str]
) -> None:
    row, secret = leaked
    client.force_login(superuser)
    fields = dict(re.findall(r'name="(by|value)" value="([^"]*)"', look_up(client, secret)))

    client.post(REVOKE, fields)

    assert answers_to(row) == [(False, ""), (True, "cancelled")]
    assert Issuance.objects.alive().count() == 2


def test_leads_nobody_else_to_one(onlooker: Client, leaked: tuple[Issuance, str]) -> None:
    assert REVOKE not in look_up(onlooker, leaked[1])


def test_who_may_look(client: Client, staff: User, member: User) -> None:
    client.force_login(staff)
    assert client.get(LOOKUP).status_code == 403
    assert client.post(LOOKUP, {"client_secret": "ek_x"}).status_code == 403
    client.force_login(member)
    assert client.get(LOOKUP).status_code == 302


def test_not_from_another_site(superuser: User) -> None:
    victim = Client(enforce_csrf_checks=True)
    victim.force_login(superuser)

    assert victim.post(LOOKUP, {"client_secret": "ek_x"}).status_code == 403


def test_is_on_the_list(onlooker: Client) -> None:
    page = onlooker.get("/admin/chatkit_gateway/issuance/").content.decode()

    assert f'<a href="{LOOKUP}">' in page


def test_finds_what_a_browser_was_given(
    emulator: Emulator, visit: Callable[..., Visitor], superuser: User
) -> None:
    browser = visit(superuser)
    secret = browser.ask().json()["client_secret"]

    page = browser.http.post(LOOKUP, data={"client_secret": secret}, headers=browser.csrf()).text

    assert Issuance.objects.get().reference in page
    assert secret not in page
