"""The portal under both kinds of server: one upstream connection, and no page held up by OpenAI."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from chatkit_gateway.testkit import Emulator
from tests.portal_process import PortalProcess
from tests.visitor import Visitor


class WsgiPortal(PortalProcess):
    """The portal under gunicorn: one process, a few threads."""

    def server(self, fd: int) -> list[str]:
        threads = ["--worker-class", "gthread", "--threads", "4", "--no-control-socket"]
        return ["gunicorn", "pitchguard_site.wsgi", "--bind", f"fd://{fd}", *threads]


@pytest.fixture(scope="module")
def upstream() -> Iterator[Emulator]:
    """An emulator that nobody else of this test run has ever been connected to."""
    with Emulator() as emulator:
        yield emulator


@pytest.fixture(scope="module", params=[WsgiPortal, PortalProcess], ids=["wsgi", "asgi"])
def portal(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, upstream: Emulator
) -> Iterator[PortalProcess]:
    """The portal under each server."""
    with request.param(
        tmp_path_factory.mktemp("portal"),
        OPENAI_API_KEY="sk-test",
        CHATKIT_WORKFLOW_ID="wf_test",
        CHATKIT_EMULATOR_URL=upstream.url,
    ) as process:
        yield process


@pytest.fixture
def maya(portal: PortalProcess) -> Iterator[Visitor]:
    """A member of the portal."""
    with Visitor(portal.url) as visitor:
        yield visitor.log_in("maya", portal.passwords["maya"])


def connections_to(url: str) -> set[str]:
    """Return the near ends of all TCP connections to a local address, open or lately closed."""
    port = urlsplit(url).port
    table = Path("/proc/net/tcp").read_text().splitlines()[1:]
    rows = [line.split() for line in table]
    return {row[1] for row in rows if row[2] == f"0100007F:{port:04X}"}


def test_three_calls__share_a_connection(maya: Visitor, upstream: Emulator) -> None:
    before = connections_to(upstream.url)
    assert [maya.ask().status_code for _ in range(3)] == [200, 200, 200]
    after = connections_to(upstream.url)
    assert after
    assert len(after - before) <= 1


def test_hung_issuance__holds_up_no_page(maya: Visitor, upstream: Emulator) -> None:
    upstream.reset()
    upstream.hold()
    with ThreadPoolExecutor() as pool:
        waiting = [pool.submit(maya.ask) for _ in range(2)]
        upstream.wait_for_request(2)
        pages = [
            httpx2.get(f"{maya.base_url}{path}", timeout=5).status_code
            for path in ("/healthz", "/accounts/login/", "/readyz")
        ]
        upstream.release()
        answers = [issuance.result().status_code for issuance in waiting]
    assert pages == [200, 200, 200]
    assert answers == [200, 200]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ([b'{"assist', b'ant": "nobody"}'], 404),
        ([b"{", b"}"], 200),
        ([b"no ", b"json"], 400),
        ([b"x" * 3000] * 2, 413),
    ],
    ids=["unknown assistant", "empty object", "no json", "too large"],
)
def test_chunked_body__is_read(
    body: list[bytes], status: int, maya: Visitor, upstream: Emulator
) -> None:
    upstream.reset()
    answer = maya.ask(content=iter(body), headers={"Content-Type": "application/json"})
    assert answer.status_code == status
