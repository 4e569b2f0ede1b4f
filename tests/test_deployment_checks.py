"""`manage.py check --deploy` with a production environment says nothing that is not explained."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXPLAINED = {
    "chatkit_gateway.I001": "Hosted workflows end on 2026-11-30; until then this counts the days.",
    "chatkit_gateway.W007": "The same after that day: the move to a self-hosted assistant is due.",
}
IDS = re.compile(r"^\S+: \((\S+)\)", re.MULTILINE)


def check_deploy(**environment: str) -> set[str]:
    """Return the ids of the messages."""
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy"],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_ENV_FILE": "",
            "DJANGO_SECRET_KEY": secrets.token_urlsafe(50),
            "DJANGO_ALLOWED_HOSTS": "pitchguard.example.org",
            "OPENAI_API_KEY": "sk-production",
            "CHATKIT_WORKFLOW_ID": "wf_production",
            "CHATKIT_IDENTITY_KEY": secrets.token_urlsafe(50),
            **environment,
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return set(IDS.findall(done.stdout + done.stderr))


def test_production__is_explained() -> None:
    assert check_deploy() - EXPLAINED.keys() == set()


def test_production__mistakes_are_seen() -> None:
    seen = check_deploy(OPENAI_API_KEY="", DJANGO_SECURE="false")
    assert {"chatkit_gateway.W001", "security.W008", "security.W012"} <= seen
