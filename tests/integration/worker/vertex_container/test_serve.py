"""``python -m worker.vertex_container`` as Vertex AI calls it, with the mock engine and embedded storage."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from functions.contract import ids
from functions.contract.errors import InvalidRequest, Transient
from functions.contract.message import JobMessage
from functions.contract.request import JobRequest
from functions.contract.storage.job_commit import JobCommitter
from local.http_servers.ports import free_port
from local.storage import StorageServer
from tests.conftest import MakeRecord
from tests.eventually import PATIENCE, eventually
from tests.mock_stack import CHEAP
from worker.runtime.job_in_progress import AckableMessage
from worker.vertex_container.predictions import Predictions, TooManyPredictions

ROOT = Path(__file__).parents[4]

NOWHERE = "127.0.0.1:9"


@dataclass(frozen=True)
class Served:
    """The process, where it answers, and the buckets that it works on."""

    process: subprocess.Popen[bytes]
    url: str
    committer: JobCommitter
    make_record: MakeRecord

    def job(self, **labels: str) -> str:
        request = JobRequest(task="generate", prompt="a red boat", size="512", labels=labels)
        record = self.make_record(request=request)
        self.committer.store.markers.open(record.id)
        return self.committer.store.create(record).record.id

    def predict(self, *job_ids: str) -> httpx.Response:
        return self.post({"instances": [{"version": 1, "job_id": job_id} for job_id in job_ids]})

    def post(self, body: Any) -> httpx.Response:
        return httpx.post(f"{self.url}/p", json=body, timeout=PATIENCE)

    def health(self) -> int:
        try:
            return httpx.get(f"{self.url}/h", timeout=10).status_code
        except httpx.TransportError:
            return 0


@pytest.fixture
def start(
    server: StorageServer, committer: JobCommitter, make_record: MakeRecord
) -> Generator[Callable[[], Served]]:
    started: list[Served] = []

    def start() -> Served:
        port = free_port()
        environment = {
            **os.environ,
            "STORAGE_EMULATOR_HOST": server.url,
            "PUBSUB_EMULATOR_HOST": NOWHERE,
            "AIP_HTTP_PORT": str(port),
            "AIP_HEALTH_ROUTE": "/h",
            "AIP_PREDICT_ROUTE": "/p",
            "PLANTAIN_PROFILE": "local",
            "PLANTAIN_PROJECT": "demo",
            "PLANTAIN_UPLOADS_BUCKET": "uploads",
            "PLANTAIN_RESULTS_BUCKET": committer.results.name,
            "PLANTAIN_JOBS_BUCKET": committer.store.bucket.name,
            "PLANTAIN_DEFAULT_MODEL": "mock",
            "PLANTAIN_WATERMARK_KEY": "ab" * 32,
            "PLANTAIN_CREDENTIALS": "off",
            **CHEAP,
            "PLANTAIN_JOBS_IN_FLIGHT": "2",
            "OMP_NUM_THREADS": "1",
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "worker.vertex_container"], cwd=ROOT, env=environment
        )
        served = Served(process, f"http://127.0.0.1:{port}", committer, make_record)
        started.append(served)
        return served

    yield start
    for served in started:
        served.process.kill()
        served.process.wait()


def test_it_is_healthy_once_it_is_warm_and_hands_back_what_it_holds(start: Callable[[], Served]) -> None:
    served = start()
    eventually(lambda: served.health() == 503, "an answer while the model is loading")
    assert served.predict(served.job()).json()["code"] == "not_ready"
    eventually(lambda: served.health() == 200, "the warm model")

    job_id = served.job(**{"mock.seconds": "100"})
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(served.predict, job_id)
        eventually(lambda: served.committer.store.read(job_id).record.state == "running", "the job's start")
        assert served.predict(job_id).status_code == 503, "another request for it comes too early"
        served.process.send_signal(signal.SIGTERM)
        eventually(lambda: served.health() == 503, "no more requests")
        assert answer.result().status_code == 503
    assert served.process.wait(PATIENCE) == 0
    assert served.committer.store.read(job_id).record.state == "queued"
    assert served.committer.read_manifest(job_id) is None


def test_jobs_come_as_instances_and_go_as_manifests(start: Callable[[], Served]) -> None:
    served = start()
    eventually(lambda: served.health() == 200, "the warm model")

    good, bad = served.job(), served.job(**{"mock.fail": "permanent"})
    unknown = ids.new_job_id()
    answer = served.predict(good, bad, unknown)
    assert answer.status_code == 200, answer.text
    first, second, third = answer.json()["predictions"]
    assert (first["job_id"], first["state"], len(first["images"])) == (good, "succeeded", 1)
    assert (second["job_id"], second["state"], second["error"]["code"]) == (bad, "failed", "unsupported_task")
    assert (third["job_id"], third["error"]["code"]) == (unknown, "not_found")
    assert served.predict(good).json()["predictions"] == [first], "it is answered again, and not done again"
    assert served.committer.store.read(good).record.attempt == 1
    brief = served.post({"instances": [{"job_id": good}], "parameters": {"brief": True}})
    assert brief.json()["predictions"] == [{"job_id": good, "state": "succeeded"}], (
        "and nothing of its prompt"
    )

    many = [served.job() for _ in range(7)]  # more than may be in flight
    assert [each["state"] for each in served.predict(*many).json()["predictions"]] == ["succeeded"] * 7

    transient = served.job(**{"mock.fail": "transient", "mock.fail_attempts": "1"})
    assert served.predict(transient).status_code == 503
    assert served.predict(transient).json()["predictions"][0]["state"] == "succeeded"

    for body, status, code in (
        ({"instances": []}, 400, "invalid_request"),
        ({"instances": [{"version": 2, "job_id": good}]}, 409, "unsupported_version"),
        ({"instances": ["a" * (11 * 2**20)]}, 413, "request_too_large"),
    ):
        refused = served.post(body)
        assert (refused.status_code, refused.json()["code"]) == (status, code)
        assert refused.headers["content-type"] == "application/problem+json"
    assert httpx.get(f"{served.url}/p").json()["code"] == "method_not_allowed"
    assert httpx.get(f"{served.url}/elsewhere").json()["code"] == "not_found"


def test_a_setting_that_is_wrong_ends_it_with_its_name(start: Callable[[], Served]) -> None:
    environment = {**os.environ, "AIP_HTTP_PORT": "http"}
    ran = subprocess.run(
        [sys.executable, "-m", "worker.vertex_container"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 1
    assert b"PLANTAIN_" in ran.stderr or b"AIP_HTTP_PORT" in ran.stderr


# What is open at once. ---------------------------------------------------------------------------------


class Hands:
    """A runner that takes every job, and settles it when the test says so."""

    def __init__(self) -> None:
        self.taken: list[AckableMessage] = []

    def __call__(self, message: AckableMessage) -> None:
        self.taken.append(message)


def instances(*job_ids: str) -> bytes:
    messages = ", ".join(JobMessage(job_id=job_id).encode().decode() for job_id in job_ids)
    return f'{{"instances": [{messages}]}}'.encode()


def test_only_so_many_jobs_are_in_hand_and_so_many_requests_open(
    committer: JobCommitter, make_record: MakeRecord
) -> None:
    jobs = [committer.store.create(make_record()).record.id for _ in range(5)]
    hands = Hands()
    predictions = Predictions(hands, committer, jobs_in_flight=1)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(predictions.predict, instances(*jobs[:2]))
        eventually(lambda: hands.taken, "the first job")
        second = pool.submit(predictions.predict, instances(jobs[2]))
        eventually(lambda: _is_full(predictions), "the second request")
        assert len(hands.taken) == 1
        with pytest.raises(InvalidRequest):
            predictions.predict(b"{}")
        for n in range(3):
            eventually(lambda n=n: len(hands.taken) > n, "the next job")
            hands.taken[n].nack()
        for request in (first, second):
            with pytest.raises(Transient):
                request.result()
    assert len(hands.taken) == 3


def _is_full(predictions: Predictions) -> bool:
    try:
        predictions.predict(instances(ids.new_job_id()))
    except TooManyPredictions:
        return True
    return False
