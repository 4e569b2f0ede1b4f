"""The examples of docs/extending.md, all in one fresh project with the built wheel."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from chatkit_gateway.testkit import Emulator
from chatkit_gateway.testkit.server_thread import ServerThread
from tests.other_sites.fresh_site import (
    EMULATOR,
    LOGIN_FOR_EVERYBODY,
    QUICK_PASSWORDS,
    Environment,
    FreshSite,
)
from tests.pages import README, ROOT, Step, steps
from tests.visitor import PASSWORD, Visitor

EXTENDING = ROOT / "docs" / "extending.md"
SHARED_KEY = "a-key-that-two-sites-share"
BROKER_TOKEN = "a-token-that-never-shows"
PEOPLE = f"""
from django.contrib.auth.models import User

for name, where, staff in [
    ("maria", "students.example.org", False),
    ("nora", "students.example.org", False),
    ("stefan", "students.example.org", True),
    ("otto", "elsewhere.example.org", False),
]:
    User.objects.create_user(name, f"{{name}}@{{where}}", {PASSWORD!r}, is_staff=staff)
"""


class Broker:
    """The university's broker, as the page's example asks it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.status = 200
        application = web.Application()
        application.router.add_post("/{path:.*}", self.answer)
        self.server = ServerThread.start(application, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.server.port}"

    async def answer(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == f"Bearer {BROKER_TOKEN}"
        self.asked.append((request.path, await request.json()))
        session = {
            "id": f"session-{len(self.asked)}",
            "client_secret": "ek_from_the_broker",
            "expires_at": int(datetime.now(UTC).timestamp()) + 600,
            "expires_in": 600,
        }
        return web.json_response(session, status=self.status)


@pytest.fixture(scope="module")
def university() -> Iterator[Broker]:
    broker = Broker()
    yield broker
    broker.server.stop()


@pytest.fixture
def broker(university: Broker) -> Broker:
    """The broker as new."""
    university.asked.clear()
    university.status = 200
    return university


def examples() -> list[Step]:
    """Return every block of the page."""
    headings = [
        line
        for line in EXTENDING.read_text(encoding="utf-8").splitlines()
        if line.startswith("## ")
    ]
    return [step for heading in headings for step in steps(EXTENDING, heading)]


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory,
    environment: Environment,
    chatkit_emulator_server: Emulator,
    university: Broker,
) -> FreshSite:
    """A site with every example in it."""
    site = FreshSite(
        tmp_path_factory.mktemp("extended"),
        environment,
        {EMULATOR: chatkit_emulator_server.url, "https://broker.example.org": university.url},
        SHARED_KEY=SHARED_KEY,
        BROKER_TOKEN=BROKER_TOKEN,
    )
    site.write({"settings.py": QUICK_PASSWORDS})
    site.follow([*steps(README, "## In your own site"), *examples()])
    site.write({"urls.py": LOGIN_FOR_EVERYBODY})
    site.shell(PEOPLE)
    return site


@pytest.fixture(scope="module")
def address(site: FreshSite) -> Iterator[str]:
    """Where it is served. No example may fail unseen."""
    with site.uvicorn() as url:
        yield url
    assert "Traceback" not in site.log.read_text()
    assert BROKER_TOKEN not in site.log.read_text()


@pytest.fixture
def maria(address: str) -> Iterator[Visitor]:
    with Visitor(address) as visitor:
        yield visitor.log_in("maria")


@pytest.fixture
def stefan(address: str) -> Iterator[Visitor]:
    with Visitor(address) as visitor:
        yield visitor.log_in("stefan")


def revoke(address: str, name: str) -> None:
    """Let an admin end the client secrets of a member, and wait until that is done."""
    with Visitor(address) as ada:
        ada.log_in("ada")
        done = ada.http.post(
            "/admin/chatkit_gateway/revocation/add/",
            data={"by": "member", "value": name},
            headers=ada.csrf(),
        )
    assert done.status_code == 302, done.text


def test_every_block_has_its_place() -> None:
    assert [step.code for step in examples() if not step.where] == []


def test_gate__decides(address: str, maria: Visitor, chatkit_emulator: Emulator) -> None:
    with Visitor(address) as otto:
        assert otto.log_in("otto").ask().status_code == 403
    assert maria.ask().status_code == 200


def test_pseudonym__is_the_shared_one(maria: Visitor, chatkit_emulator: Emulator) -> None:
    maria.ask()
    [session] = chatkit_emulator.sessions.values()
    assert session.user == hmac.new(SHARED_KEY.encode(), b"maria", "sha256").hexdigest()


@pytest.mark.parametrize(("name", "role"), [("maria", "member"), ("stefan", "committee")])
def test_state_variables__reach_the_workflow(
    request: pytest.FixtureRequest, chatkit_emulator: Emulator, name: str, role: str
) -> None:
    request.getfixturevalue(name).ask()
    [session] = chatkit_emulator.sessions.values()
    assert session.state_variables == {"role": role, "since": datetime.now(UTC).year}


def test_quotas__limit_members_alone(
    address: str, stefan: Visitor, chatkit_emulator: Emulator
) -> None:
    # Twice the hour's limit and one: the hour may change meanwhile.
    with Visitor(address) as nora:
        nora.log_in("nora")
        assert 429 in (nora.ask().status_code for _ in range(41))
    assert {stefan.ask().status_code for _ in range(21)} == {200}


def test_sink__keeps_a_copy(site: FreshSite, stefan: Visitor, chatkit_emulator: Emulator) -> None:
    chatkit_emulator.fail("overloaded", times=1)
    refused = stefan.ask()
    copies = (site.folder / "issuances.jsonl").read_text().splitlines()
    newest = json.loads(copies[-1])
    assert newest["reference"] == refused.json()["reference"]
    assert (newest["username"], newest["error_code"]) == ("stefan", "upstream_unavailable")


def test_signals__are_heard(
    site: FreshSite, address: str, stefan: Visitor, chatkit_emulator: Emulator
) -> None:
    with Visitor(address) as otto:
        stefan.ask()
        otto.log_in("otto").ask()
    revoke(address, "stefan")
    heard = site.log.read_text()
    assert "issued to stefan for default\n" in heard
    assert " got not_a_member\n" in heard
    assert "ended for stefan: by an admin\n" in heard


def test_template__is_the_sites_own(stefan: Visitor) -> None:
    page = stefan.http.get("/assistant/")
    assert "<title>Pitch assistant of the club</title>" in page.text
    assert "<h1>Ask away, stefan</h1>" in page.text
    assert '"endpoint": "/chatkit/session"' in page.text


def test_backend__has_a_page(stefan: Visitor) -> None:
    page = stefan.http.get("/university/")
    assert "<title>The university&#x27;s assistant of the club</title>" in page.text
    assert '"assistant": "university"' in page.text


def test_backend__issues(stefan: Visitor, broker: Broker, chatkit_emulator: Emulator) -> None:
    answer = stefan.ask({"assistant": "university"})
    assert answer.json()["client_secret"] == "ek_from_the_broker"
    pseudonym = hmac.new(SHARED_KEY.encode(), b"stefan", "sha256").hexdigest()
    assert broker.asked == [("/sessions", {"member": pseudonym})]
    assert chatkit_emulator.requests == []


def test_backend__cancels(address: str, stefan: Visitor, broker: Broker) -> None:
    stefan.ask({"assistant": "university"})
    revoke(address, "stefan")
    assert ("/sessions/session-1/cancel", {}) in broker.asked


@pytest.mark.parametrize(
    ("status", "code"), [(401, "upstream_rejected_key"), (500, "upstream_unavailable")]
)
def test_backend__refuses(stefan: Visitor, broker: Broker, status: int, code: str) -> None:
    broker.status = status
    answer = stefan.ask({"assistant": "university"})
    assert (answer.status_code, answer.json()["code"]) == (502, code)


def test_backend__checks_its_options(site: FreshSite) -> None:
    assert "club.W001" not in site.manage("check")
    assert "club.W001" in site.manage("check", BROKER_TOKEN="")
