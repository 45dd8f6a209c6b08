"""Deleting a job: nothing that anybody wrote or drew is left, and the job is never made again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from cloudevents.http import CloudEvent

from functions.contract import ids, paths
from functions.contract.errors import LeaseLost
from functions.contract.message import JobMessage
from functions.contract.states import State
from functions.contract.storage.bucket import Bucket
from functions.deletion import job_deletion
from functions.triggers.dead_letter import on_dead_message
from functions.triggers.notify import on_result
from functions.triggers.sweep import sweep_once
from functions.triggers.uploads import on_upload
from tests.integration.functions.deployment import Answer, Deployment, base64_of, message_event, picture
from tests.integration.functions.receiver import Receiver
from worker.leases.job_claimer import JobClaimer
from worker.leases.lease import AlreadyEnded, LeaseManager

SECRET = "a zebra in a tuxedo"
LABEL = "for-zoe-zimmermann"
KEYS = {hashlib.sha256(f"{owner}-key".encode()).hexdigest(): owner for owner in ("ada", "bob")}


def delete(deployment: Deployment, job_id: str, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return deployment.client.open(f"/v1/jobs/{job_id}", method="DELETE", headers=named)


def done(deployment: Deployment, **fields: Any) -> str:
    """The id of a job that has ended, and whose end was told."""
    job_id = deployment.generate(prompt=SECRET, labels={"who": LABEL}, **fields)
    deployment.claim(job_id)
    deployment.succeed(job_id)
    on_result(deployment.services, deployment.manifest_event(job_id))
    return job_id


def job_of(upload: CloudEvent) -> str:
    facts: Any = upload.get_data()
    return ids.job_id_for_upload(facts["bucket"], facts["name"], int(facts["generation"]))


def everything(deployment: Deployment) -> str:
    """Every name, all metadata and all content of every bucket."""
    buckets = (
        deployment.settings.uploads_bucket,
        deployment.settings.results_bucket,
        deployment.settings.jobs_bucket,
    )
    blobs = [blob for bucket in buckets for blob in deployment.storage.list_blobs(bucket)]
    return "\n".join(f"{blob.name} {blob.metadata} {blob.download_as_bytes()!r}" for blob in blobs)


def test_a_deleted_job_leaves_its_hashes_and_nothing_else(deployment: Deployment) -> None:
    job_id = done(deployment)
    deployment.services.jobs.put(paths.checkpoint_file(job_id, 0), b"drawn")
    manifest = deployment.services.committer.read_manifest(job_id)
    assert manifest is not None
    answer = delete(deployment, job_id)
    assert answer.status_code == 200
    assert answer.json["images"][0]["sha256"] == manifest.images[0].sha256
    assert answer.json["request_sha256"] == manifest.request_sha256
    assert answer.json["state"] == "succeeded"
    left = everything(deployment)
    assert SECRET not in left
    assert LABEL not in left
    settings = deployment.settings
    assert deployment.objects() == {
        f"{settings.jobs_bucket}/{paths.job_record(job_id)}",
        f"{settings.results_bucket}/{paths.manifest(job_id)}",
    }


def test_deleting_twice_is_deleting_once(deployment: Deployment) -> None:
    job_id = done(deployment)
    first = delete(deployment, job_id).json
    assert delete(deployment, job_id).json == first


def test_a_deleted_job_is_gone_for_its_owner(deployment: Deployment) -> None:
    job_id = done(deployment)
    delete(deployment, job_id)
    shown = deployment.client.get(f"/v1/jobs/{job_id}")
    assert (shown.status_code, shown.json["code"]) == (410, "deleted")
    assert shown.json["tombstone"]["id"] == job_id
    for path in ("images/0", "manifest", "deliveries"):
        assert deployment.client.get(f"/v1/jobs/{job_id}/{path}").status_code == 410
    for path in ("cancel", "deliveries/replay"):
        assert deployment.client.post(f"/v1/jobs/{job_id}/{path}").status_code == 410
    assert deployment.client.get("/v1/jobs").json["jobs"] == []


def test_others_can_neither_delete_it_nor_see_that_it_was(deployment: Deployment) -> None:
    shared = deployment.replace(api_keys=KEYS)
    asked = {"task": "generate", "prompt": SECRET, "size": "512"}
    job_id = shared.post(asked, X_API_Key="ada-key").json["id"]
    shared.succeed(job_id)
    assert delete(shared, job_id, X_API_Key="bob-key").status_code == 404
    assert delete(shared, job_id, X_API_Key="ada-key").status_code == 200
    assert delete(shared, job_id, X_API_Key="bob-key").status_code == 404
    seen = shared.client.get(f"/v1/jobs/{job_id}", headers={"X-API-Key": "bob-key"})
    assert (seen.status_code, seen.json["code"]) == (404, "not_found")


@pytest.mark.parametrize("held", [False, True])
def test_a_job_that_has_not_ended_is_canceled_first(deployment: Deployment, held: bool) -> None:
    job_id = deployment.generate(prompt=SECRET)
    if held:
        deployment.claim(job_id)
    answer = delete(deployment, job_id)
    assert (answer.status_code, answer.json["code"]) == (409, "illegal_transition")
    assert "cancel" in answer.json["detail"]
    assert deployment.job(job_id)["request"]["prompt"] == SECRET


def test_a_canceled_job_can_be_deleted(deployment: Deployment) -> None:
    job_id = deployment.generate(prompt=SECRET)
    deployment.client.post(f"/v1/jobs/{job_id}/cancel")
    assert delete(deployment, job_id).json["state"] == "canceled"
    assert SECRET not in everything(deployment)


def test_a_job_whose_worker_died_after_the_commit_can_be_deleted(deployment: Deployment) -> None:
    job_id = deployment.generate(prompt=SECRET)
    deployment.claim(job_id)
    deployment.succeed(job_id, settle=False)
    assert delete(deployment, job_id).json["state"] == "succeeded"
    assert SECRET not in everything(deployment)


# Inputs. ----------------------------------------------------------------------------------------------


def test_inputs_go_with_the_job(deployment: Deployment) -> None:
    upload = ids.new_upload_id()
    uploaded = paths.uploaded_picture("local", upload)
    deployment.upload(uploaded, picture(512, 512))
    deployment.upload("shop/boat.png", picture(512, 512))
    named = f"gs://{deployment.settings.uploads_bucket}/shop/boat.png"
    job_id = done(
        deployment,
        task="edit",
        images=[{"data": base64_of(picture(512, 512))}, {"upload": upload}, {"uri": named}],
    )
    delete(deployment, job_id)
    left = {name.partition("/")[2] for name in deployment.objects()}
    assert left == {paths.job_record(job_id), paths.manifest(job_id), "shop/boat.png"}


def test_the_upload_that_started_a_job_goes_with_it_and_starts_none_again(deployment: Deployment) -> None:
    event = deployment.upload("shop/boat.png", picture(512, 512), {"plantain-prompt": SECRET})
    on_upload(deployment.services, event)
    job_id = job_of(event)
    deployment.claim(job_id)
    deployment.succeed(job_id)
    delete(deployment, job_id)
    assert SECRET not in everything(deployment)
    assert not any("shop/boat.png" in name for name in deployment.objects())
    on_upload(deployment.services, event)
    assert deployment.client.get(f"/v1/jobs/{job_id}").status_code == 410


def test_a_newer_upload_of_the_same_name_stays(deployment: Deployment) -> None:
    event = deployment.upload("shop/boat.png", picture(512, 512), {"plantain-prompt": SECRET})
    on_upload(deployment.services, event)
    job_id = job_of(event)
    deployment.upload("shop/boat.png", picture(640, 512))
    deployment.succeed(job_id)
    delete(deployment, job_id)
    assert f"{deployment.settings.uploads_bucket}/shop/boat.png" in deployment.objects()


def test_a_refused_upload_is_deleted_and_not_refused_again(deployment: Deployment) -> None:
    event = deployment.upload("boat.png", picture(512, 512))
    on_upload(deployment.services, event)
    job_id = job_of(event)
    assert delete(deployment, job_id).json["state"] == "failed"
    on_upload(deployment.services, event)
    assert deployment.client.get(f"/v1/jobs/{job_id}").status_code == 410


# It is never made again. ------------------------------------------------------------------------------


def test_the_idempotency_key_of_a_deleted_job_is_spent(deployment: Deployment) -> None:
    body = {"task": "generate", "prompt": SECRET, "size": "512"}
    job_id = deployment.post(body, Idempotency_Key="order-1").json["id"]
    deployment.succeed(job_id)
    delete(deployment, job_id)
    before = deployment.objects()
    answer = deployment.post(body, Idempotency_Key="order-1")
    assert (answer.status_code, answer.json["code"]) == (410, "deleted")
    assert deployment.objects() == before


def test_late_messages_and_events_change_nothing(deployment: Deployment) -> None:
    job_id = done(deployment)
    delete(deployment, job_id)
    before = deployment.objects()
    on_result(deployment.services, deployment.manifest_event(job_id))
    on_dead_message(deployment.services, message_event(JobMessage(job_id=job_id).encode()))
    assert sweep_once(deployment.services).summary() == {"more": False}
    assert deployment.objects() == before


def test_a_worker_that_comes_back_late_finds_that_it_lost(deployment: Deployment) -> None:
    job_id = done(deployment)
    late = deployment.services.committer.read_manifest(job_id)
    assert late is not None
    delete(deployment, job_id)
    committer = deployment.services.committer
    deployment.services.results.put(paths.result_picture(job_id, 0, "png"), b"drawn late")
    with pytest.raises(LeaseLost):
        committer.commit(late)
    deployment.services.jobs.put(paths.checkpoint_file(job_id, 0), b"drawn late")
    committer.remove_late_writes(job_id)
    assert len(deployment.objects()) == 2
    deployment.services.jobs.put(paths.checkpoint_file(job_id, 0), b"drawn later still")
    assert committer.settle(late).state is State.SUCCEEDED
    assert SECRET not in everything(deployment)
    assert LABEL not in everything(deployment)
    assert deployment.client.get("/v1/jobs").json["jobs"] == []
    assert len(deployment.objects()) == 2


def test_a_late_message_clears_what_a_killed_worker_left(deployment: Deployment) -> None:
    job_id = done(deployment)
    delete(deployment, job_id)
    services = deployment.services
    services.results.put(paths.result_picture(job_id, 0, "png"), b"drawn late")
    services.jobs.put(paths.checkpoint_file(job_id, 0), b"drawn late")
    claimer = JobClaimer(
        LeaseManager(services.store, "worker", 60.0, max_attempts=3), services.committer, refuse
    )
    with pytest.raises(AlreadyEnded):
        claimer.claim(JobMessage(job_id=job_id).encode())
    assert len(deployment.objects()) == 2


def refuse(data: bytes, why: str) -> None:
    raise AssertionError(f"{why}: {data!r}")


# Telling. ---------------------------------------------------------------------------------------------


def test_the_end_is_told_before_it_is_forgotten(deployment: Deployment, receiver: Receiver) -> None:
    receiver.answers = [500]
    job_id = deployment.generate(prompt=SECRET, webhook={"url": receiver.url})
    deployment.claim(job_id)
    deployment.succeed(job_id)
    delete(deployment, job_id)
    events = deployment.published(deployment.settings.events_topic)
    assert [event.attributes["job_id"] for event in events] == [job_id]
    assert len(receiver.calls) == 1
    assert receiver.url not in everything(deployment)
    assert sweep_once(deployment.services).summary() == {"more": False}
    assert len(receiver.calls) == 1


# Stopped halfway. -------------------------------------------------------------------------------------


class Stopped(BaseException):
    """What a kill looks like to the code: nothing catches it."""


@contextmanager
def stopping_after(monkeypatch: pytest.MonkeyPatch, writes: int) -> Generator[Callable[[], bool]]:
    """Lets so many writes and deletes through, and stops the caller of the next; tells whether it did."""
    left = writes
    stopped = False

    def counted(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal left, stopped
            if left == 0:
                stopped = True
                raise Stopped
            left -= 1
            return method(*arguments, **options)

        return call

    with monkeypatch.context() as patched:
        for name in ("put", "delete", "set_metadata"):
            patched.setattr(Bucket, name, counted(getattr(Bucket, name)))
        yield lambda: stopped


@pytest.mark.parametrize("by_sweep", [True, False], ids=["swept", "asked again"])
def test_whatever_is_stopped_halfway_is_finished(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, by_sweep: bool
) -> None:
    for writes in range(100):
        upload = ids.new_upload_id()
        deployment.upload(paths.uploaded_picture("local", upload), picture(512, 512))
        job_id = done(deployment, task="edit", images=[{"upload": upload}])
        with stopping_after(monkeypatch, writes) as was_stopped, suppress(Stopped):
            job_deletion.delete_job(deployment.services, job_id)
        if by_sweep:
            sweep_once(deployment.services)
        begun = deployment.client.get(f"/v1/jobs/{job_id}").status_code == 410
        if not (by_sweep and begun):
            delete(deployment, job_id)
        assert SECRET not in everything(deployment)
        assert LABEL not in everything(deployment)
        assert not deployment.is_open(job_id)
        left = {name.partition("/")[2] for name in deployment.objects() if job_id in name}
        assert left == {paths.job_record(job_id), paths.manifest(job_id)}
        if not was_stopped():
            return
    raise AssertionError("it never came to an end")


def test_an_entry_of_the_listing_that_is_written_late_shows_no_deleted_job(deployment: Deployment) -> None:
    job_id = done(deployment)
    admitted = deployment.record(job_id).model_copy(update={"state": State.QUEUED})
    delete(deployment, job_id)
    deployment.services.store.put_in_index(admitted)  # by a door that took its time
    assert deployment.client.get("/v1/jobs").json["jobs"] == []
    assert SECRET not in everything(deployment)
    assert LABEL not in everything(deployment)
