"""Bodies: each within a bound, all together within a budget, and what is wrong with one told once."""

from __future__ import annotations

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from gunicorn.http.errors import InvalidChunkSize, NoMoreData

from functions.api.request_body import BODIES, MAX_BODY
from functions.contract.errors import (
    BodiesBusy,
    InvalidRequest,
    PlantainError,
    RequestTimeout,
    RequestTooLarge,
)
from functions.http_edge.body_budget import BodyBudget, BoundedBody
from tests.eventually import eventually

GENEROUS = 60.0  # seconds: waited for only if something is broken


class Broken(io.RawIOBase):
    def __init__(self, fault: Exception) -> None:
        self.fault = fault
        self.reads = 0

    def read(self, size: int = -1) -> bytes:
        self.reads += 1
        raise self.fault


def body(stream: Any, length: int | None = None) -> BoundedBody:
    """A body of ``length`` bytes, or in chunks."""
    environ: dict[str, Any] = {"wsgi.input": stream, "wsgi.input_terminated": True}
    if length is None:
        environ["HTTP_TRANSFER_ENCODING"] = "chunked"
    else:
        environ["CONTENT_LENGTH"] = str(length)
    return BoundedBody(environ)


def test_a_body_is_closed_until_it_is_wanted() -> None:
    stream = io.BytesIO(b"x" * 10)
    found = body(stream, 10)
    assert found.read() == b""
    assert stream.tell() == 0
    found.open(10)
    assert found.read() == b"x" * 10
    assert found.read() == b""


@pytest.mark.parametrize("length", [None, 100])
def test_more_than_the_bound_is_never_held(length: int | None) -> None:
    stream = io.BytesIO(b"x" * 100)
    found = body(stream, length)
    with pytest.raises(RequestTooLarge):
        found.open(10)
        found.read()
    assert stream.tell() <= 11
    assert isinstance(found.error, RequestTooLarge)
    assert found.read() == b""  # what functions-framework does once more is no fault


def test_no_more_is_asked_of_the_server_than_was_announced() -> None:
    """A server that waits for more on an open connection would wait for ever."""
    asked: list[int] = []

    class Stream(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            asked.append(size or 0)
            return super().read(size)

    found = body(Stream(b"x" * 7), 7)
    found.open(100)
    assert found.read() == b"x" * 7
    assert asked == [7]


def test_a_body_that_is_cut_short_is_no_body() -> None:
    found = body(io.BytesIO(b"x"), 7)
    found.open(100)
    with pytest.raises(InvalidRequest):
        found.read()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (InvalidChunkSize(b"xyz"), InvalidRequest),
        (NoMoreData(), InvalidRequest),
        (ConnectionResetError(), InvalidRequest),
        (TimeoutError(), RequestTimeout),
        (BlockingIOError(), RequestTimeout),
    ],
)
def test_what_the_server_finds_wrong_is_told_once(fault: Exception, error: type[PlantainError]) -> None:
    stream = Broken(fault)
    found = body(stream)
    found.open(100)
    with pytest.raises(error):
        found.read()
    assert found.read() == b""
    assert stream.reads == 1


# All of them together. ---------------------------------------------------------------------------------


def test_bodies_wait_for_their_turn() -> None:
    budget, go = BodyBudget(100, at_once=10), threading.Event()

    def hold(size: int) -> int:
        with budget.hold(size, GENEROUS):
            held = budget.held
            go.wait(GENEROUS)
            return held

    with ThreadPoolExecutor(5) as callers:
        holds = [callers.submit(hold, 40) for _ in range(5)]
        eventually(lambda: budget.held == 80)
        go.set()
        assert max(each.result(GENEROUS) for each in holds) <= 100
    assert budget.held == 0


def test_so_many_are_worked_on_at_once_and_the_others_sleep() -> None:
    budget, go = BodyBudget(100, at_once=2), threading.Event()

    def hold() -> int:
        with budget.place(GENEROUS), budget.hold(1, GENEROUS):
            held = budget.held
            go.wait(GENEROUS)
            return held

    with ThreadPoolExecutor(5) as callers:
        holds = [callers.submit(hold) for _ in range(5)]
        eventually(lambda: budget.held == 2)
        go.set()
        assert max(each.result(GENEROUS) for each in holds) == 2
    assert budget.held == 0


def test_who_waits_too_long_for_a_place_is_told_to_come_again() -> None:
    budget = BodyBudget(100, at_once=1)
    with budget.place(), pytest.raises(BodiesBusy), budget.place(0.01):
        pytest.fail("there was no place")
    with budget.place(0.01):
        assert budget.held == 0


def test_who_waits_too_long_is_told_to_come_again() -> None:
    budget = BodyBudget(100, at_once=10)
    with budget.hold(100), pytest.raises(BodiesBusy) as refused, budget.hold(1, 0.01):
        pytest.fail("there was no room")
    assert refused.value.retryable
    assert budget.held == 0


def test_room_is_given_back_whatever_happens() -> None:
    budget = BodyBudget(100, at_once=10)
    with pytest.raises(ZeroDivisionError), budget.hold(100):
        raise ZeroDivisionError
    assert budget.held == 0


def test_the_largest_body_fits_and_lies_below_cloud_run_s_limit() -> None:
    assert MAX_BODY < 32 * 2**20
    assert 28_000_000 < MAX_BODY <= BODIES.most
