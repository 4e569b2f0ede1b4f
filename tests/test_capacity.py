"""Calls in flight and rest after failures, as one process keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from chatkit_gateway import capacity, errors
from chatkit_gateway.conf import Upstream
from chatkit_gateway.errors import Problem, Refusal

API = "https://api.example/v1"
LIMITS = Upstream(in_flight=2, rest_after=3, rest_seconds=60)
SHORT_REST = Upstream(rest_after=3, rest_seconds=0)


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    capacity.reset()
    yield
    capacity.reset()


def call(problem: Problem | None = None, limits: Upstream = LIMITS, api: str = API) -> str:
    """Make a call that ends in the problem, and return how it ended."""
    try:
        with capacity.admit(api, limits):
            if problem:
                raise Refusal(problem)
    except Refusal as refusal:
        return refusal.problem.code
    return "answered"


def test_calls_in_flight_are_bounded() -> None:
    with ExitStack() as calls:
        for _ in range(2):
            calls.enter_context(capacity.admit(API, LIMITS))
        with pytest.raises(Refusal) as refusal, capacity.admit(API, LIMITS):
            pass
    assert refusal.value.problem is errors.GATEWAY_BUSY
    assert refusal.value.retry_after == 1
    assert call() == "answered"


@pytest.mark.parametrize(
    "problem",
    [errors.UPSTREAM_UNAVAILABLE, errors.UPSTREAM_TIMEOUT, errors.UPSTREAM_INVALID_RESPONSE],
)
def test_rest_after_failures_in_a_row(problem: Problem) -> None:
    assert [call(problem) for _ in range(4)] == [problem.code] * 3 + ["upstream_paused"]


@pytest.mark.parametrize(
    "problem", [errors.UPSTREAM_REJECTED_KEY, errors.UPSTREAM_RATE_LIMITED, None]
)
def test_an_answer_ends_the_row(problem: Problem | None) -> None:
    for _ in range(3):
        call(errors.UPSTREAM_TIMEOUT)
        call(errors.UPSTREAM_TIMEOUT)
        assert call(problem) == (problem.code if problem else "answered")


def test_one_upstream_rests_and_another_works() -> None:
    for _ in range(3):
        call(errors.UPSTREAM_TIMEOUT)
    assert call() == "upstream_paused"
    assert call(api="https://other.example/v1") == "answered"


def test_a_rest_tells_how_long() -> None:
    for _ in range(3):
        call(errors.UPSTREAM_TIMEOUT)
    with pytest.raises(Refusal) as refusal, capacity.admit(API, LIMITS):
        pass
    assert 55 <= (refusal.value.retry_after or 0) <= 60


def test_after_the_rest_one_probe_goes_through() -> None:
    for _ in range(3):
        call(errors.UPSTREAM_TIMEOUT, SHORT_REST)
    with capacity.admit(API, SHORT_REST):
        assert call(limits=SHORT_REST) == "upstream_paused"
    assert call(limits=SHORT_REST) == "answered"


def test_a_failed_probe_means_rest_again() -> None:
    for _ in range(3):
        call(errors.UPSTREAM_TIMEOUT, SHORT_REST)
    assert call(errors.UPSTREAM_TIMEOUT) == "upstream_timeout"
    assert call() == "upstream_paused"


def test_our_own_error_says_nothing_of_the_upstream() -> None:
    for _ in range(5):
        with pytest.raises(ZeroDivisionError), capacity.admit(API, LIMITS):
            raise ZeroDivisionError
    assert call() == "answered"
