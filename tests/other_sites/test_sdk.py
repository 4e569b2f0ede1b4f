"""Another site and its OpenAI SDK: not loaded before it is needed, missing, too old, as pinned."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path

import pytest

from chatkit_gateway.testkit import Emulator
from tests.other_sites.fresh_site import (
    BARE,
    EMULATOR,
    LOGIN_FOR_EVERYBODY,
    QUICK_PASSWORDS,
    Environment,
    FreshSite,
)
from tests.pages import README, ROOT, steps
from tests.visitor import PASSWORD, Visitor

PINNED = importlib.metadata.version("openai")
STARTED = """
import django, sys
django.setup()
from django.core.checks import run_checks
assert not [message for message in run_checks() if message.is_serious()]
print(sorted({"openai", "chatkit", "agents", "aiohttp"} & set(sys.modules)))
"""
PEOPLE = f"""
from django.contrib.auth.models import Permission, User

permission = Permission.objects.get(codename="use_chatkit")
for name, staff in {{"maria": False, "stefan": True}}.items():
    user = User.objects.create_user(name, password={PASSWORD!r}, is_staff=staff)
    user.user_permissions.add(permission)
"""


@pytest.fixture(scope="module")
def changing(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Environment:
    """An environment of this module's own."""
    return Environment.pinned(tmp_path_factory.mktemp("sdk") / "environment", wheel)


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory,
    changing: Environment,
    chatkit_emulator_server: Emulator,
) -> FreshSite:
    """A site in it, set up as the README says."""
    addresses = {EMULATOR: chatkit_emulator_server.url}
    site = FreshSite(tmp_path_factory.mktemp("site"), changing, addresses)
    site.write({"settings.py": QUICK_PASSWORDS})
    site.follow(steps(README, "## In your own site"))
    site.write({"urls.py": LOGIN_FOR_EVERYBODY})
    site.shell(PEOPLE)
    return site


def test_site__starts_without_the_sdk(site: FreshSite) -> None:
    # In this environment, where all of them are installed and would be found.
    done = subprocess.run(
        [sys.executable, "-c", STARTED],
        cwd=site.folder,
        env=BARE | {"PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "club.settings"},
        capture_output=True,
        text=True,
    )
    assert done.stdout == "[]\n", done.stderr


def doctors_report(site: FreshSite) -> dict[str, str]:
    """Return the level of each finding by its id, whatever the exit status."""
    done = subprocess.run(
        [site.python, "manage.py", "chatkit_doctor", "--json"],
        cwd=site.folder,
        env=site.variables,
        capture_output=True,
        text=True,
    )
    return {finding["id"]: finding["level"] for finding in json.loads(done.stdout)["findings"]}


@pytest.mark.parametrize(
    ("sdk", "code"),
    [
        (None, "sdk_missing"),
        ("1.109.1", "sdk_too_old"),
        ("2.1.0", "sdk_too_old"),
        (PINNED, None),
    ],
)
def test_sdk(
    site: FreshSite,
    changing: Environment,
    chatkit_emulator: Emulator,
    sdk: str | None,
    code: str | None,
) -> None:
    if sdk:
        changing.pip("install", f"openai=={sdk}")
    else:
        changing.pip("uninstall", "openai")
    with site.uvicorn() as url, Visitor(url) as maria, Visitor(url) as stefan:
        for_member, for_staff = maria.log_in("maria").ask(), stefan.log_in("stefan").ask()
    found = doctors_report(site)
    assert found["sdk.version"] == ("problem" if code else "ok")
    assert found.get("session.create") == (None if code else "ok")
    if code is None:
        assert (for_member.status_code, for_staff.status_code) == (200, 200)
        return
    assert (for_member.status_code, for_staff.status_code) == (501, 501)
    assert (for_member.json()["code"], for_staff.json()["code"]) == (code, code)
    assert "hint" not in for_member.json()
    assert "openai" in for_staff.json()["hint"]
    assert chatkit_emulator.requests == []
