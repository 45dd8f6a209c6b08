"""Predictions: the jobs of one request, worked off by the same runner as those of Pub/Sub.

Each job's prediction is its manifest, however it ended (of a brief request, its id and state); or the error,
for one that there is no use in asking for again. When a job did not end here (a worker holds it, another
try may help, this worker stops) the whole request is answered 503 and may be repeated: what has ended is
told of again, not done again.
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
from worker.serve.prediction_body import read_instances
from worker.serve.prediction_job import PredictionJob

_BRIEF = {"job_id", "state"}


class Overloaded(Transient):
    """As many requests wait as may."""

    code, status, title = "overloaded", 429, "Too many requests at once"


class Predictions:
    """At most ``jobs_in_flight`` jobs are in the runner's hands, and twice as many requests are open."""

    def __init__(
        self, accept: Callable[[AckableMessage], None], committer: JobCommitter, jobs_in_flight: int
    ) -> None:
        self._accept = accept
        self._committer = committer
        self._jobs = threading.Semaphore(jobs_in_flight)
        self.most_requests = 2 * jobs_in_flight
        self._requests = threading.Semaphore(self.most_requests)

    def predict(self, body: bytes) -> list[dict[str, Any]]:
        """One prediction for each instance, in their order, once all of them are settled.

        Raises InvalidRequest before anything is run, Overloaded, and Transient for a request to be repeated.
        """
        asked = read_instances(body)
        with self._open():
            waiting = [self._hand_over(message) for message in asked.messages]
            ended = [each.wait() if isinstance(each, PredictionJob) else True for each in waiting]
            if not all(ended):
                open_jobs = ended.count(False)
                raise Transient(
                    f"{open_jobs} of {len(ended)} jobs have not ended here: ask again, a little later."
                )
            return [self._prediction(each, brief=asked.brief) for each in waiting]

    @contextmanager
    def _open(self) -> Generator[None]:
        if not self._requests.acquire(blocking=False):
            raise Overloaded("Every place is taken: ask again, a little later.")
        try:
            yield
        finally:
            self._requests.release()

    def _hand_over(self, message: JobMessage) -> PredictionJob | dict[str, Any]:
        """The job's delivery, once there is room for it; or why there is no such job."""
        try:
            self._committer.store.read(message.job_id)
        except (NotFound, InvalidRequest) as error:
            return _refusal(message.job_id, error)
        self._jobs.acquire()
        delivery = PredictionJob(message.job_id, message.encode(), self._jobs.release)
        self._accept(delivery)
        return delivery

    def _prediction(self, settled: PredictionJob | dict[str, Any], *, brief: bool) -> dict[str, Any]:
        if not isinstance(settled, PredictionJob):
            return settled
        try:
            manifest = self._committer.read_manifest(settled.job_id)
        except (NotFound, InvalidRequest) as error:
            return _refusal(settled.job_id, error)
        if manifest is None:  # the runner has set the message aside
            return _refusal(settled.job_id, NotFound("The job's record is gone."))
        return manifest.model_dump(mode="json", exclude_none=True, include=_BRIEF if brief else None)


def _refusal(job_id: str, error: PlantainError) -> dict[str, Any]:
    log("prediction.refused", "WARNING", job_id=job_id, code=error.code)
    return {"job_id": job_id, "error": error.facts().model_dump(mode="json", exclude_none=True)}
