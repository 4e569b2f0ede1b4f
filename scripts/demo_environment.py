"""The environment of the demo's processes.

Of this machine's environment and `.env` the demo takes what concerns OpenAI and nothing else of
the portal's, so it never meets a real portal's database, mail or addresses.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from pitchguard_site import environment
from scripts.demo_processes import ROOT

ABOUT_OPENAI = ("OPENAI_", "CHATKIT_")
PORTALS_OWN = (*ABOUT_OPENAI, "CORS_", "DATABASE_URL", "DJANGO_", "EMAIL_URL", "PERPLEXITY_")
DEMOS_OWN = ("CHATKIT_EMULATOR_URL", "CHATKIT_IDENTITY_KEY")


def portal(folder: Path) -> dict[str, str]:
    """Return the environment of a portal that keeps everything in the folder, without OpenAI."""
    machine = {
        name: value for name, value in os.environ.items() if not name.startswith(PORTALS_OWN)
    }
    return {
        **machine,
        **_keys(folder / "keys.json"),
        "DJANGO_ENV_FILE": "",
        "DJANGO_DEBUG": "false",
        "DJANGO_SECURE": "false",
        "DATABASE_URL": f"sqlite:///{quote(str(folder / 'portal.sqlite3'))}",
    }


def openai() -> tuple[dict[str, str], str]:
    """Return the variables that concern OpenAI, and where key and workflow come from in words.

    Both are empty if the environment and `.env` do not name a key and a workflow.
    """
    given = environment.load(ROOT)
    origins = given.origins({name: name for name in ("OPENAI_API_KEY", "CHATKIT_WORKFLOW_ID")})
    if len(origins) < 2:
        return {}, ""
    variables = {
        name: value
        for name, value in given.ENVIRON.items()
        if name.startswith(ABOUT_OPENAI) and not name.startswith(DEMOS_OWN)
    }
    return variables, ", ".join(f"{name} from {origin}" for name, origin in origins.items())


def emulated(url: str) -> Mapping[str, str]:
    """Return the variables of a portal whose OpenAI is the emulator at this address."""
    return {
        "CHATKIT_EMULATOR_URL": url,
        "OPENAI_API_KEY": "sk-demo",
        "CHATKIT_WORKFLOW_ID": "wf_demo",
        # A proxy to the internet does not lead back to this machine.
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }


def _keys(file: Path) -> dict[str, str]:
    """Return the demo's own keys, made at its first start: a restart logs nobody out."""
    if not file.exists():
        file.touch(mode=0o600)
        names = ("DJANGO_SECRET_KEY", "CHATKIT_IDENTITY_KEY")
        file.write_text(json.dumps({name: secrets.token_urlsafe(50) for name in names}, indent=2))
    keys: dict[str, str] = json.loads(file.read_text())
    return keys
