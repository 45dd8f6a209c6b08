"""Objects of Cloud Storage, read in ranges by several threads into files.

Google's client reads 8 KiB at a time. That takes four times the processor time of a read into one buffer, and
Python's lock makes it the limit however many threads read: docs/cold-start.md has the figures.
"""

from __future__ import annotations

import base64
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from functions.contract.errors import ModelUnavailable

if TYPE_CHECKING:
    from google.auth.transport.requests import AuthorizedSession
    from requests import Response

READERS = 8  # threads, and connections
RANGE_BYTES = 16 << 20
_BUFFER_BYTES = 1 << 20  # of each reader: 8 MiB in memory in all
_RETRIES = (0.5, 1.0, 2.0, 4.0, 8.0)  # seconds before a range is asked for again, from where it broke off
_SECONDS = (10.0, 60.0)  # to connect, and between two reads
_BUSY = {408, 429, 500, 502, 503, 504}


@dataclass(frozen=True)
class RemoteFile:
    """An object as it was listed, and the file that it becomes."""

    address: str  # of the bytes of the listed generation
    size: int
    crc32c: str  # base64, as Cloud Storage writes it
    path: Path

    @property
    def is_here(self) -> bool:
        """Returns True if the file is there: it appears when it is whole and was checked."""
        return self.path.exists()


class Stopped(Exception):
    """The download was stopped from outside."""


def download_files(
    session: AuthorizedSession, files: Sequence[RemoteFile], stop: threading.Event | None = None
) -> None:
    """Downloads the files, the first ones first. Each appears under its name once it is whole and checked.

    Raises ModelUnavailable for a damaged file, requests' exceptions and OSError, and Stopped.
    """
    stop = stop or threading.Event()
    arrivals = [ArrivingFile(session, file, stop) for file in files]
    with ThreadPoolExecutor(READERS, thread_name_prefix="download") as pool:
        ranges = [pool.submit(arrival.fetch_range, start) for arrival in arrivals for start in arrival.starts]
        done, _ = wait(ranges, return_when=FIRST_EXCEPTION)
        pool.shutdown(wait=False, cancel_futures=True)
        for each in done:
            each.result()


class ArrivingFile:
    """A file whose ranges are written to a file beside it until the last one is there."""

    def __init__(self, session: AuthorizedSession, file: RemoteFile, stop: threading.Event) -> None:
        self._session, self.file, self._stop = session, file, stop
        self._partial = file.path.with_name(f".{file.path.name}.part")
        self.starts = range(0, max(file.size, 1), RANGE_BYTES)
        self._missing = len(self.starts)
        self._lock = threading.Lock()

    def fetch_range(self, start: int) -> None:
        """Fetches the range that begins at ``start``. The last one to arrive makes the file whole."""
        self._partial.parent.mkdir(parents=True, exist_ok=True)
        end = min(start + RANGE_BYTES, self.file.size)
        with os.fdopen(os.open(self._partial, os.O_WRONLY | os.O_CREAT), "wb") as out:
            out.seek(start)
            self._fetch(out, start, end)
        with self._lock:
            self._missing -= 1
            is_whole = self._missing == 0
        if is_whole:
            self._check()
            self._partial.replace(self.file.path)

    def _fetch(self, out: BinaryIO, start: int, end: int) -> None:
        """Copies the bytes from ``start`` up to ``end``; where a connection breaks, the next goes on."""
        for pause in (*_RETRIES, None):
            if start < end:
                start += self._copy(out, start, end, is_last_try=pause is None)
            if start == end:
                return
            if self._stop.wait(pause or 0):
                raise Stopped
        raise ModelUnavailable(f"{self.file.path.name} ends before its last byte. Start again.")

    def _copy(self, out: BinaryIO, start: int, end: int, *, is_last_try: bool) -> int:
        """Returns how many bytes one request brought: fewer than wanted where the connection broke."""
        from requests.exceptions import RequestException
        from urllib3.exceptions import HTTPError

        copied = 0
        try:
            with self._session.get(
                self.file.address,
                headers={"Range": f"bytes={start}-{end - 1}"},
                stream=True,
                timeout=_SECONDS,
            ) as answer:
                if answer.status_code in _BUSY and not is_last_try:
                    return 0
                answer.raise_for_status()
                for piece in self._pieces(answer, end - start):
                    copied += out.write(piece)
        except (RequestException, HTTPError) as error:
            is_status = getattr(error, "response", None) is not None  # which another request meets again
            if is_last_try or is_status:
                raise
        return copied

    def _pieces(self, answer: Response, wanted: int) -> Iterator[memoryview]:
        buffer = memoryview(bytearray(min(_BUFFER_BYTES, wanted)))
        while wanted and (got := answer.raw.readinto(buffer[:wanted])):
            if self._stop.is_set():
                raise Stopped
            wanted -= got
            yield buffer[:got]

    def _check(self) -> None:
        """Compares the file with the object's size and CRC-32C. Raises ModelUnavailable, and removes it."""
        if self._partial.stat().st_size == self.file.size and _crc32c_of(self._partial) == self.file.crc32c:
            return
        self._partial.unlink()
        raise ModelUnavailable(
            f"{self.file.path.name} arrived damaged: its CRC-32C is not the object's. Start again."
        )


def _crc32c_of(path: Path) -> str:
    """Returns the file's CRC-32C as Cloud Storage writes it: big-endian, in base64."""
    import google_crc32c

    known = google_crc32c.Checksum()
    with path.open("rb") as file:
        while chunk := file.read(_BUFFER_BYTES):
            known.update(chunk)
    return base64.b64encode(known.digest()).decode()
