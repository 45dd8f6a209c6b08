"""A job that this worker holds: its lease, its progress, and the reasons to stop."""

from __future__ import annotations

import threading
import time

from functions.contract.document import now
from functions.contract.errors import (
    AttemptsExhausted,
    Canceled,
    DeadlineExceeded,
    LeaseLost,
    NotFound,
    Overtaken,
    PlantainError,
    Transient,
)
from functions.contract.job import NOTHING_DONE, JobRecord, Lease
from functions.contract.states import State
from functions.contract.storage.job_store import JobStore, StoredJob

_WRITE_EVERY = 1.0  # seconds: Cloud Storage takes one write a second per object


class HeldElsewhere(Transient):
    """Another worker holds the job, and its lease is live."""

    code, title = "held_elsewhere", "Another worker holds the job"


class AlreadyEnded(Exception):
    """The job is in a terminal state: there is nothing to do."""


class LeaseManager:
    """JobClaimer jobs for one worker."""

    def __init__(self, store: JobStore, holder: str, lease_seconds: float, max_attempts: int) -> None:
        self.store = store
        self.holder = holder
        self.lease_seconds = lease_seconds
        self.max_attempts = max_attempts

    def claim(self, stored: StoredJob) -> HeldLease:
        """Raises AlreadyEnded, HeldElsewhere, Overtaken (read again), and the errors that end the job."""
        record = stored.record
        if record.state.is_terminal:
            raise AlreadyEnded
        if record.lease and record.lease.is_live():
            raise HeldElsewhere
        if record.state is State.CANCELING:
            raise Canceled
        if record.deadline <= now():
            raise DeadlineExceeded("The deadline passed before a worker was free.")
        if record.attempt >= self.max_attempts:
            raise AttemptsExhausted(f"The job was given up after {record.attempt} attempts.")
        claimed = self.store.write(record.claimed(self.holder, self.lease_seconds), stored.generation)
        return HeldLease(self.store, claimed, self.lease_seconds)


class HeldLease:
    """The time for which a job is ours. Thread-safe: stages report while the heart beats."""

    def __init__(self, store: JobStore, stored: StoredJob, lease_seconds: float) -> None:
        assert stored.record.lease is not None  # noqa: S101 - a claimed record has a lease
        self.lease: Lease = stored.record.lease
        self._store = store
        self._stored = stored
        self._seconds = lease_seconds
        self._lock = threading.Lock()  # around the record: held while it is read or written
        self._news_lock = threading.Lock()
        self._indexed = False
        self._news: dict[str, object] = {}
        self._written = time.monotonic()
        self._stop: PlantainError | None = None
        self._over = False

    @property
    def record(self) -> JobRecord:
        return self._stored.record

    @property
    def stored(self) -> StoredJob:
        return self._stored

    def report(self, **news: object) -> None:
        """Stage, step, progress or preview, to be written with the next beat."""
        with self._news_lock:
            self._news |= news

    def check(self) -> None:
        """Raises the reason to stop, if there is one: Canceled, DeadlineExceeded, LeaseLost or HandedBack."""
        if self._stop is None and self.record.deadline <= now():
            self._stop = DeadlineExceeded("The deadline passed while the job was running.")
        if self._stop is not None:
            raise self._stop

    def beat(self) -> None:
        """Called often: writes news at most once a second, renews the lease, notices a cancellation."""
        with self._lock:
            if self._over or isinstance(self._stop, LeaseLost):
                return
            self._index_once()
            idle = time.monotonic() - self._written
            if (self._news and idle >= _WRITE_EVERY) or idle >= self._seconds / 3:
                self._renew()

    def _index_once(self) -> None:
        """Listings show that the job is running, unless it is over before anybody could look."""
        if not self._indexed:
            self._indexed = True
            self._store.put_in_index(self.record)

    def confirm(self) -> None:
        """A fresh look at the record before anything is written that others see; raises as ``check`` does."""
        with self._lock:
            if self._stop is None:
                self._look()
        self.check()

    def confirm_held(self) -> None:
        """Like ``confirm``, for ending the job: only having lost it stands in the way."""
        with self._lock:
            if not isinstance(self._stop, LeaseLost):
                self._look()
        if isinstance(self._stop, LeaseLost):
            raise self._stop

    def halt(self, reason: PlantainError) -> None:
        """Stops the job at its next check, for a reason of this worker's own. Waits for nobody."""
        self._stop = self._stop or reason

    def release(self, note: str) -> None:
        """Hands the job back to the queue, unless it is no longer ours to hand back.

        Raises Canceled for a job that nobody wants any more. After Transient the lease runs out by itself.
        """
        with self._lock:
            self._look()
            if isinstance(self._stop, LeaseLost):
                return
            if self.record.state is State.CANCELING:
                raise Canceled("The job was canceled while it was running.")
            self._over = True
            returned = self.record.moved(State.QUEUED, note, lease=None, **NOTHING_DONE)
            self._stored = self._store.write(returned, self._stored.generation)
            self._store.put_in_index(returned)

    def end(self) -> None:
        """No more beats: the job's manifest is committed."""
        with self._lock:
            self._over = True

    def _renew(self) -> None:
        with self._news_lock:
            news, self._news = self._news, {}
        try:
            renewed = self.record.renewed(self.lease, self._seconds, **news)
            self._stored = self._store.write(renewed, self._stored.generation)
            self._written = time.monotonic()
        except Overtaken:
            self._put_back(news)
            self._look()
        except Transient:
            self._put_back(news)  # for the next beat, while the lease lasts
            self._give_up_if_expired()

    def _put_back(self, news: dict[str, object]) -> None:
        with self._news_lock:
            self._news = news | self._news

    def _look(self) -> None:
        """Reads the record anew: somebody else wrote it, or removed it."""
        try:
            self._stored = self._store.read(self.record.id)
        except NotFound:
            self._stop = LeaseLost("The job's record is gone.")
            return
        record = self.record
        if record.state.is_terminal or record.lease is None or record.lease.token != self.lease.token:
            self._stop = LeaseLost("The job was taken over.")
        elif record.state is State.CANCELING:
            self._stop = self._stop or Canceled("The job was canceled while it was running.")

    def _give_up_if_expired(self) -> None:
        lease = self.record.lease
        if lease is None or not lease.is_live():
            self._stop = LeaseLost("The lease ran out, because the record could not be written.")
