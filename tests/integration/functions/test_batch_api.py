"""/v1/batches: begun by a caller, followed item by item, and hidden from others."""

from __future__ import annotations

import hashlib
from typing import Any

import httpx
import pytest

from functions.api.own.batch_lines import LINES
from functions.contract import paths
from functions.contract.storage.batch_store import BatchStore
from functions.deletion import batch_deletion
from functions.triggers.sweep import sweep_once
from functions.triggers.uploads import on_upload
from tests.integration.functions.batch import BOAT, Batch, jsonl
from tests.integration.functions.deployment import Answer, Deployment
from tests.killed import killed_at

BATCHES = "/v1/batches"
KEYS = {hashlib.sha256(f"{owner}-key".encode()).hexdigest(): owner for owner in ("ada", "bob")}


def uploaded(deployment: Deployment, data: bytes, **headers: str) -> str:
    """The id of an upload that holds ``data``, put there as the API says."""
    answer = deployment.post({"content_type": "application/jsonl"}, "/v1/uploads", **headers)
    assert answer.status_code == 201, answer.text
    place = answer.json
    httpx.request(place["method"], place["url"], content=data, headers=place["headers"]).raise_for_status()
    return place["upload"]


def asked(deployment: Deployment, data: bytes, **body: Any) -> Batch:
    answer = deployment.post({"upload": uploaded(deployment, data), **body}, BATCHES)
    assert answer.status_code == 202, answer.text
    assert answer.headers["Location"] == answer.json["url"]
    return Batch(deployment, answer.json["id"]).driven()


def show(batch: Batch, path: str = "", **call: Any) -> Answer:
    return batch.deployment.client.get(f"{BATCHES}/{batch.id}{path}", **call)


def test_an_upload_becomes_a_batch_of_the_caller_s(deployment: Deployment) -> None:
    batch = asked(deployment, jsonl(BOAT, b"bad"))
    shown = show(batch).json
    assert (shown["state"], shown["lines"], shown["counts"]) == ("running", 2, {"queued": 1, "refused": 1})
    batch.succeed()
    shown = show(batch).json
    assert (shown["state"], shown["counts"]) == ("completed", {"refused": 1, "succeeded": 1})
    assert deployment.record(batch.jobs[0]).owner == "local"


def test_a_file_may_be_named_where_it_lies(deployment: Deployment) -> None:
    deployment.upload("mine/boats.jsonl", jsonl(BOAT))
    uri = f"gs://{deployment.settings.uploads_bucket}/mine/boats.jsonl"
    answer = deployment.post({"uri": uri, "defaults": {"seed": 7}}, BATCHES)
    batch = Batch(deployment, answer.json["id"]).driven()
    assert deployment.record(batch.jobs[0]).seed == 7


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({}, "invalid_request", "uri"),
        ({"upload": "up_" + "a" * 26, "uri": "gs://b/c.jsonl"}, "invalid_request", "uri"),
        ({"upload": "up_" + "a" * 26}, "invalid_request", "uri"),
        ({"uri": "gs://elsewhere/boats.jsonl"}, "foreign_bucket", "uri"),
        ({"upload": "up_1"}, "invalid_request", "upload"),
        ({"upload": "up_" + "a" * 26, "lane": "fast"}, "invalid_request", "lane"),
        ({"upload": "up_" + "a" * 26, "colour": "red"}, "invalid_request", "colour"),
    ],
)
def test_what_names_no_file_is_refused(deployment: Deployment, body: Any, code: str, field: str) -> None:
    answer = deployment.post(body, BATCHES)
    assert (answer.status_code, answer.json["code"], answer.json["field"]) == (400, code, field)
    assert [name for name in deployment.objects() if "batch" in name] == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"lane": "vertex-batch"}, "model_unavailable"),
        ({"webhook": {"url": "https://user@example.com/"}}, "invalid_webhook"),
        ({"webhook": {"url": "https://example.com/", "events": []}}, "invalid_webhook"),
        ({"defaults": {"images": [{"uri": "gs://b/c.png"}]}}, "invalid_request"),
    ],
)
def test_what_cannot_be_done_is_said_at_once(deployment: Deployment, body: Any, code: str) -> None:
    upload = uploaded(deployment, jsonl(BOAT))
    assert deployment.post({"upload": upload, **body}, BATCHES).json["code"] == code


def test_the_results_and_jobs_buckets_are_no_place_for_files(deployment: Deployment) -> None:
    for bucket in (deployment.settings.results_bucket, deployment.settings.jobs_bucket):
        answer = deployment.post({"uri": f"gs://{bucket}/x.jsonl"}, BATCHES)
        assert answer.json["code"] == "foreign_bucket"


def test_the_same_key_is_the_same_batch_and_another_body_a_conflict(deployment: Deployment) -> None:
    body = {"upload": uploaded(deployment, jsonl(BOAT))}
    first = deployment.post(body, BATCHES, Idempotency_Key="nightly")
    again = deployment.post(body, BATCHES, Idempotency_Key="nightly")
    assert again.json["id"] == first.json["id"]
    assert again.headers["Idempotent-Replayed"] == "true"
    other = deployment.post({**body, "defaults": {"seed": 7}}, BATCHES, Idempotency_Key="nightly")
    assert (other.status_code, other.json["code"]) == (409, "idempotency_conflict")


def test_the_same_lines_that_are_uploaded_again_are_the_same_body(deployment: Deployment) -> None:
    def begun(data: bytes) -> Answer:
        return deployment.post({"upload": uploaded(deployment, data)}, BATCHES, Idempotency_Key="nightly")

    first, again, other = begun(jsonl(BOAT)), begun(jsonl(BOAT)), begun(jsonl({**BOAT, "size": "1K"}))
    assert (again.status_code, again.json["id"]) == (202, first.json["id"])
    assert (other.status_code, other.json["code"]) == (409, "idempotency_conflict")


def test_the_lines_may_be_the_body(deployment: Deployment) -> None:
    def begun(data: bytes) -> Answer:
        headers = {"Idempotency-Key": "list"}
        return deployment.client.post(BATCHES, data=data, content_type=LINES, headers=headers)

    first, again = begun(jsonl(BOAT, b"bad")), begun(jsonl(BOAT, b"bad"))
    assert (first.status_code, again.json["id"]) == (202, first.json["id"]), first.text
    assert begun(jsonl(BOAT)).json["code"] == "idempotency_conflict"
    batch = Batch(deployment, first.json["id"]).driven()
    assert show(batch).json["counts"] == {"queued": 1, "refused": 1}
    uploads = f"{deployment.settings.uploads_bucket}/"
    assert len([name for name in deployment.objects() if name.startswith(uploads)]) == 1, deployment.objects()
    assert begun(b" \n ").json["code"] == "invalid_request"


def test_items_come_in_pages_in_the_order_of_lines(deployment: Deployment) -> None:
    batch = asked(deployment, jsonl(*[BOAT] * 4, b"bad"))
    batch.succeed(batch.jobs[1:2])
    deployment.claim(batch.jobs[2])
    seen: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = show(batch, f"/items?limit=2{cursor}").json
        seen += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert [item["line"] for item in seen] == [1, 2, 3, 4, 5]
    assert [item["state"] for item in seen] == ["queued", "succeeded", "running", "queued", "refused"]
    bucket = deployment.settings.results_bucket
    assert seen[1]["images"] == [f"gs://{bucket}/{batch.jobs[1]}/0.png"]
    assert seen[4]["error"]["code"] == "invalid_request"


@pytest.mark.parametrize("query", ["limit=0", "cursor=x", "state=queued", "limit=1&limit=2"])
def test_a_listing_is_asked_for_strictly(deployment: Deployment, query: str) -> None:
    batch = asked(deployment, jsonl(BOAT))
    assert show(batch, f"/items?{query}").status_code == 400


def test_the_summary_is_there_once_the_batch_has_ended(deployment: Deployment) -> None:
    batch = asked(deployment, jsonl({"custom_id": "one", "request": BOAT}))
    assert show(batch, "/manifest").status_code == 404
    batch.succeed()
    found = show(batch, "/manifest").json
    assert (found["state"], found["items"][0]["custom_id"]) == ("completed", "one")
    assert found["items"][0]["job_id"] == batch.jobs[0]


def test_canceling_is_asked_for_and_seen(deployment: Deployment) -> None:
    batch = asked(deployment, jsonl(BOAT))
    answer = deployment.post(path=f"{BATCHES}/{batch.id}/cancel")
    assert answer.json["state"] == "canceling"
    batch.driven()
    assert deployment.post(path=f"{BATCHES}/{batch.id}/cancel").json["state"] == "canceled"


def test_a_batch_that_is_completed_cannot_be_canceled(deployment: Deployment) -> None:
    batch = asked(deployment, jsonl({}))
    answer = deployment.post(path=f"{BATCHES}/{batch.id}/cancel")
    assert (answer.status_code, answer.json["code"]) == (409, "illegal_transition")


def test_a_listing_shows_the_newest_first(deployment: Deployment) -> None:
    made = [asked(deployment, jsonl({})).id for _ in range(3)]
    first = deployment.client.get(f"{BATCHES}?limit=2").json
    rest = deployment.client.get(f"{BATCHES}?limit=2&cursor={first['next_cursor']}").json
    found = [*first["batches"], *rest["batches"]]
    assert [batch["id"] for batch in found] == made[::-1]
    assert {batch["state"] for batch in found} == {"completed"}


def test_deleting_removes_the_jobs_the_file_and_the_summary(deployment: Deployment) -> None:
    secret = "a zebra in a nightgown"
    batch = asked(deployment, jsonl({"custom_id": secret, "request": {**BOAT, "prompt": secret}}, b"bad"))
    assert deployment.client.open(f"{BATCHES}/{batch.id}", method="DELETE").status_code == 409
    (job,) = batch.jobs
    batch.succeed()
    batch.tell()
    for _ in range(2):
        answer = deployment.client.open(f"{BATCHES}/{batch.id}", method="DELETE")
        assert (answer.status_code, answer.json["counts"]) == (200, {"refused": 1, "succeeded": 1})
    assert show(batch).status_code == 410
    assert deployment.client.get(f"/v1/jobs/{job}").status_code == 410
    assert deployment.client.get(BATCHES).json["batches"] == []
    assert [name for name in deployment.objects() if secret in str(content(deployment, name))] == []
    assert {name.partition("/")[2] for name in deployment.objects()} == {
        paths.batch_record(batch.id),
        paths.job_record(job),
        paths.manifest(job),
    }


def content(deployment: Deployment, name: str) -> tuple[bytes, dict[str, str] | None]:
    bucket, _, name = name.partition("/")
    blob = deployment.storage.bucket(bucket).get_blob(name)
    assert blob is not None
    return blob.download_as_bytes(), blob.metadata


def test_a_deleted_batch_is_not_called_a_job(deployment: Deployment) -> None:
    batch = asked(deployment, jsonl({}))
    assert deployment.client.open(f"{BATCHES}/{batch.id}", method="DELETE").status_code == 200
    gone = show(batch)
    assert (gone.status_code, gone.json["code"]) == (410, "deleted")
    assert "job" not in gone.json["title"] + gone.json["detail"]


def test_a_deletion_that_takes_long_is_finished_by_sweep(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = asked(deployment, jsonl(*[BOAT] * 3))
    batch.succeed()
    batch.tell()
    monkeypatch.setattr(batch_deletion, "_CHUNK", 1)
    assert not batch_deletion.delete_batch(deployment.services, batch.id, seconds=0).is_finished
    assert show(batch).status_code == 410
    assert sweep_once(deployment.services).counts["batches_deleted"] == 1
    assert [name for name in deployment.objects() if "/batch" in name] == [
        f"{deployment.settings.jobs_bucket}/{paths.batch_record(batch.id)}"
    ]


def test_a_job_that_had_ended_before_the_batch_is_not_deleted_with_it(deployment: Deployment) -> None:
    older = deployment.post({**BOAT, "deadline_seconds": 86_400}, Idempotency_Key="order-1").json["id"]
    deployment.claim(older)
    deployment.succeed(older)
    batch = asked(deployment, jsonl({**BOAT, "idempotency_key": "order-1"}))
    assert batch.ended.counts == {"succeeded": 1}
    assert deployment.client.open(f"{BATCHES}/{batch.id}", method="DELETE").status_code == 200
    assert deployment.job(older)["state"] == "succeeded"


def test_a_file_that_was_named_by_its_address_stays(deployment: Deployment) -> None:
    shared = deployment.replace(api_keys=KEYS)
    deployment.upload("everybody/boats.jsonl", jsonl({}))
    uri = f"gs://{shared.settings.uploads_bucket}/everybody/boats.jsonl"
    bob = {"X-API-Key": "bob-key"}
    batch = Batch(shared, shared.client.post(BATCHES, json={"uri": uri}, headers=bob).json["id"]).driven()
    answer = shared.client.open(f"{BATCHES}/{batch.id}", method="DELETE", headers=bob)
    assert answer.status_code == 200
    assert deployment.services.uploads.stat("everybody/boats.jsonl")


def test_a_deletion_that_died_before_its_tombstone_is_finished_by_sweep(deployment: Deployment) -> None:
    batch = asked(deployment, jsonl({}))
    batch.tell()
    events = len(deployment.published(deployment.settings.events_topic))
    with killed_at(BatchStore, "put_tombstone"):
        batch_deletion.delete_batch(deployment.services, batch.id)
    assert sweep_once(deployment.services).counts["batches_deleted"] == 1
    assert show(batch).status_code == 410
    assert sweep_once(deployment.services).counts == {}
    assert (events, deployment.published(deployment.settings.events_topic)) == (1, [])


def test_an_entry_of_the_listing_that_is_written_late_shows_no_deleted_batch(deployment: Deployment) -> None:
    batch = asked(deployment, jsonl({}))
    record = batch.record
    batch_deletion.delete_batch(deployment.services, batch.id)
    BatchStore(deployment.services.jobs).put_in_index(record)  # by a slow process that settled it
    assert deployment.client.get(BATCHES).json["batches"] == []


def test_a_deleted_file_that_is_told_of_again_begins_nothing(deployment: Deployment) -> None:
    event = deployment.upload("boats.jsonl", jsonl({}))
    on_upload(deployment.services, event)
    batch = Batch.of(deployment, "boats.jsonl").driven()
    assert deployment.client.open(f"{BATCHES}/{batch.id}", method="DELETE").status_code == 200
    on_upload(deployment.services, event)
    batch.drive()
    assert deployment.client.get(BATCHES).json["batches"] == []


@pytest.mark.parametrize("method_path", ["GET ", "DELETE ", "GET /items", "GET /manifest", "POST /cancel"])
def test_another_owner_s_batch_is_not_there(deployment: Deployment, method_path: str) -> None:
    method, _, path = method_path.partition(" ")
    shared = deployment.replace(api_keys=KEYS)
    upload = uploaded(shared, jsonl({}), X_API_Key="ada-key")
    made = shared.post({"upload": upload}, BATCHES, X_API_Key="ada-key").json["id"]
    other = {"X-API-Key": "bob-key"}
    answer = shared.client.open(f"{BATCHES}/{made}{path}", method=method, headers=other)
    missing = shared.client.open(f"{BATCHES}/batch_{'a' * 26}{path}", method=method, headers=other)
    assert (answer.status_code, answer.json) == (404, missing.json)


def test_another_owner_s_upload_cannot_be_read(deployment: Deployment) -> None:
    shared = deployment.replace(api_keys=KEYS)
    upload = uploaded(shared, jsonl(BOAT), X_API_Key="ada-key")
    uri = f"gs://{shared.settings.uploads_bucket}/{paths.uploaded_picture('ada', upload)}"
    named = shared.post({"uri": uri}, BATCHES, X_API_Key="bob-key")
    assert named.json["code"] == "foreign_bucket"
    assert shared.post({"upload": upload}, BATCHES, X_API_Key="bob-key").status_code == 400
