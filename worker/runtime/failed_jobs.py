"""Settles a job that a lane could not finish: see the table in ``runner``."""

from __future__ import annotations

from functions.contract.errors import AttemptsExhausted, Canceled, HandedBack, LeaseLost, PlantainError
from functions.contract.storage.job_commit import JobCommitter, state_after
from functions.contract.telemetry.log import log
from worker.runtime.job_in_progress import JobInProgress


class FailedJobs:
    """Ends a failed job, hands it back to the queue, or leaves it to the worker that took it over."""

    def __init__(self, committer: JobCommitter, max_attempts: int) -> None:
        self._committer = committer
        self._max_attempts = max_attempts

    def settle(self, job: JobInProgress, error: PlantainError, stage: str | None) -> bool:
        """Returns True if the job has ended and its message is to be acknowledged. Raises nothing."""
        log("job.stopped", "WARNING", job_id=job.work.job_id, code=error.code, stage=stage)
        job.trace.fail(error)
        try:
            return self._end_or_return(job, error, stage)
        except PlantainError as failure:  # the storage does not answer: the lease expires by itself
            log("job.not_ended", "ERROR", job_id=job.work.job_id, code=failure.code)
            return False

    def _end_or_return(self, job: JobInProgress, error: PlantainError, stage: str | None) -> bool:
        try:
            if isinstance(error, LeaseLost):
                raise error
            if error.retryable and not self._is_last_attempt(job, error):
                job.lease.release(error.code)
                return False
            self._end(job, error, stage)
        except LeaseLost:
            # The worker that took the job over may have ended it before our last write.
            self._committer.remove_late_writes(job.work.job_id)
            return False
        except Canceled as canceled:  # while it was handed back
            self._end(job, canceled, stage)
        return True

    def _is_last_attempt(self, job: JobInProgress, error: PlantainError) -> bool:
        """Returns True after the last attempt. One that this worker broke off itself does not count."""
        return job.lease.record.attempt >= self._max_attempts and not isinstance(error, HandedBack)

    def _end(self, job: JobInProgress, error: PlantainError, stage: str | None) -> None:
        job.lease.confirm_still_held()
        if error.retryable:
            error = AttemptsExhausted(f"Given up after the last attempt: {error.message}")
        work = job.work
        with job.trace.commit():
            self._committer.end(
                job.lease.record,
                state_after(error),
                error.facts(stage),
                stages=work.stages,
                safety=work.verdicts,
                intent=work.intent,
                engine=work.engine,
                device=work.device,
                model_revision=work.model_revision,
                timings=job.timings,
            )
