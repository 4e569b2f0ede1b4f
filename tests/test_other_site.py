"""The package in somebody else's site: the wheel, an environment of its own, a fresh project.

What is added to the project is what the README tells its reader to add.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chatkit_gateway.testkit import Emulator
from tests.visitor import PASSWORD, Visitor

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = """
INSTALLED_APPS += ["chatkit_gateway"]
CHATKIT_GATEWAY = {{
    "ASSISTANTS": {{
        "default": {{
            "TITLE": "Helpdesk",
            "BACKEND": "chatkit_gateway.backends.hosted.HostedBackend",
            "OPTIONS": {{
                "api_key": "sk-other-site",
                "workflow_id": "wf_other_site",
                "base_url": "{api_url}",
            }},
        }}
    }}
}}
"""
URLS = """
from chatkit_gateway.pages import AssistantView
from django.contrib.auth.views import LoginView
from django.urls import include

urlpatterns += [
    path("chatkit/", include("chatkit_gateway.urls")),
    path("assistant/", AssistantView.as_view()),
    # Not the gateway's: any site has a login.
    path("accounts/login/", LoginView.as_view(template_name="admin/login.html")),
]
"""
PEOPLE = f"""
from django.contrib.auth.models import Permission, User
permission = Permission.objects.get(codename="use_chatkit")
for name, staff in {{"maria": False, "stefan": True}}.items():
    user = User.objects.create_user(name, password={PASSWORD!r}, is_staff=staff)
    user.user_permissions.add(permission)
User.objects.create_user("otto", password={PASSWORD!r})
"""
STARTED = """
import django, sys
django.setup()
from django.core.checks import run_checks
assert not [message for message in run_checks() if message.is_serious()]
print(sorted({"openai", "chatkit", "agents", "aiohttp"} & set(sys.modules)))
"""
PINNED = importlib.metadata.version("openai")


class OtherSite:
    """A project made by `startproject`, in an environment that holds the wheel and uvicorn."""

    def __init__(self, folder: Path, wheel: Path, api_url: str) -> None:
        self.folder = folder
        self.python = str(folder / ".venv" / "bin" / "python")
        self.environment = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "club.settings"}
        self._run("uv", "venv", "-q", "--python", sys.executable, str(folder / ".venv"))
        self.pip("install", "-c", str(ROOT / "requirements.txt"), str(wheel), "uvicorn")
        self._run(self.python, "-m", "django", "startproject", "club", ".")
        _append(folder / "club" / "settings.py", SETTINGS.format(api_url=api_url))
        _append(folder / "club" / "urls.py", URLS)
        self.manage("migrate", "--verbosity", "0")
        self.manage("shell", "-v", "0", "-c", PEOPLE)

    def pip(self, command: str, *arguments: str) -> None:
        """Change what the environment holds; needs no pip in it."""
        self._run("uv", "pip", command, "-q", "--python", self.python, *arguments)

    def manage(self, *arguments: str) -> str:
        """Run a management command."""
        return self._run(self.python, "manage.py", *arguments)

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve the site with uvicorn and yield its address."""
        with (
            socket.create_server(("127.0.0.1", 0)) as listener,
            (self.folder / "site.log").open("ab") as log,
        ):
            fd = listener.fileno()
            command = [self.python, "-m", "uvicorn", "club.asgi:application", "--fd", str(fd)]
            server = subprocess.Popen(
                command,
                cwd=self.folder,
                env=self.environment,
                pass_fds=[fd],
                stdout=log,
                stderr=log,
            )
            try:
                yield f"http://127.0.0.1:{listener.getsockname()[1]}"
            finally:
                server.terminate()
                server.wait(timeout=20)

    def _run(self, *command: str) -> str:
        # uv is where this Python's programs are, in the PATH or not.
        program = shutil.which(command[0], path=Path(sys.executable).parent) or command[0]
        environment = os.environ if command[0] == "uv" else self.environment
        done = subprocess.run(
            [program, *command[1:]],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def _append(file: Path, text: str) -> None:
    file.write_text(file.read_text() + text)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as it is published."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    done = subprocess.run([*build, str(ROOT)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    [built] = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory, wheel: Path, chatkit_emulator_server: Emulator
) -> OtherSite:
    """The other site, whose OpenAI is the emulator."""
    folder = tmp_path_factory.mktemp("other-site")
    return OtherSite(folder, wheel, chatkit_emulator_server.api_url)


@pytest.fixture(scope="module")
def address(site: OtherSite) -> Iterator[str]:
    """Where the other site is reached while it is as its owner set it up."""
    with site.serving() as url:
        yield url


def test_wheel__holds_the_package_and_nothing_else(wheel: Path) -> None:
    assert wheel.name.startswith("django_chatkit_gateway-")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    package = {name for name in names if ".dist-info/" not in name}
    assert package == {
        file.relative_to(ROOT).as_posix()
        for file in (ROOT / "chatkit_gateway").rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert [name for name in names if name.endswith(".dist-info/licenses/LICENSE")]
    assert {
        "chatkit_gateway/py.typed",
        "chatkit_gateway/migrations/0001_initial.py",
        "chatkit_gateway/templates/chatkit_gateway/widget.html",
        "chatkit_gateway/static/chatkit_gateway/gateway.js",
        "chatkit_gateway/static/chatkit_gateway/widget/chatkit.js",
        "chatkit_gateway/static/chatkit_gateway/widget/vendor/LICENSE-dompurify",
        "chatkit_gateway/static/chatkit_gateway/widget/vendor/LICENSE-marked",
        "chatkit_gateway/static/chatkit_gateway/admin/vendor/LICENSE-chartjs",
        "chatkit_gateway/static/chatkit_gateway/admin/vendor/chart.umd.min.js",
        "chatkit_gateway/templates/admin/chatkit_gateway/issuance/usage.html",
    } <= package


def test_site__starts_without_the_sdk(site: OtherSite) -> None:
    # In this environment, where all of them are installed and would be found.
    done = subprocess.run(
        [sys.executable, "-c", STARTED],
        cwd=site.folder,
        env=site.environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.stdout == "[]\n", done.stderr


def test_site__needs_no_migration_of_its_own(site: OtherSite) -> None:
    assert "No changes detected" in site.manage("makemigrations", "--check", "--dry-run")


def test_site__member_gets_a_secret(address: str, chatkit_emulator: Emulator) -> None:
    with Visitor(address) as maria:
        answer = maria.log_in("maria").ask()
    assert answer.status_code == 200, answer.text
    [session] = chatkit_emulator.sessions.values()
    assert answer.json()["client_secret"] == session.client_secret


def test_site__others_get_none(address: str, chatkit_emulator: Emulator) -> None:
    with Visitor(address) as nobody, Visitor(address) as otto:
        assert nobody.ask().status_code == 401
        assert otto.log_in("otto").ask().status_code == 403
    assert chatkit_emulator.requests == []


def test_site__shows_the_assistant(address: str) -> None:
    with Visitor(address) as maria:
        assert maria.http.get("/assistant/").headers["Location"] == (
            "/accounts/login/?next=/assistant/"
        )
        page = maria.log_in("maria").http.get("/assistant/")
    assert page.status_code == 200
    assert "<h1>Helpdesk</h1>" in page.text
    assert '"endpoint": "/chatkit/session"' in page.text


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
    site: OtherSite, chatkit_emulator: Emulator, sdk: str | None, code: str | None
) -> None:
    if sdk:
        site.pip("install", f"openai=={sdk}")
    else:
        site.pip("uninstall", "openai")
    with site.serving() as url, Visitor(url) as maria, Visitor(url) as stefan:
        for_member, for_staff = maria.log_in("maria").ask(), stefan.log_in("stefan").ask()
    if code is None:
        assert (for_member.status_code, for_staff.status_code) == (200, 200)
        return
    assert (for_member.status_code, for_staff.status_code) == (501, 501)
    assert (for_member.json()["code"], for_staff.json()["code"]) == (code, code)
    assert "hint" not in for_member.json()
    assert "openai" in for_staff.json()["hint"]
    assert chatkit_emulator.requests == []
