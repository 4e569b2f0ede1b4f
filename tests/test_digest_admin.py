"""The admin shows the chain of digests, and changes nothing in it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.auth.models import Permission, User
from django.test import Client

from chatkit_gateway.admin import DigestAdmin
from chatkit_gateway.models import Digest
from tests.sealed_audit import fill, seal, verify

pytestmark = [pytest.mark.database, pytest.mark.django_db]

LIST = "/admin/chatkit_gateway/digest/"


@pytest.fixture
def admin(client: Client, superuser: User) -> Client:
    """The browser of a superuser, with five digests to look at."""
    fill()
    seal()
    client.force_login(superuser)
    return client


def test_newest_first(admin: Client) -> None:
    page = admin.get(LIST).content.decode()

    assert re.findall(r'digest/(\d)/change/">\d</a>', page) == ["5", "4", "3", "2", "1"]


def test_reads_no_row_hashes(admin: Client, django_assert_max_num_queries: Any) -> None:
    for address in (LIST, f"{LIST}1/change/"):
        with django_assert_max_num_queries(20) as asked:
            assert admin.get(address).status_code == 200
        assert not [query for query in asked if '"rows"' in query["sql"]]


def test_shows_everything_else(admin: Client) -> None:
    shown = set(flatten_fieldsets([(None, {"fields": DigestAdmin.fields})]))
    stored = {field.name for field in Digest._meta.concrete_fields}
    assert shown == stored - {"rows", "created_at"} | {"when"}
    digest = Digest.objects.get(number=2)

    page = admin.get(f"{LIST}2/change/").content.decode()

    for value in (digest.sha256, digest.previous, digest.signature):
        assert f">{value}<" in page


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("suffix", ["add/", "1/delete/"])
def test_changes_nothing(suffix: str, method: str, admin: Client) -> None:
    answer = getattr(admin, method)(LIST + suffix, {"post": "yes", "count": "1"})

    assert answer.status_code == 403
    assert admin.post(f"{LIST}1/change/", {"count": "1"}).status_code == 403
    forged = {"action": "delete_selected", "_selected_action": ["1"], "post": "yes"}
    assert "delete_selected" not in admin.post(LIST, forged).content.decode()
    assert verify() == (0, [])


def test_who_may_look(client: Client, staff: User) -> None:
    client.force_login(staff)
    assert client.get(LIST).status_code == 403

    staff.user_permissions.add(Permission.objects.get(codename="view_digest"))

    assert client.get(LIST).status_code == 200
