"""Stored documents that are damaged, or newer: only the one job is affected, and it can be deleted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from functions.contract import ids, paths
from functions.contract.errors import Overtaken
from functions.contract.message import JobMessage
from functions.contract.storage.batch_store import BatchStore
from functions.contract.storage.bucket import Bucket
from functions.contract.storage.watermark_index import WatermarkEntry, WatermarkIndex
from functions.notifications import deliveries
from functions.notifications.delivery_queue import DeliveryMessage
from functions.notifications.end_notice import EndNotice
from functions.triggers.dead_letter import on_dead_message
from functions.triggers.deliver import on_delivery
from functions.triggers.dispatch import on_job
from functions.triggers.notify import on_result
from functions.triggers.sweep import sweep_once
from functions.triggers.uploads import on_upload
from tests.integration.functions.batch import BOAT, Batch, jsonl
from tests.integration.functions.deployment import Answer, Deployment, message_event, picture
from tests.integration.functions.log_lines import LogLines

KEYS = {hashlib.sha256(f"{owner}-key".encode()).hexdigest(): owner for owner in ("ada", "bob")}


def changed(**fields: Any) -> Callable[[bytes], bytes]:
    return lambda data: json.dumps({**json.loads(data or b"{}"), **fields}).encode()


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: data[:0],
    "garbage": lambda data: b"\xff\x00garbage" + data[:0],
    "truncated": lambda data: data[: len(data) // 2],
    "list": lambda data: b"[]" + data[:0],
    "null": lambda data: b"null" + data[:0],
    "deep": lambda data: b"[" * 50_000 + data[:0],
    "newer": changed(version=2),
    "newer-with-more": changed(version=2, news={"a": [1]}),
    "unknown-field": changed(news=True),
    "unknown-state": changed(state="paused"),
    "time-without-utc": changed(created="0001-01-01T00:00:00+10:00"),
    "other-types": changed(owner=7, created="yesterday", request=[], images={}),
}
KINDS = ("garbage", "null", "deep", "newer-with-more", "other-types")
"""One damage for each way in which a reading ends. The others end in the same two errors."""
by_damage = pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
by_kind = pytest.mark.parametrize("damage", [DAMAGES[kind] for kind in KINDS], ids=KINDS)


def by_place(place: str, *others: str) -> pytest.MarkDecorator:
    """Every damage of what is in ``place``, and one of each kind of what is in the others."""
    spoiled = [(place, name) for name in DAMAGES] + [(other, kind) for other in others for kind in KINDS]
    params = [pytest.param(where, DAMAGES[name], id=f"{where}-{name}") for where, name in spoiled]
    return pytest.mark.parametrize(("spoiled", "damage"), params)


def spoil(objects: Bucket, name: str, damage: Callable[[bytes], bytes]) -> bytes:
    """Writes the object anew without its metadata, as a tool would; returns what stands there now."""
    data = damage(objects.get(name).data)
    objects.put(name, data)
    return data


@pytest.fixture
def shared(deployment: Deployment) -> Deployment:
    """A deployment of two owners."""
    return deployment.replace(api_keys=KEYS)


def asked_by(shared: Deployment, owner: str, method: str, path: str) -> Answer:
    return shared.client.open(path, method=method, headers={"X-API-Key": f"{owner}-key"})


def ended_job(shared: Deployment, **fields: Any) -> str:
    """A job of Ada's that has succeeded."""
    body = {"task": "generate", "prompt": "a boat", "size": "512", **fields}
    job_id = shared.post(body, X_API_Key="ada-key").json["id"]
    shared.claim(job_id)
    shared.succeed(job_id)
    return job_id


def ended_batch(shared: Deployment) -> Batch:
    """A batch of Ada's whose two lines have succeeded."""
    upload = ids.new_upload_id()
    shared.upload(paths.uploaded_picture("ada", upload), jsonl(BOAT, BOAT))
    batch = Batch(
        shared, shared.post({"upload": upload}, "/v1/batches", X_API_Key="ada-key").json["id"]
    ).driven()
    batch.succeed()
    assert batch.record.state == "completed"
    return batch


JOB_PATHS = [
    ("GET", ""),
    ("DELETE", ""),
    ("POST", "/cancel"),
    ("GET", "/images/0"),
    ("GET", "/manifest"),
    ("GET", "/verification"),
    ("GET", "/deliveries"),
    ("POST", "/deliveries/replay"),
]


@by_damage
def test_to_another_owner_a_job_with_a_damaged_record_is_not_there(
    shared: Deployment, damage: Callable[[bytes], bytes]
) -> None:
    job_id = ended_job(shared)
    spoil(shared.services.jobs, paths.job_record(job_id), damage)
    before = shared.objects()
    missing = asked_by(shared, "bob", "GET", f"/v1/jobs/job_{'a' * 26}")
    for method, path in JOB_PATHS:
        answer = asked_by(shared, "bob", method, f"/v1/jobs/{job_id}{path}")
        assert (answer.status_code, answer.json) == (404, missing.json)
    uri = f"gs://{shared.settings.results_bucket}/{paths.result_picture(job_id, 0, 'png')}"
    body = {"task": "edit", "prompt": "snow", "images": [{"uri": uri}]}
    assert shared.post(body, X_API_Key="bob-key").json["code"] == "foreign_bucket"
    assert shared.post(body, X_API_Key="ada-key").status_code == 202
    assert before <= shared.objects()


@by_kind
def test_its_owner_sees_the_job_as_its_manifest_has_it(
    shared: Deployment, damage: Callable[[bytes], bytes]
) -> None:
    job_id = ended_job(shared)
    spoil(shared.services.jobs, paths.job_record(job_id), damage)
    answer = asked_by(shared, "ada", "GET", f"/v1/jobs/{job_id}")
    assert (answer.status_code, answer.json["state"], len(answer.json["images"])) == (200, "succeeded", 1)
    assert asked_by(shared, "ada", "GET", f"/v1/jobs/{job_id}/images/0").status_code == 200
    listed = asked_by(shared, "ada", "GET", "/v1/jobs").json["jobs"]
    assert [job["id"] for job in listed] == [job_id]


@by_damage
def test_its_owner_is_told_what_is_wrong_where_nothing_else_is_left(
    shared: Deployment, damage: Callable[[bytes], bytes]
) -> None:
    job_id = ended_job(shared)
    shared.services.results.delete(paths.manifest(job_id))
    spoil(shared.services.jobs, paths.job_record(job_id), damage)
    for method, path in JOB_PATHS:
        if method != "DELETE":
            answer = asked_by(shared, "ada", method, f"/v1/jobs/{job_id}{path}")
            assert (answer.status_code, answer.json["code"]) in (
                (409, "damaged_document"),
                (409, "unsupported_version"),
            )


@by_place("record", "manifest", "both", "record-without-manifest")
def test_a_damaged_job_can_be_deleted_whole(
    shared: Deployment, spoiled: str, damage: Callable[[bytes], bytes]
) -> None:
    job_id = ended_job(shared)
    if spoiled == "record-without-manifest":
        shared.services.results.delete_prefix(paths.results_prefix(job_id))
    if spoiled != "manifest":
        spoil(shared.services.jobs, paths.job_record(job_id), damage)
    if spoiled in ("manifest", "both"):
        spoil(shared.services.results, paths.manifest(job_id), damage)
    for _ in range(2):
        answer = asked_by(shared, "ada", "DELETE", f"/v1/jobs/{job_id}")
        assert (answer.status_code, answer.json["id"]) == (200, job_id)
    assert {name.partition("/")[2] for name in shared.objects() if job_id in name} == {
        paths.job_record(job_id),
        paths.manifest(job_id),
    }
    assert asked_by(shared, "ada", "GET", f"/v1/jobs/{job_id}").status_code == 410
    assert asked_by(shared, "bob", "GET", f"/v1/jobs/{job_id}").status_code == 404
    assert asked_by(shared, "ada", "GET", "/v1/jobs").json["jobs"] == []


def test_a_newer_job_that_may_be_at_work_is_not_deleted(shared: Deployment) -> None:
    job_id = shared.post({"task": "generate", "prompt": "a boat"}, X_API_Key="ada-key").json["id"]
    data = spoil(shared.services.jobs, paths.job_record(job_id), DAMAGES["newer"])
    answer = asked_by(shared, "ada", "DELETE", f"/v1/jobs/{job_id}")
    assert (answer.status_code, answer.json["code"]) == (409, "illegal_transition")
    assert shared.services.jobs.get(paths.job_record(job_id)).data == data


@by_kind
def test_a_job_s_events_are_set_aside_once_and_leave_what_they_find(
    deployment: Deployment, log_lines: LogLines, damage: Callable[[bytes], bytes]
) -> None:
    """Of a record that cannot be read, with its manifest and without; and of a manifest that cannot."""
    what = deployment.upload("boat.png", picture(512, 512), {"plantain-prompt": "snow"})
    on_upload(deployment.services, what)
    (listed,) = deployment.client.get("/v1/jobs").json["jobs"]
    job_id = listed["id"]
    data = spoil(deployment.services.jobs, paths.job_record(job_id), damage)
    message = message_event(JobMessage(job_id=job_id).encode())
    for _ in range(3):
        on_upload(deployment.services, what)
        on_dead_message(deployment.services, message)
        on_job(deployment.services, message)
    assert deployment.services.jobs.get(paths.job_record(job_id)).data == data
    assert not any("/manifest.json" in name for name in deployment.objects())
    aside = [line["object"] for line in log_lines.of("set_aside")]
    assert len(aside) == len(set(aside)) == 2  # the upload's event, and the message


@by_kind
def test_an_end_whose_record_is_damaged_is_told_of_once(
    deployment: Deployment, log_lines: LogLines, damage: Callable[[bytes], bytes]
) -> None:
    job_id = deployment.generate()
    deployment.claim(job_id)
    deployment.succeed(job_id)
    spoil(deployment.services.jobs, paths.job_record(job_id), damage)
    for _ in range(3):
        on_result(deployment.services, deployment.manifest_event(job_id))
        sweep_once(deployment.services)
    assert len(deployment.published(deployment.settings.events_topic)) == 1
    assert len(log_lines.of("set_aside")) <= 2
    assert log_lines.of("sweep.failed") == []


@by_kind
@pytest.mark.parametrize("place", ["record", "manifest"])
def test_sweep_reports_a_damaged_job_once(
    deployment: Deployment, log_lines: LogLines, place: str, damage: Callable[[bytes], bytes]
) -> None:
    job_id = deployment.generate()
    deployment.claim(job_id)
    deployment.succeed(job_id)
    objects, name = (
        (deployment.services.jobs, paths.job_record(job_id))
        if place == "record"
        else (deployment.services.results, paths.manifest(job_id))
    )
    data = spoil(objects, name, damage)
    for _ in range(4):
        sweep_once(deployment.services)
    told = [*log_lines.of("set_aside"), *log_lines.of("sweep.failed")]
    assert len(told) == 1
    assert objects.get(name).data == data, "it is not written over"


def test_sweep_reports_a_marker_that_is_none_once(deployment: Deployment, log_lines: LogLines) -> None:
    for name in ("open/garbage", "open/" + "x" * 1_010, "open/a/../b", "open-batches/garbage"):
        deployment.services.jobs.put(name, b"")
    job_id = deployment.generate()
    deployment.change(job_id, deadline=deployment.record(job_id).created)
    for _ in range(4):
        sweep_once(deployment.services)
    assert len(log_lines.of("sweep.failed")) <= 4
    assert all("trace" not in line for line in log_lines.of("sweep.failed"))
    assert deployment.record(job_id).state == "expired", "the others have their turn"


@pytest.mark.parametrize(
    "facts",
    [
        {"writer-0": "garbage"},
        {"writer-0": "2026-01-01T00:00:00"},
        {"writer-0": "0001-01-01T00:00:00+10:00"},
        {"due": "garbage"},
        {"due": "2026-01-01T00:00:00"},
        {"due": "9999-12-31T23:59:59-10:00", "told": "yes"},
    ],
)
def test_a_marker_that_says_garbage_keeps_no_end_from_being_told(
    deployment: Deployment, log_lines: LogLines, facts: dict[str, str]
) -> None:
    job_id = deployment.generate()
    deployment.claim(job_id)
    deployment.succeed(job_id)
    deployment.services.store.markers.mark(job_id, **facts)
    for _ in range(2):
        on_result(deployment.services, deployment.manifest_event(job_id))
        sweep_once(deployment.services)
    assert len(deployment.published(deployment.settings.events_topic)) == (0 if "told" in facts else 1)
    assert log_lines.of("sweep.failed") == []


# The index. ---------------------------------------------------------------------------------------------


def test_a_damaged_index_entry_does_not_hide_the_others(deployment: Deployment) -> None:
    jobs = [deployment.generate() for _ in range(3)]
    for name in [paths.index_entry("local", deployment.record(job).created, job) for job in jobs[1:2]]:
        deployment.services.jobs.put(name, b"garbage")
    prefix = paths.index_prefix("local")
    for name in ("0", "garbage", "99999999999999-job_x", "99999999999999-", "00000000000000-\u00fc"):
        deployment.services.jobs.put(prefix + name, b"")
    listed, cursor = [], ""
    for _ in range(10):
        page = deployment.client.get(f"/v1/jobs?limit=1{cursor}")
        assert page.status_code == 200, page.text
        listed += page.json["jobs"]
        if not page.json["next_cursor"]:
            break
        cursor = f"&cursor={page.json['next_cursor']}"
    assert {job["id"]: job["state"] for job in listed} == {
        jobs[0]: "queued",
        jobs[1]: "unknown",
        jobs[2]: "queued",
    }
    assert deployment.client.get("/v1/jobs?state=queued").status_code == 200


def test_a_damaged_index_entry_is_mended_by_the_next_write(deployment: Deployment) -> None:
    job_id = deployment.generate()
    name = paths.index_entry("local", deployment.record(job_id).created, job_id)
    deployment.services.jobs.put(name, b"")
    deployment.services.store.put_in_index(deployment.record(job_id))
    assert deployment.services.jobs.stat(name).metadata["state"] == "queued"
    deployment.services.jobs.put(name, b"", metadata={"state": "paused", "updated": ""})
    deployment.services.store.put_in_index(deployment.record(job_id))
    assert deployment.services.jobs.stat(name).metadata["state"] == "paused", "a newer Plantain's is left"


# Batches. -----------------------------------------------------------------------------------------------

BATCH_PATHS = [("GET", ""), ("GET", "/items"), ("GET", "/manifest"), ("POST", "/cancel"), ("DELETE", "")]


@by_damage
def test_to_another_owner_a_batch_with_a_damaged_record_is_not_there(
    shared: Deployment, damage: Callable[[bytes], bytes]
) -> None:
    batch = ended_batch(shared)
    spoil(shared.services.jobs, paths.batch_record(batch.id), damage)
    missing = asked_by(shared, "bob", "GET", f"/v1/batches/batch_{'a' * 26}")
    for method, path in BATCH_PATHS:
        answer = asked_by(shared, "bob", method, f"/v1/batches/{batch.id}{path}")
        assert (answer.status_code, answer.json) == (404, missing.json)
        if method != "DELETE":
            own = asked_by(shared, "ada", method, f"/v1/batches/{batch.id}{path}")
            assert (own.status_code, own.json["code"]) in (
                (409, "damaged_document"),
                (409, "unsupported_version"),
            )


@by_place("record", "summary", "both", "item", "job")
def test_a_damaged_batch_can_be_deleted_whole(
    shared: Deployment, spoiled: str, damage: Callable[[bytes], bytes]
) -> None:
    batch = ended_batch(shared)
    jobs = batch.jobs
    if spoiled in ("record", "both"):
        spoil(shared.services.jobs, paths.batch_record(batch.id), damage)
    if spoiled in ("summary", "both"):
        spoil(shared.services.results, paths.batch_manifest(batch.id), damage)
    if spoiled == "item":
        shared.services.jobs.put(
            paths.ended_item(batch.id, 1), b"", metadata={"item": damage(b"{}").decode("latin1")[:99]}
        )
    if spoiled == "job":
        spoil(shared.services.jobs, paths.job_record(jobs[0]), damage)
    for _ in range(2):
        answer = asked_by(shared, "ada", "DELETE", f"/v1/batches/{batch.id}")
        assert (answer.status_code, answer.json["id"]) == (200, batch.id)
    assert {name.partition("/")[2] for name in shared.objects() if batch.id in name} == {
        paths.batch_record(batch.id)
    }
    assert asked_by(shared, "ada", "GET", f"/v1/batches/{batch.id}").status_code == 410
    for path in ("jobs", "batches"):
        assert asked_by(shared, "ada", "GET", f"/v1/{path}").json[path] == []


@by_kind
def test_a_batch_s_events_are_set_aside_once_and_sweep_reports_it_once(
    deployment: Deployment, log_lines: LogLines, damage: Callable[[bytes], bytes]
) -> None:
    batch = Batch.upload(deployment, jsonl(BOAT))
    job_id = batch.jobs[0]
    data = spoil(deployment.services.jobs, paths.batch_record(batch.id), damage)
    deployment.claim(job_id)
    deployment.succeed(job_id)
    for _ in range(3):
        on_upload(
            deployment.services,
            deployment.finalized(deployment.settings.jobs_bucket, paths.batch_record(batch.id)),
        )
        batch.told(job_id)
        sweep_once(deployment.services)
    assert deployment.services.jobs.get(paths.batch_record(batch.id)).data == data
    assert not deployment.is_open(job_id), "the job's own end is told of all the same"
    assert len(log_lines.of("sweep.failed")) <= 1
    assert len(log_lines.of("set_aside")) <= 1


@by_kind
def test_a_damaged_summary_is_set_aside_once(
    deployment: Deployment, log_lines: LogLines, damage: Callable[[bytes], bytes]
) -> None:
    batch = Batch.upload(deployment, jsonl(BOAT))
    batch.succeed()
    spoil(deployment.services.results, paths.batch_manifest(batch.id), damage)
    for _ in range(3):
        batch.tell()
        sweep_once(deployment.services)
    assert len(log_lines.of("sweep.failed")) <= 1
    assert len(log_lines.of("set_aside")) == 1


@pytest.mark.parametrize(
    "item", ["", "{}", "garbage", '{"line": 1, "state": "paused"}', '{"line": 1, "news": 1}']
)
def test_a_damaged_item_is_shown_as_one(deployment: Deployment, item: str) -> None:
    batch = Batch.upload(deployment, jsonl(BOAT, BOAT))
    deployment.services.jobs.put(paths.open_item(batch.id, 1), b"", metadata={"item": item})
    for name in ("garbage", "1", "0000000x"):
        deployment.services.jobs.put(paths.open_items_prefix(batch.id) + name, b"")
    answer = deployment.client.get(f"/v1/batches/{batch.id}/items")
    assert [line["line"] for line in answer.json["items"]] == [1, 2]
    assert deployment.client.get(f"/v1/batches/{batch.id}").json["counts"] == {"queued": 2}
    for name in ("garbage", "1", "0000000x"):
        deployment.services.jobs.delete(paths.open_items_prefix(batch.id) + name)
    batch.succeed()
    assert batch.ended.counts == {"succeeded": 2}
    deployment.services.jobs.put(paths.ended_item(batch.id, 1), b"", metadata={"item": item})
    (first, _) = deployment.client.get(f"/v1/batches/{batch.id}/items").json["items"]
    assert first["error"]["code"] == "damaged_document"


def test_a_damaged_entry_of_the_batches_index_does_not_hide_the_others(deployment: Deployment) -> None:
    batches = [Batch.upload(deployment, jsonl(BOAT), f"{n}.jsonl").id for n in range(2)]
    prefix = paths.batch_index_prefix("local")
    for name in ("0", "garbage", "99999999999999-batch_x"):
        deployment.services.jobs.put(prefix + name, b"")
    first = paths.batch_index_entry(
        "local", BatchStore(deployment.services.jobs).read(batches[0]).record.created, batches[0]
    )
    deployment.services.jobs.put(first, b"garbage")
    listed, cursor = [], ""
    for _ in range(9):
        page = deployment.client.get(f"/v1/batches?limit=1{cursor}").json
        listed += [batch["id"] for batch in page["batches"]]
        if not page["next_cursor"]:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert sorted(listed) == sorted(batches)


# The table of marks. ------------------------------------------------------------------------------------


def test_a_damaged_mark_is_unknown_and_is_written_anew(deployment: Deployment) -> None:
    marks, mark = (
        WatermarkIndex(deployment.services.jobs),
        WatermarkEntry(job_id="job_" + "a" * 26, n=0, key_version=1),
    )
    payload = "0" * 16
    deployment.services.jobs.put(paths.watermark_entry(payload), b"garbage")
    assert marks.find(payload) is None
    marks.write(payload, mark)
    assert marks.find(payload) == mark
    with pytest.raises(Overtaken):
        marks.write(payload, WatermarkEntry(job_id="job_" + "b" * 26, n=0, key_version=1))


# Deliveries. --------------------------------------------------------------------------------------------


@by_kind
def test_a_damaged_delivery_holds_up_nothing_but_itself(
    deployment: Deployment, log_lines: LogLines, damage: Callable[[bytes], bytes]
) -> None:
    webhook = {"url": "https://hooks.example.com/plantain"}
    job_id = deployment.generate(webhook=webhook)
    deployment.claim(job_id)
    manifest = deployment.succeed(job_id, settle=False)
    notice = EndNotice.of_job(manifest, deployment.settings.results_bucket)
    deliveries.record_delivery(deployment.services, notice, webhook["url"])
    data = spoil(deployment.services.jobs, paths.delivery_record(job_id), damage)
    message = message_event(DeliveryMessage(subject=job_id).encode())
    for _ in range(3):
        on_result(deployment.services, deployment.manifest_event(job_id))
        on_delivery(deployment.services, message)
        sweep_once(deployment.services)
    assert deployment.job(job_id)["state"] == "succeeded"
    assert len(deployment.published(deployment.settings.events_topic)) == 1
    assert len(log_lines.of("sweep.failed")) <= 1
    assert len(log_lines.of("set_aside")) <= 2
    assert deployment.services.jobs.get(paths.delivery_record(job_id)).data == data
    for method, path in (("GET", "deliveries"), ("POST", "deliveries/replay")):
        answer = deployment.client.open(f"/v1/jobs/{job_id}/{path}", method=method)
        assert (answer.status_code, answer.json["code"] in ("damaged_document", "unsupported_version")) == (
            409,
            True,
        )
    assert deployment.client.open(f"/v1/jobs/{job_id}", method="DELETE").status_code == 200
    assert f"{deployment.settings.jobs_bucket}/{paths.delivery_record(job_id)}" not in deployment.objects()
