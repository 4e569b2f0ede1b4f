"""From `pip install` to an issued secret in every kind of site, by the steps of the pages alone.

Each is a fresh project with the built wheel. With an interpreter in ``PYTHON_FOR_DJANGO_6`` all
are run once more with it and the newest Django 6.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chatkit_gateway.testkit import Emulator
from tests.other_sites.conftest import OncePerRun
from tests.other_sites.fresh_site import EMULATOR, Environment, FreshSite
from tests.other_sites.installed_site import IN_YOUR_OWN_SITE, InstalledSite
from tests.other_sites.variants import VARIANTS
from tests.pages import README, ROOT, SHELL, steps

PYTHON_FOR_DJANGO_6 = os.environ.get("PYTHON_FOR_DJANGO_6")
DJANGOS = ["django-5.2", *(["django-6"] if PYTHON_FOR_DJANGO_6 else [])]

COMMANDS = """
from django.conf import settings
from django.core.management import CommandError, call_command

try:
    call_command("chatkit_doctor", "--json")
except CommandError:
    pass  # The script of OpenAI's CDN, which is out of reach, is to be complained about.
call_command("makemigrations", "--check", "--dry-run")
call_command("chatkit_digest")
call_command("chatkit_verify")
call_command("chatkit_revoke", "--lapsed")
settings.CHATKIT_GATEWAY["RETENTION_DAYS"] = 0
call_command("chatkit_prune", "--dry-run")
call_command("chatkit_prune")
call_command("chatkit_verify")
"""
CANCEL = "/v1/chatkit/sessions/*/cancel"
REVOCATIONS = "SELECT answer FROM chatkit_gateway_revocation WHERE reason = 'a test' ORDER BY id"
FAREWELL = """
from django.contrib.auth import get_user_model

get_user_model().objects.get_by_natural_key("otto" + at).delete()
"""


@pytest.fixture(scope="module", params=DJANGOS)
def any_environment(
    request: pytest.FixtureRequest, once_per_run: OncePerRun, wheel: Path
) -> Environment:
    """The environment with the Django of this round."""
    if request.param == "django-6":
        assert PYTHON_FOR_DJANGO_6
        python = PYTHON_FOR_DJANGO_6
        return Environment(
            once_per_run(
                "django-6", lambda at: Environment.newest(at, wheel, python, "django>=6,<7")
            )
        )
    environment: Environment = request.getfixturevalue("environment")
    return environment


@pytest.fixture(scope="module", params=VARIANTS)
def installed(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    any_environment: Environment,
    chatkit_emulator_server: Emulator,
) -> Iterator[InstalledSite]:
    """A site of each kind in turn, served. Its log must hold nothing that went wrong."""
    variant = VARIANTS[request.param]
    addresses = {EMULATOR: chatkit_emulator_server.url}
    site = FreshSite(tmp_path_factory.mktemp("site"), any_environment, addresses)
    installed = InstalledSite(site, variant)
    installed.install()
    with getattr(site, variant.server)() as installed.address:
        yield installed
    log = site.log.read_text()
    assert "Traceback" not in log, log
    assert not re.findall(r"chatkit_gateway/\S+: \w*Warning", log), log


def test_checks__say_what_is_to_be_known(installed: InstalledSite) -> None:
    ids = set(re.findall(r"\((\w+\.[EWI]\d+)\)", installed.said))
    # I001 becomes W007 on the day hosted workflows end.
    assert ids - {"chatkit_gateway.I001", "chatkit_gateway.W007"} == {"chatkit_gateway.I002"}


def test_own_test_of_the_readme__works(installed: InstalledSite) -> None:
    [code] = [step.code for step in steps(README, IN_YOUR_OWN_SITE) if step.where == SHELL]
    said = installed.site.shell(code.replace('"maria"', f'"maria{installed.variant.at}"'))
    assert said == "200 works \n"


def test_member__gets_a_secret_and_a_row(
    installed: InstalledSite, chatkit_emulator: Emulator
) -> None:
    with installed.visitor("maria") as maria:
        answer = maria.ask()
    assert answer.status_code == 200, answer.text
    [session] = chatkit_emulator.sessions.values()
    assert answer.json()["client_secret"] == session.client_secret
    [row] = installed.rows("SELECT * FROM chatkit_gateway_issuance ORDER BY id DESC LIMIT 1")
    assert (row["username"], row["outcome"], row["status"], row["session_id"]) == (
        f"maria{installed.variant.at}",
        "issued",
        200,
        session.id,
    )


def test_others__get_none(installed: InstalledSite, chatkit_emulator: Emulator) -> None:
    with installed.visitor() as nobody, installed.visitor("otto") as otto:
        anonymous, outsider = nobody.ask(), otto.ask()
    assert (anonymous.status_code, outsider.status_code) == (401, 403)
    assert anonymous.json()["login_url"] == (
        f"{installed.address}{installed.variant.prefix}{installed.variant.login}"
    )
    assert chatkit_emulator.requests == []


def test_page__after_the_login(installed: InstalledSite) -> None:
    variant = installed.variant
    with installed.visitor() as visitor:
        sent = visitor.http.get(variant.page)
        assert sent.headers["Location"] == variant.prefix + installed.login
        visitor.log_in(f"maria{variant.at}", at=installed.login)
        page = visitor.http.get(variant.page)
        config = visitor.http.get("/chatkit/config")
    assert page.status_code == 200
    assert "<h1>Pitch assistant</h1>" in page.text
    endpoint = f"{variant.prefix}/chatkit/session"
    assert f'"endpoint": "{endpoint}"' in page.text
    assert config.json()["endpoint"] == installed.address + endpoint
    assert config.json()["login_url"] == installed.address + variant.prefix + variant.login


def test_admin__lists_and_shows(installed: InstalledSite, chatkit_emulator: Emulator) -> None:
    with installed.visitor("ada") as ada:
        assert ada.ask().status_code == 200
        [session] = chatkit_emulator.sessions.values()
        admin = installed.variant.admin
        rows = ada.http.get(f"{admin}chatkit_gateway/issuance/")
        first = re.search(r'href="[^"]*/(issuance/\d+/change/)', rows.text)
        assert first, rows.text
        row = ada.http.get(f"{admin}chatkit_gateway/{first[1]}")
    assert f"ada{installed.variant.at}" in rows.text
    assert session.id in row.text


def test_admin__every_page_opens(installed: InstalledSite) -> None:
    with installed.visitor("ada") as ada:
        index = ada.http.get(f"{installed.variant.admin}chatkit_gateway/")
        links = set(re.findall(r'href="([^"]*/chatkit_gateway/[^"]+)"', index.text))
        rows = f"{installed.variant.prefix}{installed.variant.admin}chatkit_gateway/issuance/"
        assert rows in links
        links |= {f"{rows}usage/", f"{rows}lookup/"}
        opened = {link: ada.http.get(installed.address + link).status_code for link in links}
    assert set(opened.values()) == {200}, opened


def test_admin__exports(installed: InstalledSite, chatkit_emulator: Emulator) -> None:
    with installed.visitor("ada") as ada:
        assert ada.ask().status_code == 200
        [session] = chatkit_emulator.sessions.values()
        export = ada.http.post(
            f"{installed.variant.admin}chatkit_gateway/issuance/export/",
            data={"format": "jsonl"},
            headers=ada.csrf(),
        )
    assert export.status_code == 200, export.text
    assert json.loads(export.text.splitlines()[0])["session_id"] == session.id


def test_logout__ends_it(installed: InstalledSite, chatkit_emulator: Emulator) -> None:
    with installed.visitor("maria") as maria:
        assert maria.ask().status_code == 200
        out = maria.http.post(f"{installed.variant.admin}logout/", headers=maria.csrf())
        assert out.status_code == 200
        assert maria.ask().status_code == 401
    assert chatkit_emulator.wait_for_request(path=CANCEL)


def test_admin__revokes_on_record_first(
    installed: InstalledSite, chatkit_emulator: Emulator
) -> None:
    chatkit_emulator.hold(path=CANCEL)
    with installed.visitor("maria") as maria, installed.visitor("ada") as ada:
        assert maria.ask().status_code == 200
        wish = {"by": "member", "value": f"maria{installed.variant.at}", "reason": "a test"}
        with ThreadPoolExecutor() as pool:
            told = pool.submit(
                ada.http.post,
                f"{installed.variant.admin}chatkit_gateway/revocation/add/",
                data=wish,
                headers=ada.csrf(),
            )
            chatkit_emulator.wait_for_request(path=CANCEL)
            meanwhile = installed.rows(REVOCATIONS)
            chatkit_emulator.release()
            assert told.result().status_code == 302
    assert {row["answer"] for row in meanwhile} == {""}
    assert "cancelled" in {row["answer"] for row in installed.rows(REVOCATIONS)}


def test_commands__run_and_want_no_migration(
    installed: InstalledSite, chatkit_emulator: Emulator
) -> None:
    with installed.visitor("maria") as maria:
        assert maria.ask().status_code == 200
    said = installed.site.shell(COMMANDS)
    report = json.loads(said[said.index("{") : said.rindex("}") + 1])
    fine = {finding["id"] for finding in report["findings"] if finding["level"] == "ok"}
    assert {"session.create", "session.cancel", "installation.migrations"} <= fine
    assert "No changes detected" in said
    assert said.count("Nothing was changed.") == 2
    [would, were] = re.findall(r"^(\d+) rows? (?:would be|was|were) removed", said, re.MULTILINE)
    assert would == were != "0"


def test_commands__are_all_run() -> None:
    commands = (ROOT / "chatkit_gateway" / "management" / "commands").glob("chatkit_*.py")
    run = set(re.findall(r'call_command\("(chatkit_\w+)"', COMMANDS))
    # It serves until it is stopped; the emulator's own tests start it.
    assert {command.stem for command in commands} == run | {"chatkit_emulator"}


def test_account_deleted__its_rows_stay(installed: InstalledSite) -> None:
    with installed.visitor("otto") as otto:
        assert otto.ask().status_code == 403
    installed.site.shell(f"at = {installed.variant.at!r}\n{FAREWELL}")
    [row] = installed.rows("SELECT * FROM chatkit_gateway_issuance ORDER BY id DESC LIMIT 1")
    assert (row["username"], row["error_code"]) == (f"otto{installed.variant.at}", "not_a_member")
