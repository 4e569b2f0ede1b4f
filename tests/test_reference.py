"""One reference for the whole of a request: its answer, its audit row and its log lines."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.test import Client

from chatkit_gateway import reference
from chatkit_gateway.middleware import reference_middleware
from chatkit_gateway.models import Issuance
from chatkit_gateway.testkit.emulator import Emulator
from tests.visitor import Visitor

Visit = Callable[..., Visitor]


@pytest.fixture(autouse=True)
def no_reference() -> None:
    """Start outside of a request, whatever ran in this thread before."""
    reference._current.set("")


def marked() -> str:
    """Return what the log filter puts on a record now."""
    record = logging.LogRecord("name", logging.INFO, "", 0, "message", None, None)
    assert reference.ReferenceFilter().filter(record)
    return str(vars(record)["reference"])


@pytest.mark.database
class TestEndpoint:
    def test_answer_and_row_have_the_same(
        self, emulator: Emulator, member: User, visit: Visit
    ) -> None:
        answer = visit(member).ask({"assistant": "nobody"})

        assert answer.json()["reference"] == Issuance.objects.get().reference

    def test_the_caller_cannot_choose_it(
        self, emulator: Emulator, member: User, visit: Visit
    ) -> None:
        names = ("X-Request-ID", "X-Correlation-ID", "X-Reference", "Reference", "Traceparent")
        visit(member).ask(headers=dict.fromkeys(names, "chosen"))

        assert "chosen" not in Issuance.objects.get().reference

    def test_requests_at_the_same_time_have_their_own(
        self, emulator: Emulator, member: User, visit: Visit
    ) -> None:
        visitor = visit(member)
        emulator.hold()
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(visitor.ask)
            emulator.wait_for_request()
            refused = [visitor.ask({"assistant": "nobody"}) for _ in range(2)]
            emulator.release()
            assert waiting.result().status_code == 200

        references = set(Issuance.objects.values_list("reference", flat=True))
        assert len(references) == 3
        assert {answer.json()["reference"] for answer in refused} < references

    def test_needs_no_middleware(self, client: Client, member: User, settings: Any) -> None:
        settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "reference" not in name]
        client.force_login(member)

        told = [
            client.post(
                "/chatkit/session", {"assistant": "nobody"}, content_type="application/json"
            ).json()["reference"]
            for _ in range(2)
        ]

        assert told[0] != told[1]
        assert set(told) == set(Issuance.objects.values_list("reference", flat=True))
        assert reference.current() == ""


class TestMiddleware:
    def test_gives_each_request_its_own(self, rf: Any) -> None:
        def respond(request: HttpRequest) -> HttpResponse:
            assert marked() == reference.current()
            return HttpResponse(reference.current())

        middleware = reference_middleware(respond)

        first, second = (middleware(rf.get("/")).content for _ in range(2))
        assert first != second
        assert len(first) == len(second) == 12

    def test_keeps_it_for_what_is_logged_on_the_way_out(self, rf: Any) -> None:
        middleware = reference_middleware(lambda request: HttpResponse(reference.current()))

        assert middleware(rf.get("/")).content.decode() == reference.current() == marked()

    def test_keeps_concurrent_coroutines_apart(self, rf: Any) -> None:
        async def serve() -> list[tuple[str, str]]:
            both_inside = asyncio.Barrier(2)

            async def respond(request: HttpRequest) -> HttpResponse:
                before = reference.current()
                await both_inside.wait()
                in_a_thread = await asyncio.to_thread(reference.current)
                assert before == in_a_thread == reference.current()
                return HttpResponse(before)

            middleware = reference_middleware(respond)
            answers = await asyncio.gather(*(middleware(rf.get("/")) for _ in range(2)))
            return [answer.content.decode() for answer in answers]

        first, second = asyncio.run(serve())
        assert first != second

    def test_keeps_concurrent_threads_apart(self, rf: Any) -> None:
        both_inside = threading.Barrier(2)

        def respond(request: HttpRequest) -> HttpResponse:
            before = reference.current()
            both_inside.wait(timeout=10)
            assert reference.current() == before
            return HttpResponse(before)

        middleware = reference_middleware(respond)
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda _: middleware(rf.get("/")).content, range(2)))

        assert answers[0] != answers[1]


class TestOutsideOfARequest:
    def test_log_lines_are_marked_by_a_dash(self) -> None:
        assert marked() == "-"

    def test_a_block_has_one_of_its_own_and_leaves_none(self) -> None:
        with reference.of_request():
            outer = reference.current()
            with reference.of_request():
                assert reference.current() == outer
            assert reference.current() == outer
        assert outer
        assert reference.current() == ""
