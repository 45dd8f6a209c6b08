"""gunicorn's worker of ours: every refusal of the server's is one of ours."""

from __future__ import annotations

import socket

import pytest
from gunicorn import config
from gunicorn.http import errors as http
from gunicorn.workers.gthread import ThreadWorker

from functions.http_edge import gunicorn_worker
from functions.http_edge.gunicorn_worker import (
    ARRIVAL_BYTES,
    ARRIVAL_SECONDS,
    ProblemWorker,
    TimedSocket,
    install_gunicorn_worker,
    limit_silence,
)


def sent_for(fault: BaseException) -> bytes:
    """What a client gets for ``fault``."""
    ours, client = socket.socketpair()
    with ours, client:
        worker = ProblemWorker.__new__(ProblemWorker)
        worker.handle_error(None, ours, None, fault)
        ours.shutdown(socket.SHUT_WR)
        with client.makefile("rb") as stream:
            return stream.read()


def refusals() -> list[type[http.ParseException]]:
    """Every error that gunicorn raises for what it cannot read."""
    found = [kind for kind in vars(http).values() if isinstance(kind, type)]
    return [kind for kind in found if issubclass(kind, http.ParseException)]


def test_there_are_refusals_to_answer() -> None:
    assert {http.InvalidChunkSize, http.LimitRequestLine, http.UnsupportedTransferCoding} <= set(refusals())


@pytest.mark.parametrize("kind", refusals())
def test_every_refusal_of_gunicorn_s_is_problem_json(kind: type[http.ParseException]) -> None:
    fault = kind.__new__(kind)
    head, _, body = sent_for(fault).partition(b"\r\n\r\n")
    assert b"Content-Type: application/problem+json" in head
    assert b"Connection: close" in head
    assert f"Content-Length: {len(body)}".encode() in head
    assert head.startswith((b"HTTP/1.1 4", b"HTTP/1.1 50"))


def test_a_crash_is_told_without_a_trace(caplog: pytest.LogCaptureFixture) -> None:
    answer = sent_for(RuntimeError("the secret"))
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert b"secret" not in answer


def test_a_client_that_is_gone_is_no_fault() -> None:
    ours, client = socket.socketpair()
    client.close()
    with ours:
        ProblemWorker.__new__(ProblemWorker).handle_error(None, ours, None, http.InvalidHeader("x"))


def test_a_silent_client_is_waited_for_so_long_and_no_longer() -> None:
    ours, client = socket.socketpair()
    with ours, client:
        limit_silence(ours, 0.05)
        ours.setblocking(True)  # as gunicorn does before it reads
        with pytest.raises(BlockingIOError):
            ours.recv(1)
        client.sendall(b"x")
        assert ours.recv(1) == b"x"


def test_a_body_that_trickles_is_given_up_and_one_that_comes_is_not() -> None:
    ours, client = socket.socketpair()
    with ours, client:
        seconds = [0.0]
        trickling = TimedSocket(ours, lambda: seconds[0])
        with pytest.raises(TimeoutError):
            for _ in range(10_000):
                client.sendall(b"x")
                assert trickling.recv(8_192) == b"x"
                seconds[0] += 1
        assert ARRIVAL_SECONDS < seconds[0] < ARRIVAL_SECONDS + 3
        coming = TimedSocket(ours, lambda: seconds[0])
        for _ in range(2 * ARRIVAL_SECONDS * ARRIVAL_BYTES // 1_024):
            client.sendall(b"x" * 1_024)
            assert len(coming.recv(1_024)) == 1_024
            seconds[0] += 1_024 / ARRIVAL_BYTES


def test_it_is_what_gunicorn_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """As functions-framework makes gunicorn's settings: it says how many threads, and not which worker."""
    monkeypatch.setattr(config.WorkerClass, "default", "sync")
    install_gunicorn_worker()
    settings = config.Config()
    settings.set("threads", 8)
    found = settings.worker_class
    assert found.__module__ == gunicorn_worker.__name__
    assert issubclass(found, ThreadWorker)
