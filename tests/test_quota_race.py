"""Many processes at once never issue one secret too many."""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx2
import pytest

from chatkit_gateway.testkit.emulator import Emulator
from tests.portal_process import PortalProcess
from tests.postgresql import database_of_its_own
from tests.visitor import Visitor

pytestmark = [pytest.mark.database, pytest.mark.timeout(300)]

SERVERS = 4
REQUESTS = 200
QUOTA = 10
PATIENCE = 200
"""Seconds."""

COUNTS = """
import json
from django.db.models import Count
from chatkit_gateway.models import Issuance, QuotaWindow
windows = QuotaWindow.objects.filter(subject="default/day")
rows = Issuance.objects.filter(outcome="issued")
print(json.dumps({
    "used": list(windows.values_list("used", flat=True)),
    "issued": rows.count(),
    "sessions": rows.values("session_id").distinct().count(),
}))
"""


@pytest.fixture
def portal(
    tmp_path_factory: pytest.TempPathFactory, chatkit_emulator: Emulator
) -> Iterator[PortalProcess]:
    """Four processes of the portal on one database, of the kind that this test run is about."""
    environment = {
        "OPENAI_API_KEY": "sk-test",
        "CHATKIT_WORKFLOW_ID": "wf_test",
        "CHATKIT_EMULATOR_URL": chatkit_emulator.url,
    }
    # What is tried here is the count and not the speed, so all may wait for their turn.
    patience: dict[str, Any] = {"timeout": PATIENCE}
    with ExitStack() as stack:
        if server := os.environ.get("TEST_DATABASE_URL"):
            environment["DATABASE_URL"] = stack.enter_context(database_of_its_own(server))
            patience = {"pool": patience}
        yield stack.enter_context(
            PortalProcess(
                tmp_path_factory.mktemp("portal"),
                servers=SERVERS,
                settings={
                    # A day, for the hour may turn while this runs.
                    "CHATKIT_GATEWAY": {"QUOTAS": {"day": QUOTA}},
                    "DATABASES": {"default": {"OPTIONS": patience}},
                },
                **environment,
            )
        )


def test_the_quota_is_exact(portal: PortalProcess, chatkit_emulator: Emulator) -> None:
    with Visitor(portal.url) as visitor:
        visitor.log_in("maya", portal.passwords["maya"])
        # Every process has served before any is asked for a secret.
        for url in portal.urls:
            assert visitor.http.get(f"{url}/readyz").status_code == 200
        answers = asyncio.run(ask_at_once(portal, visitor))

    assert Counter((answer.status_code, answer.json().get("code")) for answer in answers) == {
        (200, None): QUOTA,
        (429, "quota_exceeded"): REQUESTS - QUOTA,
    }
    assert len({a.json()["client_secret"] for a in answers if a.status_code == 200}) == QUOTA
    assert len(chatkit_emulator.sessions) == QUOTA
    assert json.loads(portal.manage("shell", "--verbosity", "0", "-c", COUNTS)) == {
        "used": [QUOTA],
        "issued": QUOTA,
        "sessions": QUOTA,
    }


async def ask_at_once(portal: PortalProcess, visitor: Visitor) -> list[httpx2.Response]:
    """Ask each process as often as every other, all before the first has answered."""
    async with httpx2.AsyncClient(
        cookies=visitor.http.cookies,
        headers=visitor.csrf(),
        limits=httpx2.Limits(max_connections=None),
        timeout=PATIENCE,
    ) as client:
        return await asyncio.gather(
            *(
                client.post(f"{portal.urls[number % SERVERS]}/chatkit/session")
                for number in range(REQUESTS)
            )
        )
