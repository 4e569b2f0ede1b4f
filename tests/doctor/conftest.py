"""The doctor, asked as the command asks it, and certificates for servers that speak TLS."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme
from django.contrib.auth.models import User
from pytest_django.live_server_helper import LiveServer

from chatkit_gateway.doctor import examination
from chatkit_gateway.doctor.case import Case
from chatkit_gateway.doctor.findings import Finding, Level
from chatkit_gateway.testkit.emulator import Emulator

Configure = Callable[..., None]
LAST_DAY = datetime(2026, 11, 30, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Report:
    """The findings of one examination."""

    findings: list[Finding]

    def of(self, subject: str) -> list[Finding]:
        """Return the findings with this id."""
        return [finding for finding in self.findings if finding.id == subject]

    def the(self, subject: str, level: Level) -> Finding:
        """Return the only finding with this id; it is of this level, and advises if it should."""
        [finding] = self.of(subject)
        assert finding.level is level, finding
        assert finding.to_do or level in {Level.OK, Level.INFO}
        return finding

    def problems(self) -> list[str]:
        """Return the ids of the problems."""
        return [finding.id for finding in self.findings if finding.level is Level.PROBLEM]

    @property
    def text(self) -> str:
        """Return every word."""
        return "\n".join(
            f"{finding.id} {finding.title} {finding.found} {finding.to_do}"
            for finding in self.findings
        )


def examine(**case: Any) -> Report:
    """Go to the doctor; the day is the last one of hosted workflows unless said otherwise."""
    visit = Case(**{"now": LAST_DAY, **case})
    for _area in examination.examine(visit):
        pass
    return Report(visit.findings)


@pytest.fixture
def healthy(emulator: Emulator, configure: Configure, db: None) -> Emulator:
    """A portal with nothing to complain about, whose upstream is the emulator."""
    configure(IDENTITY_KEY="k" * 50, SCRIPT_URL=f"{emulator.url}/deployments/chatkit/chatkit.js")
    return emulator


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Who signs the certificates; nobody trusts it unless told to."""
    return trustme.CA()


@pytest.fixture
def certificate(authority: trustme.CA) -> ssl.SSLContext:
    """What a server on 127.0.0.1 needs to speak TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine trusts the authority."""
    file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))


@pytest.fixture
def serve(healthy: Emulator, transactional_db: None) -> Iterator[Callable[[], str]]:
    """Return a function that serves the portal with the settings as they are then."""
    servers: list[LiveServer] = []

    def start() -> str:
        servers.append(LiveServer("127.0.0.1"))
        return str(servers[-1].url)

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def maria(transactional_db: None) -> User:
    """A member of a served portal."""
    from tests.conftest import create_user

    return create_user("maria", member=True)
