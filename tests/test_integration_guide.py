"""The guide cannot rot: its settings serve, its commands run, its TypeScript has the right types.

What needs a browser is in tests/browser/test_integration_guide.py.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.checks import INFO, run_checks
from django.core.management import call_command

from chatkit_gateway.testkit.emulator import Emulator
from pitchguard_site import urls as portal_urls
from tests.conftest import API_KEY, WORKFLOW
from tests.guide import LANGUAGES, ROOT, blocks
from tests.visitor import Visitor

CLIENT = ROOT / "examples" / "react-client"
FRONT_END = "https://app.example.org"

Configure = Callable[..., None]
Visit = Callable[..., Visitor]


@pytest.fixture
def as_the_guide_says(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A site with the guide's settings and addresses, and of our own only login and pages."""
    monkeypatch.setenv("OPENAI_API_KEY", API_KEY)
    monkeypatch.setenv("CHATKIT_WORKFLOW_ID", WORKFLOW)
    urls = ModuleType("urls_of_the_guide")
    urls.__dict__["urlpatterns"] = [
        pattern for pattern in portal_urls.urlpatterns if "chatkit/" not in str(pattern.pattern)
    ]
    site: dict[str, Any] = {"INSTALLED_APPS": [], "MIDDLEWARE": []}
    for code in blocks("python"):
        exec(code, urls.__dict__ if "urlpatterns" in code else site)  # noqa: S102
    assert site["INSTALLED_APPS"] == ["chatkit_gateway", "corsheaders"]
    assert [*site["MIDDLEWARE"]] == ["corsheaders.middleware.CorsMiddleware"]
    for name in (
        "CHATKIT_GATEWAY",
        *(name for name in site if name.startswith(("CORS_", "CSRF_"))),
    ):
        setattr(settings, name, site[name])
    settings.ALLOWED_HOSTS = ["portal.example.org", "localhost"]
    settings.ROOT_URLCONF = urls


def test_every_block_is_looked_at() -> None:
    here, in_the_browser = {"", "python", "sh", "ts", "tsx"}, {"css", "html", "js"}
    assert here | in_the_browser == LANGUAGES


@pytest.mark.database
def test_settings__pass_the_checks(as_the_guide_says: None, db: None) -> None:
    assert [message for message in run_checks(tags=["chatkit"]) if message.level > INFO] == []


@pytest.mark.database
@pytest.mark.parametrize("prefix", ["/chatkit", "/api/chatkit"])
def test_settings__serve_a_front_end_on_another_origin(
    prefix: str,
    as_the_guide_says: None,
    emulator: Emulator,
    member: User,
    visit: Visit,
    configure: Configure,
) -> None:
    configure(options={"base_url": emulator.api_url})
    visitor = visit(member)
    config = visitor.http.get(f"{prefix}/config", headers={"Origin": FRONT_END})
    secret = visitor.http.post(
        config.json()["endpoint"],
        headers={"Origin": FRONT_END, "X-CSRFToken": config.json()["csrf_token"]},
    )

    assert config.json()["widget"]["startScreen"]["prompts"][0]["label"] == "Review my pitch"
    assert secret.json()["client_secret"]
    for answer in (config, secret):
        assert answer.headers["Access-Control-Allow-Origin"] == FRONT_END
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        assert answer.headers["Access-Control-Expose-Headers"] == "Retry-After"


@pytest.mark.database
def test_commands_run(db: None) -> None:
    for line in "".join(blocks("sh")).splitlines():
        python, manage, command, *arguments = line.split()
        assert (python, manage) == ("python", "manage.py")
        call_command(command, *arguments)


def test_variables_exist() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    for line in "".join(blocks("")).splitlines():
        name, _, value = line.partition("=")
        assert f"#{name}=" in example
        assert value == FRONT_END


@pytest.fixture
def folder() -> Iterator[Path]:
    """A place from which Node.js finds what the React client has installed."""
    folder = CLIENT / "node_modules" / ".guide"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


def test_typescript_has_the_right_types(folder: Path) -> None:
    files = []
    for language in ("ts", "tsx"):
        for number, code in enumerate(blocks(language)):
            files.append(folder / f"block-{number}.{language}")
            files[-1].write_text(code, encoding="utf-8")
    project = folder / "tsconfig.json"
    extends = str(CLIENT / "tsconfig.json")
    project.write_text(
        json.dumps({"extends": extends, "include": [], "files": [str(file) for file in files]})
    )
    done = subprocess.run(
        [CLIENT / "node_modules" / ".bin" / "tsc", "--project", project],
        cwd=CLIENT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
