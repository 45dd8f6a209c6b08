"""gunicorn's worker, whose refusals are problem+json: a request that it cannot read never reaches a function.

functions-framework starts gunicorn itself and reads no configuration of ours; but it leaves the worker's
class at gunicorn's default, and loads ``main.py`` before it reads that (docs/decisions/0014).
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any

from gunicorn import config
from gunicorn.http import errors as http
from gunicorn.workers.gthread import ThreadWorker

from ..contract.errors import (
    ExpectationFailed,
    HeadersTooLarge,
    InvalidRequest,
    PlantainError,
    TransferCodingUnknown,
    UriTooLong,
)
from ..contract.telemetry.log import log
from .problem import problem_response

MAX_LINE = 8_190  # bytes of a request's first line, the most that gunicorn bounds
SILENCE_SECONDS = 30  # of a client in the middle of a request, after which its connection is closed
ARRIVAL_SECONDS = 60  # that a body may take to arrive; a longer body may take longer
ARRIVAL_BYTES = 128 * 2**10  # of a body that allow one second more

_OUR_FAULT = PlantainError("This is our fault, and it was recorded.")
_REFUSALS: tuple[tuple[type[Exception], PlantainError], ...] = (
    (http.LimitRequestLine, UriTooLong("The address is too long: send less in the query string.")),
    (http.LimitRequestHeaders, HeadersTooLarge("The headers are too long, or too many.")),
    (http.UnsupportedTransferCoding, TransferCodingUnknown("Of transfer codings only chunked is known.")),
    (http.ExpectationFailed, ExpectationFailed("Of expectations only 100-continue is known.")),
    (http.ConfigurationProblem, _OUR_FAULT),
    (http.ParseException, InvalidRequest("The request is not as HTTP has it.")),
)


class ProblemWorker(ThreadWorker):
    """One process with threads. It limits what a client may send before a function sees it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cfg.set("limit_request_line", MAX_LINE)  # which functions-framework sets to no limit

    def handle(self, conn: Any) -> Any:
        with suppress(OSError):  # closed already
            limit_silence(conn.sock, SILENCE_SECONDS)
        return super().handle(conn)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Limits the time in which the body arrives: a slow body would hold a thread for ever."""
        unreader = conn.parser.unreader
        unreader.sock = TimedSocket(conn.sock)
        try:
            return super().handle_request(req, conn)
        finally:
            unreader.sock = conn.sock

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answers a request that could not be read, or whose answer could not be started."""
        del req, addr
        error = _error_for(exc)
        if error.code == PlantainError.code:
            log("http.internal_error", "ERROR", trace=exc)
        with suppress(OSError):  # the client may be gone
            client.sendall(_encode_response(error))


class TimedSocket:
    """A connection from which one body is read. A longer body may take longer."""

    def __init__(self, connection: socket.socket, clock: Callable[[], float] = monotonic) -> None:
        self._connection = connection
        self._clock = clock
        self._began, self._taken = clock(), 0

    def recv(self, size: int) -> bytes:
        """Reads up to ``size`` bytes. Raises TimeoutError when the body arrives too slowly."""
        if self._clock() - self._began > ARRIVAL_SECONDS + self._taken / ARRIVAL_BYTES:
            raise TimeoutError
        data = self._connection.recv(size)
        self._taken += len(data)
        return data


def limit_silence(connection: socket.socket, seconds: float) -> None:
    """Makes each read of ``connection`` fail with BlockingIOError after ``seconds`` without a byte.

    The system's own timeout stays, unlike Python's, when gunicorn sets the socket to blocking.
    """
    whole, part = divmod(seconds, 1)
    timeout = struct.pack("ll", int(whole), int(part * 1e6))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, timeout)


def _error_for(fault: BaseException) -> PlantainError:
    is_of_the_answer = type(fault).__name__.startswith("InvalidResponse")  # newer gunicorn's: our own headers
    found = (error for kind, error in _REFUSALS if isinstance(fault, kind) and not is_of_the_answer)
    return next(found, _OUR_FAULT)


def _encode_response(error: PlantainError) -> bytes:
    response = problem_response(error)
    body = response.get_data()
    response.headers["Connection"] = "close"
    response.headers["Content-Length"] = str(len(body))
    head = "".join(f"{name}: {value}\r\n" for name, value in response.headers.items())
    return f"HTTP/1.1 {response.status}\r\n{head}\r\n".encode("latin-1") + body


def install_gunicorn_worker() -> None:
    """Makes ``ProblemWorker`` gunicorn's default worker class in this process."""
    config.WorkerClass.default = f"{__name__}.{ProblemWorker.__name__}"
