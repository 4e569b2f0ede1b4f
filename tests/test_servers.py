"""The portal under both kinds of server: one upstream connection, and no page held up by OpenAI.

An export holds up no page either, and takes no more memory the more it has to tell.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from chatkit_gateway.testkit import Emulator
from tests.portal_process import PortalProcess
from tests.test_admin import LIST
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


FEW, MANY = 10_000, 40_000
"""Issuances of a member called so; each more than an export reads at a time."""
FILL = """
INSERT INTO chatkit_gateway_issuance (
    username, assistant, backend, workflow_id, outcome, error_code, status, session_id,
    fingerprint, login_id, upstream_request_id, refresh, user_agent, origin, reference, created_at
)
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
SELECT
    CASE WHEN n <= ? THEN 'few' ELSE 'many' END, 'default', 'the.Backend', 'wf_test', 'issued', '',
    200, 'cksess_' || n, printf('%064d', n), printf('%064d', n), 'req_' || n, false,
    printf('%0400d', n), 'https://portal.example.org', printf('%012d', n),
    datetime('now', '-' || n || ' minutes')
FROM numbers
"""


@pytest.fixture(scope="module")
def many(portal: PortalProcess) -> None:
    """Issuances of two members."""
    database = sqlite3.connect(portal.folder / "portal.sqlite3")
    with database:
        database.execute(FILL, [FEW + MANY, FEW])
    database.close()


@pytest.fixture
def admin(portal: PortalProcess, many: None) -> Iterator[Visitor]:
    """The browser of a superuser."""
    with Visitor(portal.url) as visitor:
        yield visitor.log_in("admin", portal.passwords["admin"])


def export(admin: Visitor, query: str = "", format: str = "csv") -> Iterator[bytes]:
    with admin.http.stream(
        "POST", f"{LIST}export/?{query}", data={"format": format}, headers=admin.csrf()
    ) as answer:
        assert answer.status_code == 200
        yield from answer.iter_bytes()


def peak_memory(portal: PortalProcess) -> int:
    """Return the most bytes that the server, or the worker it has, ever held."""
    pids = [str(pid) for pid in portal.pids]
    pids += Path(f"/proc/{pids[0]}/task/{pids[0]}/children").read_text().split()
    statuses = [Path(f"/proc/{pid}/status").read_text() for pid in pids]
    return max(int(status.partition("VmHWM:")[2].split()[0]) * 1024 for status in statuses)


@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_export__takes_no_more_memory_for_more_rows(
    format: str, portal: PortalProcess, admin: Visitor
) -> None:
    sizes, peaks = [], []
    for query, rows in (("q=few", FEW), ("q=many", MANY)):
        pieces = [(len(piece), piece.count(b"\n")) for piece in export(admin, query, format)]
        assert sum(lines for _, lines in pieces) == rows + (format == "csv")
        sizes.append(sum(size for size, _ in pieces))
        peaks.append(peak_memory(portal))

    assert peaks[1] - peaks[0] < (sizes[1] - sizes[0]) / 3


def test_export__ends_when_the_reader_leaves(portal: PortalProcess, admin: Visitor) -> None:
    log = portal.folder / "portal.log"
    before = log.read_text().count("is broken off")

    pieces = export(admin)
    next(pieces)
    pieces.close()

    deadline = time.monotonic() + 20
    while log.read_text().count("is broken off") == before:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_export__holds_up_no_page(portal: PortalProcess, admin: Visitor) -> None:
    pieces = export(admin)
    next(pieces)

    pages = [admin.http.get(path).status_code for path in ("/", LIST, "/readyz")]
    pieces.close()

    assert pages == [200, 200, 200]
