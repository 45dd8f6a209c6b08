"""Reads the list of keys from a file, and again after a while, so that a revoked key ends without a restart.

A secret that Cloud Run mounts as a file is fetched anew by each reading of the file.
https://docs.cloud.google.com/run/docs/configuring/services/secrets (read 2026-11)
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from ..errors import InvalidRequest, Transient
from ..telemetry.log import log
from .key_list import MAX_BYTES, KeyList

SECONDS = 30.0  # that a list counts as fresh
_STALE = 2 * SECONDS  # from then on a request waits for the new list


class KeysFile:
    """The list of keys in a file, kept for SECONDS.

    When they are over, one request reads the file, while others go on with the list that is there, for at
    most as long again. A file that cannot be read or is damaged changes nothing: the last good list goes on
    to count.
    """

    def __init__(self, read_file: Callable[[], bytes], clock: Callable[[], float] = time.monotonic) -> None:
        self._read_file = read_file
        self._clock = clock
        self._lock = threading.Lock()
        self._list: KeyList | None = None
        self._read_at = 0.0
        self.fault: str | None = None  # why the newest list is not the one that counts

    def current(self) -> KeyList:
        """Returns the list. Raises Transient as long as there was no good one."""
        age = self._clock() - self._read_at
        if self._list is None or age >= _STALE:
            with self._lock:
                self._refresh()
        elif age >= SECONDS and self._lock.acquire(blocking=False):
            try:
                self._refresh()
            finally:
                self._lock.release()
        if self._list is None:
            raise Transient("The list of API keys cannot be read at present.")
        return self._list

    def _refresh(self) -> None:
        """Reads the file unless another thread just has. The caller holds the lock."""
        if self._list is not None and self._clock() - self._read_at < SECONDS:
            return
        try:
            self._list = KeyList.parse(self._read_file())
            self.fault = None
        except (OSError, InvalidRequest) as error:
            self.fault = error.message if isinstance(error, InvalidRequest) else type(error).__name__
            log("keys.unreadable", "ERROR", reason=self.fault, kept=self._list is not None)
        self._read_at = self._clock()


@cache
def keys_file_at(path: str) -> KeysFile:
    """Returns the process's reader of a file, which keeps the list for all requests."""
    return KeysFile(partial(read_key_file, Path(path)))


def read_key_file(path: Path) -> bytes:
    """Returns the bytes of the file. Raises OSError, and InvalidRequest for more than a secret can hold."""
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise InvalidRequest(f"The list of keys has more than {MAX_BYTES} bytes.")
    return data
