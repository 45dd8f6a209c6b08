"""From a message to the job that it names, and the job claimed: or why there is nothing to claim."""

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
    """The message names no job that this worker could hold."""


class JobClaimer:
    """``dead_letter`` takes the data of a message that cannot be understood, and why."""

    def __init__(
        self, claimant: LeaseManager, committer: JobCommitter, dead_letter: Callable[[bytes, str], None]
    ) -> None:
        self._claimant = claimant
        self._committer = committer
        self._dead_letter = dead_letter

    def take(self, data: bytes) -> HeldLease:
        """Raises AlreadyEnded, NoClaimableJob, and Transient where another worker holds it."""
        try:
            return self._not_deleted(JobMessage.decode(data).job_id)
        except (UnreadableMessage, InvalidRequest, NotFound) as error:
            log("message.set_aside", "ERROR", code=error.code)
            self._dead_letter(data, error.message)
            raise NoClaimableJob from None

    def _not_deleted(self, job_id: str) -> HeldLease:
        """A deleted job had ended; a worker that lost it and was killed may have left something of it."""
        try:
            return self._claimed(job_id)
        except Deleted:
            self._committer.remove_late_writes(job_id)
            raise AlreadyEnded from None

    def _claimed(self, job_id: str) -> HeldLease:
        """A job that has come to its end without a worker is ended here."""
        while True:
            stored = self._claimant.store.read(job_id)
            try:
                self._refuse_finished(stored.record)
                return self._claimant.claim(stored)
            except Overtaken:
                continue
            except (Canceled, DeadlineExceeded, AttemptsExhausted) as error:
                self._committer.end(stored.record, state_after(error), error.facts())
                raise AlreadyEnded from None

    def _refuse_finished(self, record: JobRecord) -> None:
        """An earlier attempt may have committed its manifest and died before it could say so."""
        if record.attempt and not record.state.is_terminal:
            manifest = self._committer.read_manifest(record.id)
            if manifest:
                self._committer.settle(manifest)
                raise AlreadyEnded
