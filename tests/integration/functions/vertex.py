"""Vertex AI's batch prediction jobs, answered by a real server whose container is the test's own worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from local.vertex.batch_prediction import BatchPredictions
from local.vertex.errors import Refusal

from .deployment import Deployment

MODEL = "projects/p/locations/europe-west4/models/plantain"


@dataclass
class Vertex:
    url: str
    predictions: BatchPredictions

    @property
    def job(self) -> dict[str, Any]:
        (job,) = self.predictions.jobs.values()
        return job

    def work(self) -> None:
        """What a job that was held does, to its end."""
        self.predictions.work(self.job["name"])

    def end(self, state: str) -> None:
        self.job["state"] = state


def container(deployment: Deployment, failing: frozenset[str] = frozenset()) -> Any:
    """What ``worker.serve`` does with instances: each names a job, and is answered with its manifest."""

    def predict(instances: list[Any]) -> list[Any]:
        if failing & {each["job_id"] for each in instances}:
            raise Refusal(503, "The container closed the connection.")
        done: list[Any] = []
        for each in instances:
            if not deployment.record(each["job_id"]).state.is_terminal:
                deployment.claim(each["job_id"])
                done.append(deployment.succeed(each["job_id"]).model_dump(mode="json"))
            else:
                done.append({})
        return done

    return predict
