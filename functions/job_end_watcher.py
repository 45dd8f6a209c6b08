"""Waits for jobs to end: one poller serves all waiting callers of a process.

A waiting caller holds a thread of the server and nothing else. A job has ended when its manifest exists. One
thread looks for the manifests of all callers that are due, with one call of the storage. Some of the server's
threads are kept free of waiting callers, for requests that are answered at once.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotInTime
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic, sleep

from .contract import paths
from .contract.errors import Deleted, NotFound, PlantainError, TooManyWaiting, Transient
from .contract.job import JobRecord
from .contract.storage.bucket import Bucket
from .contract.storage.job_store import JobStore

_KEPT_FREE = 16  # of the server's threads; of few threads a quarter
TOGETHER = 0.1  # seconds between two looks of the poller, which gather the callers that are due
_SHARE, _SLOWEST = 0.1, 1.0  # a job is looked for after a tenth of the time waited, and each second
_LOOK = 1.0  # seconds between two looks at whether a caller is still there
_LAST_READ = 1.0  # seconds that the last read may take beyond the time asked for


def waiting_places() -> int:
    """Returns how many callers may wait at once in this process, from functions-framework's number
    of threads.
    """
    threads = int(os.environ.get("THREADS") or (os.cpu_count() or 1) * 4)
    return max(1, threads - min(_KEPT_FREE, threads // 4))


@dataclass(eq=False)
class WatchedJob:
    """A job that a caller waits for."""

    job_id: str
    since: float
    due: float
    ended: threading.Event = field(default_factory=threading.Event)

    def wait(self, seconds: float) -> bool:
        """Returns True as soon as the job has a manifest, and False after ``seconds``."""
        return self.ended.wait(seconds)


class JobEndWatcher:
    """Wakes callers when their job has ended. Its thread runs only while there are waiting callers."""

    def __init__(self, results: Bucket, places: int | None = None) -> None:
        self._results = results
        self._places = threading.BoundedSemaphore(places or waiting_places())
        self._waiters: set[WatchedJob] = set()
        self._changed = threading.Condition()
        self._poller: threading.Thread | None = None

    @contextmanager
    def watch(self, job_id: str) -> Generator[WatchedJob]:
        """Watches the job while the block runs. Raises TooManyWaiting at once when too many callers wait."""
        if not self._places.acquire(blocking=False):
            raise TooManyWaiting(job_id=job_id)
        try:
            now = monotonic()
            waiter = WatchedJob(job_id, since=now, due=now + TOGETHER)
            self._add(waiter)
            try:
                yield waiter
            finally:
                self._remove(waiter)
        finally:
            self._places.release()

    def wait(self, job_id: str, seconds: float, is_abandoned: Callable[[], bool] = lambda: False) -> bool:
        """Returns True when the job has a manifest, after ``seconds`` or soon after ``is_abandoned``.

        Returns False at once when too many callers wait.
        """
        until = monotonic() + seconds
        try:
            with self.watch(job_id) as watched:
                while not watched.wait(min(_LOOK, max(0.0, until - monotonic()))):
                    if monotonic() >= until or is_abandoned():
                        break
        except TooManyWaiting:
            return False
        return True

    def _add(self, waiter: WatchedJob) -> None:
        with self._changed:
            self._waiters.add(waiter)
            if self._poller is None:
                self._poller = threading.Thread(target=self._poll, name="job-end-watcher", daemon=True)
                self._poller.start()
            self._changed.notify()

    def _remove(self, waiter: WatchedJob) -> None:
        with self._changed:
            self._waiters.discard(waiter)
            self._changed.notify()

    def _poll(self) -> None:
        try:
            while (due := self._next_due()) is not None:
                ended = self._ended({waiter.job_id for waiter in due})
                for waiter in due:
                    if waiter.job_id in ended:
                        waiter.ended.set()
                sleep(TOGETHER)
        except BaseException:  # the normal end is noted under the lock, in _next_due
            with self._changed:
                self._poller = None
            raise

    def _next_due(self) -> list[WatchedJob] | None:
        """Returns the waiters whose jobs are to be looked for, as soon as there are any; None when all have
        left.
        """
        with self._changed:
            while waiting := [waiter for waiter in self._waiters if not waiter.ended.is_set()]:
                now = monotonic()
                due = [waiter for waiter in waiting if waiter.due <= now]
                if due:
                    for waiter in due:
                        waiter.due = now + min(max((now - waiter.since) * _SHARE, TOGETHER), _SLOWEST)
                    return due
                self._changed.wait(min(waiter.due for waiter in waiting) - now)
            self._poller = None
            return None

    def _ended(self, job_ids: set[str]) -> set[str]:
        """Returns the jobs that have a manifest; none while the storage does not answer."""
        names = {paths.manifest(job_id): job_id for job_id in job_ids}
        try:
            return {names[name] for name in self._results.find_existing(names)}
        except PlantainError:
            return set()


def wait_for_end(
    record: JobRecord,
    until: float,
    *,
    watcher: JobEndWatcher,
    store: JobStore,
    pool: ThreadPoolExecutor,
    is_abandoned: Callable[[], bool] = lambda: False,
    on_end: Callable[[], object] = lambda: None,
) -> JobRecord | None:
    """Returns the job once it has ended, or as it is at ``until``; None at once when too many callers wait.

    ``until`` is a time of the monotonic clock; the wait ends soon after ``is_abandoned`` too. The call takes
    at most a second longer, however slow the storage is. ``on_end`` is called when the wait is over, before
    the record is read. Raises Deleted.
    """
    pause = TOGETHER
    if record.state.is_terminal:
        return record
    if not watcher.wait(record.id, max(0.0, until - monotonic()), is_abandoned):
        return None
    on_end()
    while True:
        record = _read_soon(record.id, store, pool) or record
        left = until - monotonic()
        if record.state.is_terminal or left <= 0 or is_abandoned():
            return record
        sleep(min(pause, left))  # the manifest is there, and the record is about to follow it
        pause *= 2


def _read_soon(job_id: str, store: JobStore, pool: ThreadPoolExecutor) -> JobRecord | None:
    """Returns the job's record; None when reading takes longer than ``_LAST_READ`` or fails for now."""
    reading = pool.submit(store.read, job_id)
    try:
        return reading.result(_LAST_READ).record
    except Deleted:
        raise
    except (NotInTime, NotFound, Transient):
        reading.cancel()
        return None
