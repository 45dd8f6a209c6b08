"""Vertex AI's batch prediction jobs, answered by a real server whose container is the test's own worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from local.vertex_emulator.batch_prediction import BatchPredictionJobs
from local.vertex_emulator.errors import VertexError
from tests.integration.functions.deployment import Deployment

MODEL = "projects/p/locations/europe-west4/models/plantain"


@dataclass
class Vertex:
    url: str
    predictions: BatchPredictionJobs

    @property
    def job(self) -> dict[str, Any]:
        (job,) = self.predictions.jobs.values()
        return job

    def run_job(self) -> None:
        """What a job that was held does, to its end."""
        self.predictions.run_job(self.job["name"])

    def end(self, state: str) -> None:
        self.job["state"] = state


def container(deployment: Deployment, failing: frozenset[str] = frozenset()) -> Any:
    """Answers as ``worker.vertex_container`` does: for each instance, its job's manifest or state."""

    def predict(body: dict[str, Any]) -> list[Any]:
        jobs = [each["job_id"] for each in body["instances"]]
        if failing & set(jobs):
            raise VertexError(503, "The container closed the connection.")
        brief = {"job_id", "state"} if body.get("parameters", {}).get("brief") else None
        done: list[Any] = []
        for job in jobs:
            if not deployment.record(job).state.is_terminal:
                deployment.claim(job)
                done.append(deployment.succeed(job).model_dump(mode="json", include=brief))
            else:
                done.append({})
        return done

    return predict
