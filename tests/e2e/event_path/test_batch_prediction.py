"""A batch as a Vertex AI batch prediction job: the emulated API in front of the real container."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from functions.contract import ids, paths
from functions.contract.batch import BatchManifest
from local.http_servers.ports import free_port
from local.vertex_emulator.batch_prediction import BatchPredictionJobs, serve_batch_predictions
from local.vertex_emulator.errors import VertexError
from local.vertex_emulator.prediction_container import PredictionContainer
from tests.e2e.event_path.laptop import Laptop, running
from tests.eventually import PATIENCE, eventually

ROOT = Path(__file__).parents[3]
MODEL = "projects/plantain-local/locations/europe-west4/models/plantain"


@contextmanager
def replica(container: PredictionContainer, laptop: Laptop) -> Generator[None]:
    """One container of the prediction job, healthy when the block begins."""
    environment = {**os.environ, **laptop.environment, **container.environment}
    process = subprocess.Popen([sys.executable, "-m", "worker.vertex_container"], cwd=ROOT, env=environment)

    def is_healthy() -> bool:
        assert process.poll() is None, "worker.vertex_container has ended"
        try:
            return laptop.http.get(f"http://127.0.0.1:{container.port}{container.health}").is_success
        except httpx.HTTPError:
            return False

    try:
        eventually(is_healthy, "the replica")
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def predict_with(container: PredictionContainer) -> Any:
    def predict(body: dict[str, Any]) -> list[Any]:
        url = f"http://127.0.0.1:{container.port}{container.predict}"
        answer = httpx.post(url, json=body, timeout=PATIENCE)
        if not answer.is_success:
            raise VertexError(answer.status_code, answer.text)
        return answer.json()["predictions"]

    return predict


@pytest.mark.timeout(3 * PATIENCE)
def test_the_containers_of_a_prediction_job_make_a_batch_s_pictures(tmp_path: Path) -> None:
    container, laptops = PredictionContainer(free_port()), list[Laptop]()
    predictions = BatchPredictionJobs(predict_with(container), lambda: laptops[0].storage())
    predictions.paused = True
    with serve_batch_predictions(predictions) as url:
        variables = {"PLANTAIN_VERTEX_MODEL": MODEL, "PLANTAIN_VERTEX_URL": url}
        with running(tmp_path / "data", workers=1, **variables) as laptop:
            laptops.append(laptop)
            lines = [{"task": "generate", "prompt": f"boat {n}", "size": "512"} for n in range(5)]
            data = "\n".join([*map(json.dumps, lines), "this is not JSON"])
            batch_id = uploaded(laptop, data.encode())
            eventually(lambda: predictions.jobs, "the prediction job")
            with replica(container, laptop):
                (job,) = predictions.jobs
                predictions.run_job(job)
                summary = ended(laptop, batch_id)

    assert predictions.jobs[job]["state"] == "JOB_STATE_SUCCEEDED"
    assert predictions.jobs[job]["completionStats"] == {"successfulCount": "5", "failedCount": "0"}
    assert summary.counts == {"refused": 1, "succeeded": 5}
    assert summary.prediction is not None
    assert summary.prediction.name == job


def uploaded(laptop: Laptop, data: bytes) -> str:
    bucket, name = laptop.settings.uploads_bucket, "boats.jsonl"
    blob = laptop.storage().bucket(bucket).blob(name)
    blob.metadata = {"plantain-lane": "vertex-batch"}
    blob.upload_from_string(data, content_type="application/jsonl")
    return ids.batch_id_for_upload(bucket, name, int(blob.generation or 0))


def ended(laptop: Laptop, batch_id: str) -> BatchManifest:
    bucket, name = laptop.settings.results_bucket, paths.batch_manifest(batch_id)
    eventually(lambda: name in laptop.names(bucket, paths.BATCHES), "the summary")
    return BatchManifest.parse(laptop.storage().bucket(bucket).blob(name).download_as_bytes())
