"""From a request, or an upload, to a picture in a bucket and an event: the whole way, on the real stack."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from functions.contract import ids
from functions.contract.message import JobMessage
from tests.e2e.event_path.laptop import Laptop
from tests.eventually import eventually


def test_a_prompt_becomes_a_picture_in_the_bucket(laptop: Laptop) -> None:
    job = laptop.ended(laptop.post(aspect_ratio="16:9")["id"])
    assert job["state"] == "succeeded"
    answer = laptop.ask("GET", f"/v1/jobs/{job['id']}/images/0")
    picture = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_UNCHANGED)
    assert picture is not None
    assert picture.shape == (384, 688, 3)
    assert laptop.manifest(job["id"]).images[0].bytes == len(answer.content)


def test_waiting_for_a_job_returns_it_ended(laptop: Laptop) -> None:
    body = {"task": "generate", "prompt": "a cat", "size": "512", "model": "mock"}
    answer = laptop.ask("POST", "/v1/jobs", json=body, headers={"Prefer": "wait=30"})
    assert (answer.status_code, answer.json()["state"]) == (200, "succeeded")


def test_an_uploaded_picture_triggers_its_edit(laptop: Laptop) -> None:
    made = laptop.ended(laptop.post()["id"])
    original = laptop.ask("GET", f"/v1/jobs/{made['id']}/images/0").content
    blob = laptop.storage().bucket(laptop.settings.uploads_bucket).blob("shop/boat.png")
    blob.metadata = {"plantain-prompt": "make the boat blue"}
    blob.upload_from_string(original, content_type="image/png")
    job_id = ids.job_id_for_upload(laptop.settings.uploads_bucket, "shop/boat.png", int(blob.generation or 0))

    def look() -> bool:
        return laptop.ask("GET", f"/v1/jobs/{job_id}").status_code != 404 or _manifest_is_there(
            laptop, job_id
        )

    eventually(look, "the job of the upload")
    eventually(lambda: _manifest_is_there(laptop, job_id), "its manifest")
    manifest = laptop.manifest(job_id)
    assert manifest.state == "succeeded", manifest.error
    assert manifest.origin.request.task == "edit"


def test_a_running_job_is_canceled_between_two_steps(laptop: Laptop) -> None:
    job_id = laptop.post(labels={"mock.seconds": "60", "mock.steps": "100"})["id"]

    def is_running() -> bool:
        return laptop.ask("GET", f"/v1/jobs/{job_id}").json()["state"] == "running"

    eventually(is_running, "the start of the job")
    assert laptop.ask("POST", f"/v1/jobs/{job_id}/cancel").json()["state"] in ("canceling", "canceled")
    assert laptop.ended(job_id)["state"] == "canceled"
    assert laptop.names(laptop.settings.results_bucket, f"{job_id}/") == {f"{job_id}/manifest.json"}


def test_a_deadline_ends_a_running_job(laptop: Laptop) -> None:
    job = laptop.ended(laptop.post(labels={"mock.seconds": "60"}, deadline_seconds=2)["id"])
    assert (job["state"], job["error"]["code"]) == ("expired", "deadline_exceeded")


def test_a_message_that_comes_twice_changes_nothing(laptop: Laptop) -> None:
    job_id = laptop.ended(laptop.post()["id"])["id"]
    before = laptop.manifest(job_id)
    for _ in range(3):
        laptop.publish(JobMessage(job_id=job_id).encode())
    laptop.ended(laptop.post()["id"])  # is behind them in the queue
    assert laptop.manifest(job_id) == before
    assert laptop.ask("GET", f"/v1/jobs/{job_id}").json()["attempt"] == 1


@pytest.mark.parametrize(
    ("labels", "state", "code"),
    [
        ({"mock.fail": "permanent"}, "failed", "unsupported_task"),
        ({"mock.fail": "blocked"}, "blocked", "image_blocked"),
        ({"mock.fail": "out_of_memory"}, "failed", "out_of_memory"),
    ],
)
def test_what_cannot_be_mended_ends_with_a_typed_error(
    laptop: Laptop, labels: dict[str, str], state: str, code: str
) -> None:
    job = laptop.ended(laptop.post(labels=labels)["id"])
    assert (job["state"], job["error"]["code"]) == (state, code)
    assert laptop.manifest(job["id"]).error is not None


@pytest.mark.parametrize("fault", ["transient", "crash"])
def test_what_another_try_can_mend_is_tried_again(laptop: Laptop, fault: str) -> None:
    job = laptop.ended(laptop.post(labels={"mock.fail": fault, "mock.fail_attempts": "1"})["id"])
    assert job["state"] == "succeeded"
    assert job["attempt"] >= 2


def test_an_unreadable_message_is_set_aside_and_the_queue_goes_on(laptop: Laptop) -> None:
    for data in (b"not json", b'{"version": 99, "job_id": "job_x"}'):
        laptop.publish(data)
    assert laptop.ended(laptop.post()["id"])["state"] == "succeeded"
    eventually(
        lambda: len(laptop.names(laptop.settings.jobs_bucket, "set-aside/")) == 2, "both messages set aside"
    )


def _manifest_is_there(laptop: Laptop, job_id: str) -> bool:
    return f"{job_id}/manifest.json" in laptop.names(laptop.settings.results_bucket, job_id)
