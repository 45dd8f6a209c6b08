"""POST and GET /v1/jobs: what is asked for is recorded, published and shown."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from functions.api.request_body import BODIES
from functions.contract import paths
from functions.contract.errors import Transient
from functions.job_end_watcher import JobEndWatcher
from tests.eventually import eventually
from tests.integration.functions.deployment import Deployment, base64_of, picture


def test_a_job_is_accepted_recorded_and_published(deployment: Deployment) -> None:
    answer = deployment.post({"task": "generate", "prompt": "a red boat", "labels": {"team": "sea"}})
    assert answer.status_code == 202
    job = answer.json
    assert answer.headers["Location"] == f"/v1/jobs/{job['id']}"
    assert (job["state"], job["width"], job["height"], job["model"]) == ("queued", 1024, 1024, "mock")
    assert 0 <= job["seed"] < 2**32
    assert job["labels"] == {"team": "sea"}
    (message,) = deployment.published(deployment.settings.jobs_topic)
    assert message.attributes["job_id"] == job["id"]
    assert json.loads(message.data) == {"version": 1, "job_id": job["id"]}
    assert deployment.job(job["id"]) == job


def test_the_deadline_counts_from_the_acceptance(deployment: Deployment) -> None:
    job = deployment.job(deployment.generate(deadline_seconds=90))
    times = [datetime.fromisoformat(job[name]) for name in ("created", "deadline")]
    assert (times[1] - times[0]).total_seconds() == 90


def test_the_lease_is_never_shown(deployment: Deployment) -> None:
    job_id = deployment.generate()
    deployment.claim(job_id)
    shown = deployment.job(job_id)
    assert shown["state"] == "running"
    assert "lease" not in shown
    assert "worker-1" not in json.dumps(shown)


def test_an_inline_image_is_stored_and_never_published(deployment: Deployment) -> None:
    data = picture(640, 480)
    answer = deployment.post(
        {"task": "edit", "prompt": "make it snow", "images": [{"data": base64_of(data)}]}
    )
    assert answer.status_code == 202, answer.text
    job = answer.json
    assert (job["width"], job["height"]) == (640, 480)
    name = paths.input_picture(job["id"], hashlib.sha256(data).hexdigest())
    (image,) = job["request"]["images"]
    assert image["uri"] == f"gs://{deployment.settings.jobs_bucket}/{name}"
    assert deployment.services.jobs.get(name, image["generation"]).data == data
    (message,) = deployment.published(deployment.settings.jobs_topic)
    assert len(message.data) < 200


def test_an_uploaded_image_is_named_by_its_upload(deployment: Deployment) -> None:
    place = deployment.post({"content_type": "image/png"}, "/v1/uploads")
    assert place.status_code == 201
    assert place.json["method"] == "PUT"
    _put(place.json["url"], picture(512, 512), place.json["headers"])
    answer = deployment.post(
        {"task": "edit", "prompt": "make it snow", "images": [{"upload": place.json["upload"]}]}
    )
    assert answer.status_code == 202, answer.text
    (image,) = answer.json["request"]["images"]
    assert image["uri"].startswith(f"gs://{deployment.settings.uploads_bucket}/api/")
    assert image["generation"] > 0


def _put(url: str, data: bytes, headers: dict[str, str]) -> None:
    import httpx

    httpx.put(url, content=data, headers=headers).raise_for_status()


def test_an_image_stays_the_one_that_was_there_at_the_door(deployment: Deployment) -> None:
    bucket = deployment.settings.uploads_bucket
    deployment.upload("photos/boat.png", picture(512, 512))
    answer = deployment.post(
        {"task": "edit", "prompt": "snow", "images": [{"uri": f"gs://{bucket}/photos/boat.png"}]}
    )
    pinned = answer.json["request"]["images"][0]["generation"]
    assert pinned == deployment.services.uploads.stat("photos/boat.png").generation


def test_a_result_of_one_s_own_can_be_edited(deployment: Deployment) -> None:
    first = deployment.generate()
    deployment.claim(first)
    deployment.succeed(first)
    uri = deployment.job(first)["images"][0]["uri"]
    answer = deployment.post({"task": "edit", "prompt": "at night", "images": [{"uri": uri}]})
    assert answer.status_code == 202, answer.text


def test_a_dry_run_estimates_and_writes_nothing(deployment: Deployment) -> None:
    before = deployment.objects()
    body = {
        "task": "generate",
        "prompt": "a boat",
        "size": "2K",
        "aspect_ratio": "16:9",
        "count": 3,
        "steps": 4,
    }
    answer = deployment.post({**body, "dry_run": True})
    assert answer.status_code == 200
    drawn = {"model": "mock", "width": 2736, "height": 1536, "count": 3, "steps": 4}
    assert answer.json == {"estimate": {**drawn, "paid_calls": 0, "seconds": None}}
    assert deployment.objects() == before
    assert deployment.published(deployment.settings.jobs_topic) == []


def test_a_dry_run_refuses_what_a_real_one_would(deployment: Deployment) -> None:
    image = {"data": base64_of(b"not a picture")}
    answer = deployment.post({"task": "edit", "prompt": "x", "images": [image], "dry_run": True})
    assert answer.json["code"] == "image_unreadable"


def test_waiting_ends_when_the_job_does(deployment: Deployment) -> None:
    finished = threading.Event()

    def work() -> None:
        while not (messages := deployment.published(deployment.settings.jobs_topic)):
            if finished.wait(0.01):
                return
        job_id = messages[0].attributes["job_id"]
        deployment.claim(job_id)
        deployment.succeed(job_id)

    worker = threading.Thread(target=work)
    worker.start()
    answer = deployment.post({"task": "generate", "prompt": "a boat", "size": "512"}, Prefer="wait=60")
    finished.set()
    worker.join()
    assert answer.status_code == 200
    assert answer.json["state"] == "succeeded"
    assert answer.headers["Preference-Applied"] == "wait=60"


def test_waiting_in_vain_answers_with_the_job_as_it_is(deployment: Deployment) -> None:
    answer = deployment.post({"task": "generate", "prompt": "a boat"}, Prefer="respond-async, wait=0")
    assert answer.status_code == 202
    assert answer.json["state"] == "queued"


def test_a_caller_without_a_place_to_wait_is_answered_at_once(deployment: Deployment) -> None:
    crowded = deployment.replace()
    object.__setattr__(crowded.services, "watcher", JobEndWatcher(crowded.services.results, places=1))
    with ThreadPoolExecutor(1) as callers:
        waiting = callers.submit(crowded.post, {"task": "generate", "prompt": "a boat"}, Prefer="wait=60")
        (message,) = eventually(lambda: deployment.published(deployment.settings.jobs_topic))
        other = crowded.post({"task": "generate", "prompt": "a boat"}, Prefer="wait=60")
        assert (other.status_code, other.json["state"]) == (202, "queued")
        assert "Preference-Applied" not in other.headers
        deployment.claim(message.attributes["job_id"])
        deployment.succeed(message.attributes["job_id"])
        assert waiting.result().json["state"] == "succeeded"


def test_who_waits_holds_no_room_for_a_body(deployment: Deployment) -> None:
    """A waiting caller's body was looked at: its bytes are free for the next one."""
    image = {"data": base64_of(picture(320, 256))}
    asked = {"task": "edit", "prompt": "make it snow", "images": [image]}
    held: list[int] = []

    class Watcher(JobEndWatcher):
        def wait(self, job_id: str, seconds: float, is_abandoned: Callable[[], bool] = lambda: False) -> bool:
            held.append(BODIES.held)
            return False

    watched = deployment.replace()
    object.__setattr__(watched.services, "watcher", Watcher(watched.services.results, places=1))
    assert watched.post(asked, Prefer="wait=60").status_code == 202
    assert held == [0]


def test_a_job_whose_publishing_fails_is_accepted_all_the_same(deployment: Deployment) -> None:
    def failing(topic: str, data: bytes, **attributes: str) -> None:
        raise Transient("Pub/Sub is away.")

    answer = deployment.replace(publish=failing).post({"task": "generate", "prompt": "a boat"})
    assert answer.status_code == 202
    assert deployment.is_open(answer.json["id"])
    assert deployment.record(answer.json["id"]).state == "queued"


def test_storage_that_is_away_is_a_503_to_try_again(deployment: Deployment) -> None:
    class Away:
        bucket = "jobs"

        def __getattr__(self, name: str) -> None:
            raise Transient("Cloud Storage cannot be reached.")

    answer = deployment.replace(jobs=Away()).post({"task": "generate", "prompt": "a boat"})
    assert answer.status_code == 503
    assert answer.json["retryable"] is True
    assert answer.headers["Retry-After"]


@pytest.mark.parametrize(
    ("task", "fields", "size"),
    [
        ("edit", {}, (640, 480)),
        ("edit", {"size": "1K"}, (1184, 880)),
        ("edit", {"aspect_ratio": "1:1"}, (512, 512)),
        ("upscale", {"size": "2K"}, (2365, 1774)),
    ],
)
def test_the_size_follows_the_picture(
    deployment: Deployment, task: str, fields: dict[str, str], size: tuple[int, int]
) -> None:
    prompt = {} if task == "upscale" else {"prompt": "make it snow"}
    image = {"data": base64_of(picture(640, 480))}
    answer = deployment.post({"task": task, **prompt, "images": [image], **fields})
    assert answer.status_code == 202, answer.text
    assert (answer.json["width"], answer.json["height"]) == size


def test_the_trace_goes_along(deployment: Deployment) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    deployment.post({"task": "generate", "prompt": "a boat"}, traceparent=trace)
    (message,) = deployment.published(deployment.settings.jobs_topic)
    assert json.loads(message.data)["traceparent"] == trace


@pytest.mark.parametrize(
    "path", ["/v1/jobs/job_" + "a" * 26, "/v1/jobs/../../etc", "/v1/nothing", "/nothing"]
)
def test_what_is_not_there_is_a_problem_too(deployment: Deployment, path: str) -> None:
    answer = deployment.client.get(path)
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    assert answer.json["code"] == "not_found"


def test_a_wrong_method_names_the_right_ones(deployment: Deployment) -> None:
    answer = deployment.client.open("/v1/jobs", method="PUT", json={})
    assert (answer.status_code, answer.json["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET, HEAD, POST"


def test_options_tell_what_may_be_done(deployment: Deployment) -> None:
    answer = deployment.client.open("/v1/jobs", method="OPTIONS")
    assert answer.status_code == 204
    assert answer.headers["Allow"] == "GET, HEAD, POST"
    assert deployment.client.open("/v1/nothing", method="OPTIONS").status_code == 404


def test_a_head_has_the_headers_and_no_body(deployment: Deployment) -> None:
    answer = deployment.client.open(f"/v1/jobs/{deployment.generate()}", method="HEAD")
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.mimetype == "application/json"


def test_health_needs_neither_a_caller_nor_services(deployment: Deployment) -> None:
    answer = deployment.replace(profile="production").client.get("/healthz")
    assert (answer.status_code, answer.json["status"]) == (200, "ok")


PAID = {"models": {"banana": "gemini", "mock": "mock"}, "default_model": "banana"}


def test_one_edit_is_one_paid_call_unless_more_are_asked_for(deployment: Deployment) -> None:
    paid = deployment.replace(**PAID)
    asked = {"task": "generate", "prompt": "a boat", "size": "512", "count": 2}
    estimate = paid.post({**asked, "dry_run": True}).json["estimate"]
    assert (estimate["model"], estimate["paid_calls"]) == ("banana", 2)
    assert paid.record(paid.post(asked).json["id"]).request.correction.attempts == 1
    more = {**asked, "correction": {"attempts": 3}}
    assert paid.post({**more, "dry_run": True}).json["estimate"]["paid_calls"] == 6
    assert paid.record(paid.post(more).json["id"]).request.correction.attempts == 3


def test_what_the_engine_refuses_is_refused_at_once_and_leaves_nothing(deployment: Deployment) -> None:
    before = deployment.objects()
    refused = deployment.replace(**PAID).post({"task": "generate", "prompt": "a boat", "steps": 4})
    assert (refused.status_code, refused.json["code"]) == (400, "unsupported_task")
    assert refused.json["field"] == "steps"
    assert deployment.objects() == before
