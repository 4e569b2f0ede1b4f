"""Database, migrations and static files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chatkit_gateway.doctor import installation
from chatkit_gateway.doctor.findings import Level
from chatkit_gateway.testkit.emulator import Emulator
from tests.doctor.conftest import examine
from tests.doctor.servers import raw_server

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"


def doctor_of(database_url: str) -> str:
    """Return what the doctor prints about a portal with this database."""
    done = subprocess.run(
        [sys.executable, "manage.py", "chatkit_doctor", "--no-session"],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_ENV_FILE": "",
            "DJANGO_SECRET_KEY": "only-for-tests-" * 4,
            "DATABASE_URL": database_url,
            "CHATKIT_EMULATOR_URL": Emulator.unused_url(),
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stderr
    return done.stdout


@pytest.mark.django_db
@pytest.mark.database
def test_healthy(healthy: Emulator) -> None:
    report = examine(with_session=False)

    report.the("installation.database", Level.OK)
    report.the("installation.migrations", Level.OK)
    report.the("installation.static", Level.OK)


class TestDatabase:
    def test_is_empty(self, tmp_path: Path) -> None:
        printed = doctor_of(f"sqlite:///{tmp_path / 'new.sqlite3'}")

        assert "manage.py migrate" in printed
        assert "chatkit_gateway" in printed

    def test_cannot_be_opened(self, tmp_path: Path) -> None:
        printed = doctor_of(f"sqlite:///{tmp_path / 'nowhere' / 'at-all.sqlite3'}")

        assert "OperationalError" in printed

    def test_refuses_connections(self) -> None:
        port = Emulator.unused_url().rpartition(":")[2]
        printed = doctor_of(f"postgres://ada:hunter2@127.0.0.1:{port}/club")

        assert "dbshell" in printed
        assert "hunter2" not in printed

    def test_never_answers(self) -> None:
        with raw_server(None) as address:
            printed = doctor_of(f"postgres://ada:hunter2@{address}/club")

        assert "Look at" in printed
        assert "hunter2" not in printed


def test_a_call_that_never_returns_is_left_behind(db: None) -> None:
    from threading import Event

    forever = Event()
    with pytest.raises(TimeoutError):
        installation._within(0.05, forever.wait)
    forever.set()


class TestStatic:
    def test_app_is_missing(self, healthy: Emulator, settings: Any) -> None:
        settings.INSTALLED_APPS = [
            app for app in settings.INSTALLED_APPS if app != "django.contrib.staticfiles"
        ]

        examine(with_session=False).the("installation.static", Level.WARNING)

    def test_finder_is_missing(self, healthy: Emulator, settings: Any) -> None:
        settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]

        finding = examine(with_session=False).the("installation.static", Level.PROBLEM)

        assert "AppDirectoriesFinder" in finding.to_do

    def test_not_collected(self, healthy: Emulator, settings: Any, tmp_path: Path) -> None:
        settings.STATIC_ROOT = tmp_path
        settings.STORAGES = {
            "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
            "staticfiles": {"BACKEND": MANIFEST},
        }

        finding = examine(with_session=False).the("installation.static", Level.PROBLEM)

        assert "collectstatic" in finding.to_do
