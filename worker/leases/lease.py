"""The lease on a job: one worker claims it, renews it, and learns from it when to stop."""

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
from functions.contract.job import NOTHING_DONE, JobRecord
from functions.contract.states import State
from functions.contract.storage.job_store import JobStore, StoredJob

_WRITE_EVERY = 1.0  # seconds: Cloud Storage takes one write a second per object


class HeldElsewhere(Transient):
    """Another worker has a live lease on the job."""

    code, title = "held_elsewhere", "Another worker holds the job"


class AlreadyEnded(Exception):
    """The job is in a terminal state: there is nothing to do."""


class LeaseManager:
    """Claims jobs for one worker, whose name is ``holder``."""

    def __init__(self, store: JobStore, holder: str, lease_seconds: float, max_attempts: int) -> None:
        self.store = store
        self.holder = holder
        self.lease_seconds = lease_seconds
        self.max_attempts = max_attempts

    def claim(self, stored: StoredJob) -> HeldLease:
        """Writes this worker's lease into the record.

        Raises AlreadyEnded, HeldElsewhere, Overtaken (read the record again and retry), and Canceled,
        DeadlineExceeded or AttemptsExhausted for a job that must now be ended.
        """
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
    """This worker's lease on one job. Thread-safe: stages report while the heartbeat renews."""

    def __init__(self, store: JobStore, stored: StoredJob, lease_seconds: float) -> None:
        assert stored.record.lease is not None  # noqa: S101 - a claimed record has a lease
        self._granted = stored.record.lease
        self._store = store
        self._stored = stored
        self._seconds = lease_seconds
        self._record_lock = threading.Lock()  # held while the record is read or written
        self._news_lock = threading.Lock()
        self._is_indexed = False
        self._news: dict[str, object] = {}
        self._written = time.monotonic()
        self._stop_reason: PlantainError | None = None
        self._is_over = False

    @property
    def token(self) -> int:
        """The fencing token: it grows with every claim of the job."""
        return self._granted.token

    @property
    def record(self) -> JobRecord:
        return self._stored.record

    @property
    def stored(self) -> StoredJob:
        return self._stored

    def report(self, **news: object) -> None:
        """Notes the stage, step, progress or preview, to be written at the next renewal."""
        with self._news_lock:
            self._news |= news

    def raise_if_stopped(self) -> None:
        """Raises Canceled, DeadlineExceeded, LeaseLost or HandedBack once there is a reason to stop."""
        if self._stop_reason is None and self.record.deadline <= now():
            self._stop_reason = DeadlineExceeded("The deadline passed while the job was running.")
        if self._stop_reason is not None:
            raise self._stop_reason

    def request_stop(self, reason: PlantainError) -> None:
        """Stops the job at its next check, for a reason of this worker's own. Does not block."""
        self._stop_reason = self._stop_reason or reason

    def renew_if_due(self) -> None:
        """Renews the lease in time, writes news at most once a second, and notices a cancellation.

        A job that ends within the first second writes nothing here: each write is billed.
        """
        with self._record_lock:
            if self._is_over or isinstance(self._stop_reason, LeaseLost):
                return
            idle = time.monotonic() - self._written
            is_due = idle >= self._seconds / 3
            if is_due or idle >= _WRITE_EVERY:
                self._index_once()
                if is_due or self._news:
                    self._renew()

    def _index_once(self) -> None:
        """Shows the job as running in listings."""
        if not self._is_indexed:
            self._is_indexed = True
            self._store.update_in_index(self.record)

    def confirm(self) -> None:
        """Reads the record again before a write that others see. Raises what ``raise_if_stopped`` does."""
        with self._record_lock:
            if self._stop_reason is None:
                self._reread_record()
        self.raise_if_stopped()

    def confirm_still_held(self) -> None:
        """Reads the record again before the job is ended. Raises LeaseLost, and nothing else."""
        with self._record_lock:
            if not isinstance(self._stop_reason, LeaseLost):
                self._reread_record()
        if isinstance(self._stop_reason, LeaseLost):
            raise self._stop_reason

    def release(self, note: str) -> None:
        """Hands the job back to the queue, unless the lease was lost.

        Raises Canceled for a job that was canceled meanwhile. After Transient the lease expires by itself.
        """
        with self._record_lock:
            self._reread_record()
            if isinstance(self._stop_reason, LeaseLost):
                return
            if self.record.state is State.CANCELING:
                raise Canceled("The job was canceled while it was running.")
            self._is_over = True
            returned = self.record.moved(State.QUEUED, note, lease=None, **NOTHING_DONE)
            self._stored = self._store.write(returned, self._stored.generation)
            self._store.put_in_index(returned)

    def stop_renewing(self) -> None:
        """Renews no more: the job's manifest is committed, or the job has left this worker."""
        with self._record_lock:
            self._is_over = True

    def _renew(self) -> None:
        with self._news_lock:
            news, self._news = self._news, {}
        try:
            renewed = self.record.renewed(self._granted, self._seconds, **news)
            self._stored = self._store.write(renewed, self._stored.generation)
            self._written = time.monotonic()
        except Overtaken:
            self._put_back(news)
            self._reread_record()
        except Transient:
            self._put_back(news)  # for the next renewal, while the lease lasts
            self._give_up_if_expired()

    def _put_back(self, news: dict[str, object]) -> None:
        with self._news_lock:
            self._news = news | self._news

    def _reread_record(self) -> None:
        """Reads the record and notes a reason to stop: it was canceled, taken over or removed."""
        try:
            self._stored = self._store.read(self.record.id)
        except NotFound:
            self._stop_reason = LeaseLost("The job's record is gone.")
            return
        record = self.record
        if record.state.is_terminal or record.lease is None or record.lease.token != self.token:
            self._stop_reason = LeaseLost("The job was taken over.")
        elif record.state is State.CANCELING:
            self._stop_reason = self._stop_reason or Canceled("The job was canceled while it was running.")

    def _give_up_if_expired(self) -> None:
        lease = self.record.lease
        if lease is None or not lease.is_live():
            self._stop_reason = LeaseLost("The lease ran out, because the record could not be written.")
