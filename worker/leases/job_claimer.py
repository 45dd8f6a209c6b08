"""Claims the job that a queue's message names, or raises why there is nothing to claim."""

from __future__ import annotations

from collections.abc import Callable

from functions.contract.errors import (
    AttemptsExhausted,
    Canceled,
    DeadlineExceeded,
    Deleted,
    InvalidRequest,
    NotFound,
    Overtaken,
    UnreadableMessage,
)
from functions.contract.job import JobRecord
from functions.contract.message import JobMessage
from functions.contract.storage.job_commit import JobCommitter, state_after
from functions.contract.telemetry.log import log
from worker.leases.lease import AlreadyEnded, HeldLease, LeaseManager


class NoClaimableJob(Exception):
    """The message names no job that any worker could run."""


class JobClaimer:
    """Claims the jobs that messages name.

    ``dead_letter`` takes the data of a message that cannot be understood, and the reason.
    """

    def __init__(
        self, leases: LeaseManager, committer: JobCommitter, dead_letter: Callable[[bytes, str], None]
    ) -> None:
        self._leases = leases
        self._committer = committer
        self._dead_letter = dead_letter

    def claim(self, data: bytes) -> HeldLease:
        """Claims the job that a message names. Raises AlreadyEnded, NoClaimableJob and HeldElsewhere."""
        try:
            return self._claim_unless_deleted(JobMessage.decode(data).job_id)
        except (UnreadableMessage, InvalidRequest, NotFound) as error:
            log("message.set_aside", "ERROR", code=error.code)
            self._dead_letter(data, error.message)
            raise NoClaimableJob from None

    def _claim_unless_deleted(self, job_id: str) -> HeldLease:
        """Claims the job, and removes what a worker that was killed may have left of a deleted one."""
        try:
            return self._claim_or_end(job_id)
        except Deleted:
            self._committer.remove_late_writes(job_id)
            raise AlreadyEnded from None

    def _claim_or_end(self, job_id: str) -> HeldLease:
        """Claims the job. Ends it here if it was canceled, expired or tried too often while it waited."""
        while True:
            stored = self._leases.store.read(job_id)
            try:
                self._refuse_finished(stored.record)
                return self._leases.claim(stored)
            except Overtaken:
                continue
            except (Canceled, DeadlineExceeded, AttemptsExhausted) as error:
                self._committer.end(stored.record, state_after(error), error.facts())
                raise AlreadyEnded from None

    def _refuse_finished(self, record: JobRecord) -> None:
        """Raises AlreadyEnded if an earlier attempt committed its manifest, but died before recording it."""
        if record.attempt and not record.state.is_terminal:
            manifest = self._committer.read_manifest(record.id)
            if manifest:
                self._committer.settle(manifest)
                raise AlreadyEnded
