"""A job of a remote model: dispatch, the Vertex AI API, the container, the manifest and the webhook."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from functions.contract.message import JobMessage
from tests.e2e.event_path.laptop import Laptop, running
from tests.eventually import eventually

REQUEST: dict[str, Any] = {
    "task": "generate",
    "prompt": "a red boat on the sea at night",
    "width": 256,
    "height": 256,
    "seed": 11,
    "correction": {"attempts": 1},
    "model": "starter",
}


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Generator[Laptop]:
    """No worker pulls: whatever ends, ends through the endpoint."""
    with running(tmp_path_factory.mktemp("remote") / "data", 0, "--remote", "mock") as laptop:
        yield laptop


@contextmanager
def listening() -> Generator[tuple[str, list[dict[str, Any]]]]:
    """A webhook's address, and what has arrived there."""
    arrived: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            arrived.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/hook", arrived
    server.shutdown()
    server.server_close()


def test_a_job_goes_through_the_endpoint_to_its_webhook(remote: Laptop) -> None:
    with listening() as (url, arrived):
        job = remote.ended(remote.post(webhook={"url": url}, count=2)["id"])
        assert job["state"] == "succeeded", job
        (told,) = eventually(lambda: arrived, "the webhook")
    manifest = remote.manifest(job["id"])
    assert (told["type"], told["id"]) == ("job.succeeded", manifest.event_id)
    bucket = remote.storage().bucket(remote.settings.results_bucket)
    for image in manifest.images:
        assert hashlib.sha256(bucket.blob(image.name).download_as_bytes()).hexdigest() == image.sha256


def test_a_clip_comes_from_the_endpoint(remote: Laptop) -> None:
    job = remote.ended(remote.post(task="animate", seconds=2, fps=8)["id"])
    assert job["state"] == "succeeded", job
    manifest = remote.manifest(job["id"])
    assert [image.content_type for image in manifest.images] == ["video/mp4", "image/jpeg"]
    facts = manifest.images[0].clip
    assert facts is not None and facts.frames == 16
    assert remote.ask("GET", f"/v1/jobs/{job['id']}/images/0").content[4:8] == b"ftyp"


@pytest.mark.parametrize(
    ("labels", "state", "code"),
    [
        ({"mock.fail": "permanent"}, "failed", "unsupported_task"),
        ({"mock.fail": "blocked"}, "blocked", "image_blocked"),
    ],
)
def test_what_cannot_be_mended_ends_there_as_on_the_other_lane(
    remote: Laptop, labels: dict[str, str], state: str, code: str
) -> None:
    job = remote.ended(remote.post(labels=labels)["id"])
    assert (job["state"], job["error"]["code"]) == (state, code)


@pytest.mark.parametrize("fault", ["transient", "crash"])
def test_what_another_try_can_mend_is_brought_again(remote: Laptop, fault: str) -> None:
    job = remote.ended(remote.post(labels={"mock.fail": fault, "mock.fail_attempts": "1"})["id"])
    assert job["state"] == "succeeded"
    assert job["attempt"] >= 2


def test_a_job_is_canceled_there(remote: Laptop) -> None:
    job_id = remote.post(labels={"mock.seconds": "60", "mock.steps": "100"})["id"]
    eventually(lambda: remote.ask("GET", f"/v1/jobs/{job_id}").json()["state"] == "running", "its start")
    remote.ask("POST", f"/v1/jobs/{job_id}/cancel")
    assert remote.ended(job_id)["state"] == "canceled"


def test_a_job_that_outlasts_the_call_ends_once(remote: Laptop) -> None:
    """Vertex AI hangs up; the container goes on, and the message comes back to a job that is held."""
    remote.faults(vertex={"seconds": 1})
    try:
        job = remote.ended(remote.post(labels={"mock.seconds": "8"})["id"])
    finally:
        remote.faults(vertex={"seconds": 600})
    assert (job["state"], job["attempt"]) == ("succeeded", 1)


def test_an_endpoint_that_fails_half_of_the_time_loses_and_doubles_nothing(remote: Laptop) -> None:
    kinds = ("unavailable", "too_many", "forbidden", "lost_answer")
    remote.faults(vertex=dict.fromkeys(kinds, 0.2))
    try:
        jobs = [remote.post()["id"] for _ in range(6)]
        ended = [remote.ended(job_id) for job_id in jobs]
    finally:
        remote.faults(vertex=dict.fromkeys(kinds, 0))
    assert [job["state"] for job in ended] == ["succeeded"] * 6
    assert {job["attempt"] for job in ended} == {1}


def test_an_unreadable_message_is_set_aside(remote: Laptop) -> None:
    remote.publish(b"not json", remote.settings.remote_topic)
    remote.publish(JobMessage(job_id="job_" + "a" * 26).encode(), remote.settings.remote_topic)
    eventually(lambda: len(remote.names(remote.settings.jobs_bucket, "set-aside/")) == 2, "both set aside")


# The same job on both lanes. ---------------------------------------------------------------------------


def drawn(data: Path, workers: int, *arguments: str) -> tuple[np.ndarray, Any]:
    """The pixels of the job that REQUEST makes in a stack of its own, and the manifest."""
    variables = {"PLANTAIN_WATERMARK_KEY": "ab" * 32, "OMP_NUM_THREADS": "1"}
    with running(data, workers, *arguments, **variables) as laptop:
        answer = laptop.ask("POST", "/v1/jobs", json=REQUEST, headers={"Idempotency-Key": "the same job"})
        job = laptop.ended(answer.json()["id"])
        assert job["state"] == "succeeded", job
        file = laptop.ask("GET", f"/v1/jobs/{job['id']}/images/0").content
        picture = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_UNCHANGED)
        assert picture is not None
        return picture, laptop.manifest(job["id"])


@pytest.mark.timeout(1_200)  # two stacks load the starter, on a machine that may be busy
def test_the_same_job_gives_the_same_picture_on_both_lanes(tmp_path: Path) -> None:
    """With the starter; the job's id and the key are the same, so the watermark is too."""
    remote, remote_manifest = drawn(tmp_path / "remote", 0, "--remote", "starter")
    pulled, pulled_manifest = drawn(tmp_path / "pulled", 1)
    assert remote_manifest.job_id == pulled_manifest.job_id
    assert remote_manifest.origin.request == pulled_manifest.origin.request
    assert np.array_equal(remote, pulled)
