"""Nothing keeps or repeats a client secret or the API key: no disk, no log, no answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from django.contrib.auth.models import User
from django.test import Client

from chatkit_gateway import conf
from chatkit_gateway.backends.contract import IssuedSecret
from chatkit_gateway.issuance import Answer
from chatkit_gateway.testkit.emulator import Emulator
from chatkit_gateway.testkit.faults import Fault
from tests.conftest import API_KEY, WORKFLOW
from tests.portal_process import PortalProcess
from tests.visitor import Visitor

FAULTS = ("wrong_key", "workflow_not_found", "bad_request", "reset", "not_json", "expiry_text")


def test_no_secret_and_no_key_anywhere(tmp_path: Path, chatkit_emulator: Emulator) -> None:
    """A portal at its most talkative: the SDK and the portal log all that they do."""
    answers: list[httpx2.Response] = []
    with (
        PortalProcess(
            tmp_path,
            OPENAI_API_KEY=API_KEY,
            CHATKIT_WORKFLOW_ID=WORKFLOW,
            CHATKIT_EMULATOR_URL=chatkit_emulator.url,
            OPENAI_LOG="debug",
        ) as portal,
        Visitor(portal.url) as visitor,
    ):
        visitor.http.event_hooks["response"].append(answers.append)
        visitor.log_in("maya", portal.passwords["maya"])
        use_everything(visitor, chatkit_emulator)
        look_up_and_revoke(portal, answers, chatkit_emulator)
        secrets = {session.client_secret for session in chatkit_emulator.sessions.values()}

    assert len(secrets) == 2 + len({"expiry_text"})
    stored = [path for path in tmp_path.iterdir() if path.is_file()]
    assert {path.name for path in stored} >= {"portal.sqlite3", "portal.log"}
    assert b"openai._base_client" in (tmp_path / "portal.log").read_bytes()
    for path in stored:
        content = path.read_bytes()
        for hidden in (*secrets, API_KEY):
            assert hidden.encode() not in content, path.name
    told = [answer for answer in answers if answer.url.path == "/chatkit/session"]
    assert [answer.status_code for answer in told].count(200) == 2
    for answer in answers:
        for hidden in (*secrets, API_KEY):
            assert hidden not in str(answer.headers)
            assert hidden not in str(answer.url)
            if answer.status_code != 200 or answer not in told:
                assert hidden not in answer.text
        assert API_KEY not in answer.text
        # An admin may know it; a member may not.
        assert WORKFLOW not in answer.text or answer.url.path.startswith("/admin/")


def look_up_and_revoke(
    portal: PortalProcess, answers: list[httpx2.Response], emulator: Emulator
) -> None:
    """OpenAI's answer to a cancel holds the client secret once more."""
    first, *_others = emulator.sessions.values()
    with Visitor(portal.url) as admin:
        admin.http.event_hooks["response"].append(answers.append)
        admin.log_in("admin", portal.passwords["admin"])
        issuances = "/admin/chatkit_gateway/issuance/"
        found = admin.http.post(
            f"{issuances}lookup/",
            data={"client_secret": first.client_secret},
            headers=admin.csrf(),
        )
        assert "It was issued to maya." in found.text
        emulator.clear_faults()
        ended = admin.http.post(
            "/admin/chatkit_gateway/revocation/add/",
            data={"by": "everything"},
            headers=admin.csrf(),
            follow_redirects=True,
        )
        assert "2 client secrets were ended." in ended.text


def use_everything(visitor: Visitor, emulator: Emulator) -> None:
    assert visitor.ask().status_code == 200
    assert visitor.ask({"refresh": True}).status_code == 200
    for page in ("/", "/assistant/", "/accounts/password_change/", "/nowhere/"):
        visitor.http.get(page)
    for fault in FAULTS:
        emulator.clear_faults()
        emulator.fail(fault)
        assert visitor.ask().status_code == 502, fault
    emulator.clear_faults()
    emulator.fail(
        Fault(status=401, message=f"Incorrect API key provided: {API_KEY}. You can find yours")
    )
    assert visitor.ask().json()["code"] in {"upstream_rejected_key", "upstream_paused"}


@pytest.mark.parametrize(
    "holder",
    [
        IssuedSecret("ek_hidden", "cksess_1", 1790000000, 600),
        Answer("ek_hidden", 1790000000, 600, "default", "hosted"),
        conf.Assistant("default", "", "", {"api_key": "ek_hidden"}, "", {}, None, None, None, 1),
    ],
)
def test_what_holds_a_secret_does_not_show_it(holder: object) -> None:
    assert "ek_hidden" not in repr(holder)
    assert "ek_hidden" not in str(holder)


def broken(*args: object) -> object:
    """Stand in for a site's own callable that fails."""
    raise LookupError("the site's own mistake")


@pytest.mark.parametrize("extended", ["state_variables", "GATE", "PSEUDONYM"])
def test_a_callable_that_fails__shows_no_key_in_the_report(
    extended: str, settings: Any, configure: Callable[..., None], emulator: Emulator, member: User
) -> None:
    """Django's report shows the variables of every function on the way to the mistake."""
    own = {extended: f"{__name__}.broken"}
    configure(**({"options": own} if extended == "state_variables" else own))
    settings.DEBUG = True
    client = Client(raise_request_exception=False)
    client.force_login(member)
    report = client.post("/chatkit/session", {}, "application/json")
    assert report.status_code == 500
    assert "the site&#x27;s own mistake" in report.text
    assert API_KEY not in report.text
    assert emulator.requests == []
