"""Predictions: the jobs of one request, run by the same runner as those of Pub/Sub.

| what happened to a job                                    | the answer                              |
|-----------------------------------------------------------|-----------------------------------------|
| it ended, in whatever state                               | its manifest; if brief, its id and state |
| there is no such job                                      | the error                               |
| it has not ended here: a worker holds it, it is to be     | 503 for the whole request, which may be |
| tried again, or this worker stops                         | repeated; ended jobs are not run again  |
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from functions.contract.errors import InvalidRequest, NotFound, PlantainError, Transient
from functions.contract.message import JobMessage
from functions.contract.storage.job_commit import JobCommitter
from functions.contract.telemetry.log import log
from worker.runtime.job_in_progress import AckableMessage
from worker.vertex_container.prediction_body import parse_prediction_request
from worker.vertex_container.prediction_job import PredictionJob

_BRIEF = {"job_id", "state"}


class TooManyPredictions(Transient):
    """The largest allowed number of requests is open."""

    code, status, title = "overloaded", 429, "Too many requests at once"


class Predictions:
    """Gives the runner at most ``jobs_in_flight`` jobs at once, and opens at most twice as many requests."""

    def __init__(
        self, accept: Callable[[AckableMessage], None], committer: JobCommitter, jobs_in_flight: int
    ) -> None:
        self._accept = accept
        self._committer = committer
        self._jobs = threading.Semaphore(jobs_in_flight)
        self.most_requests = 2 * jobs_in_flight
        self._requests = threading.Semaphore(self.most_requests)

    def predict(self, body: bytes) -> list[dict[str, Any]]:
        """Returns one prediction for each instance, in their order, once all jobs are settled.

        Raises InvalidRequest before anything is run, TooManyPredictions, and Transient if a job has not
        ended here.
        """
        request = parse_prediction_request(body)
        with self._open_request():
            jobs = [self._start_job(message) for message in request.messages]
            ended = [job.wait_until_settled() if isinstance(job, PredictionJob) else True for job in jobs]
            if not all(ended):
                open_jobs = ended.count(False)
                raise Transient(
                    f"{open_jobs} of {len(ended)} jobs have not ended here: ask again, a little later."
                )
            return [self._prediction_of(job, brief=request.brief) for job in jobs]

    @contextmanager
    def _open_request(self) -> Generator[None]:
        if not self._requests.acquire(blocking=False):
            raise TooManyPredictions("Every place is taken: ask again, a little later.")
        try:
            yield
        finally:
            self._requests.release()

    def _start_job(self, message: JobMessage) -> PredictionJob | dict[str, Any]:
        """Gives the job to the runner once there is room. Returns a refusal if there is no such job."""
        try:
            self._committer.store.read(message.job_id)
        except (NotFound, InvalidRequest) as error:
            return _refusal(message.job_id, error)
        self._jobs.acquire()
        job = PredictionJob(message.job_id, message.encode(), self._jobs.release)
        self._accept(job)
        return job

    def _prediction_of(self, settled: PredictionJob | dict[str, Any], *, brief: bool) -> dict[str, Any]:
        if not isinstance(settled, PredictionJob):
            return settled
        try:
            manifest = self._committer.read_manifest(settled.job_id)
        except (NotFound, InvalidRequest) as error:
            return _refusal(settled.job_id, error)
        if manifest is None:  # the runner has dead-lettered the message
            return _refusal(settled.job_id, NotFound("The job's record is gone."))
        return manifest.model_dump(mode="json", exclude_none=True, include=_BRIEF if brief else None)


def _refusal(job_id: str, error: PlantainError) -> dict[str, Any]:
    log("prediction.refused", "WARNING", job_id=job_id, code=error.code)
    return {"job_id": job_id, "error": error.facts().model_dump(mode="json", exclude_none=True)}
