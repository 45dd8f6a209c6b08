"""The bodies of requests: each read within a bound, and all of them together within a budget of bytes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from gunicorn.http.errors import ParseException

from ..contract.errors import BodiesBusy, InvalidRequest, PlantainError, RequestTimeout, RequestTooLarge

_NO_BODY = 0
_PATIENCE = 30.0  # seconds that a body waits for others to be done

Environ = dict[str, Any]


class BodyBudget:
    """A limit on the bytes of bodies in this process, and on how many bodies are worked on at once.

    ``most`` is never less than one body's limit. Threads that all compute take the interpreter from each
    other and from health checks: those beyond ``at_once`` sleep instead. A body has its bytes before it is
    read, and its place afterwards, so that a slow body keeps no other from being worked on.
    """

    def __init__(self, most: int, at_once: int) -> None:
        self.most, self.held = most, 0
        self._places = at_once
        self._changed = threading.Condition()

    @contextmanager
    def hold(self, size: int, seconds: float = _PATIENCE) -> Generator[None]:
        """Reserves ``size`` bytes while the block runs. Raises BodiesBusy after ``seconds``."""
        with self._changed:
            self._wait(lambda: self.held + size <= self.most, seconds)
            self.held += size
        try:
            yield
        finally:
            with self._changed:
                self.held -= size
                self._changed.notify_all()

    @contextmanager
    def place(self, seconds: float = _PATIENCE) -> Generator[None]:
        """Takes a working place while the block runs. Raises BodiesBusy after ``seconds``."""
        with self._changed:
            self._wait(lambda: self._places > 0, seconds)
            self._places -= 1
        try:
            yield
        finally:
            with self._changed:
                self._places += 1
                self._changed.notify_all()

    def _wait(self, is_free: Callable[[], bool], seconds: float) -> None:
        if not self._changed.wait_for(is_free, seconds):
            raise BodiesBusy("Other requests are being taken in at present: send it again.")


class BoundedBody:
    """A request's body. It is closed at first and then reads as empty, so that unwanted bodies are not kept.

    An error is raised once, as one of ours, and stays in ``error``.
    """

    def __init__(self, environ: Environ) -> None:
        self.error: PlantainError | None = None
        self._stream: Any = environ["wsgi.input"]
        length = str(environ.get("CONTENT_LENGTH") or "")
        is_chunked = bool(environ.get("wsgi.input_terminated")) and "HTTP_TRANSFER_ENCODING" in environ
        self.length = None if is_chunked else int(length) if length.isdecimal() else 0
        self._limit = _NO_BODY
        self._taken = 0

    def open(self, limit: int) -> None:
        """Lets ``limit`` bytes be read. Raises RequestTooLarge if Content-Length says that there are more."""
        self._limit = limit
        if self.length is not None and self.length > limit:
            raise self._failed(_too_large(limit))

    def read(self, size: int | None = -1) -> bytes:
        """Reads up to ``size`` bytes, or all. Raises RequestTooLarge, RequestTimeout and InvalidRequest."""
        if self.error is not None or not self._limit:
            return b""
        most = self._limit - self._taken + 1
        if self.length is not None:
            most = min(most, self.length - self._taken)
        wanted = most if size is None or size < 0 else min(size, most)
        data = self._read(wanted)
        self._taken += len(data)
        if self._taken > self._limit:
            raise self._failed(_too_large(self._limit))
        if self.length is not None and len(data) < wanted:
            raise self._failed(InvalidRequest("The body ends before its Content-Length."))
        return data

    def _read(self, size: int) -> bytes:
        try:
            return self._stream.read(size)
        except ParseException:
            raise self._failed(InvalidRequest("The body's chunks are not as HTTP has them.")) from None
        except (BlockingIOError, TimeoutError):
            raise self._failed(RequestTimeout("The body did not arrive in time.")) from None
        except OSError:
            raise self._failed(InvalidRequest("The connection ended within the body.")) from None

    def _failed(self, error: PlantainError) -> PlantainError:
        self.error = error
        return error

    def readline(self, size: int | None = -1) -> bytes:
        return self.read(size)

    def readlines(self, hint: int = -1) -> list[bytes]:
        return list(BytesIO(self.read(hint)))

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readlines())


def _too_large(limit: int) -> RequestTooLarge:
    return RequestTooLarge(f"The body may have {limit >> 20} MB: use POST /v1/uploads for large images.")
