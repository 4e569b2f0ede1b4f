"""Work that nobody waits for: run soon, by few threads, and left out when there is too much."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest

from chatkit_gateway import background
from chatkit_gateway.background import LONGEST_QUEUE, WORKERS
from tests.background_work import finish_background_work


@pytest.fixture
def busy() -> Iterator[threading.Event]:
    """Every thread has a job that goes on until the event is set."""
    at_work, done = threading.Barrier(WORKERS + 1), threading.Event()

    def job() -> None:
        at_work.wait(timeout=10)
        done.wait(timeout=10)

    for _ in range(WORKERS):
        assert background.submit(job)
    at_work.wait(timeout=10)
    yield done
    done.set()
    finish_background_work()


def test_a_job_runs_in_another_thread() -> None:
    threads: list[threading.Thread] = []

    assert background.submit(lambda: threads.append(threading.current_thread()))
    finish_background_work()

    assert threads[0] is not threading.current_thread()
    assert threads[0].daemon


def test_what_is_too_much_is_left_out(
    busy: threading.Event, caplog: pytest.LogCaptureFixture
) -> None:
    ran = threading.Semaphore(0)

    taken = [background.submit(ran.release) for _ in range(LONGEST_QUEUE + 5)]

    assert taken == [True] * LONGEST_QUEUE + [False] * 5
    assert caplog.text.count("this one is left out") == 5
    busy.set()
    assert all(ran.acquire(timeout=10) for _ in range(LONGEST_QUEUE))
    finish_background_work()
    assert not ran.acquire(blocking=False)


def test_a_job_that_fails_is_one_line_and_no_leak(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> None:
        raise LookupError("what no log may hold")

    for _ in range(2 * WORKERS):
        background.submit(broken)
    finish_background_work()

    assert caplog.text.count("LookupError") == 2 * WORKERS
    assert "no log may hold" not in caplog.text


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_has_threads_of_its_own(busy: threading.Event) -> None:
    """The parent's are all busy, and are not there to be waited for."""
    child = os.fork()
    if child == 0:
        ran = threading.Event()
        background.submit(ran.set)
        os._exit(0 if ran.wait(timeout=5) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
