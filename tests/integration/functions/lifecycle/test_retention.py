"""Retention: what is older than its prefix allows goes, and nothing else."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest

from functions.contract import object_names, paths
from functions.contract.document import now
from functions.contract.errors import NotFound
from functions.contract.timestamps import format_time
from functions.files.stored_files import FileLabels
from functions.files.upload_sessions import begin_session, find_session
from functions.lifecycle import retention
from functions.lifecycle.retention import remove_expired
from functions.triggers import sweep
from functions.triggers.notify import on_result
from tests.integration.functions.batch import BOAT, Batch, jsonl
from tests.integration.functions.deployment import Deployment, base64_of, picture

DAY = timedelta(days=1)


@pytest.fixture
def kept(deployment: Deployment) -> Deployment:
    return deployment.replace(retention_days={"jobs/inputs/": 7, "results/": 30, "uploads/api/": 1})


def names(deployment: Deployment) -> set[str]:
    return {name.partition("/")[2] for name in deployment.objects()}


def ended(deployment: Deployment) -> str:
    job_id = deployment.generate(task="edit", images=[{"data": base64_of(picture(512, 512))}])
    deployment.succeed(job_id)
    return job_id


def test_each_prefix_has_its_own_time(kept: Deployment) -> None:
    job_id = ended(kept)
    kept.upload("api/x/up_1", picture())
    kept.upload("shop/boat.png", picture())
    first = object_names.parse_uri(kept.record(job_id).request.images[0].uri or "").name
    upload, result = "api/x/up_1", paths.result_picture(job_id, 0, "png")
    assert remove_expired(kept.services) == 0
    assert remove_expired(kept.services, now() + 2 * DAY) == 1
    assert {upload, first, result} & names(kept) == {first, result}
    assert remove_expired(kept.services, now() + 8 * DAY) == 1
    assert {upload, first, result} & names(kept) == {result}
    assert remove_expired(kept.services, now() + 31 * DAY) == 2  # the picture and the manifest
    assert {paths.job_record(job_id), "shop/boat.png"} <= names(kept)


def test_an_upload_that_is_not_finished_goes_after_two_days(deployment: Deployment) -> None:
    secret = begin_session(deployment.services, "ada", FileLabels(), None)
    assert remove_expired(deployment.services, now() + 1 * DAY) == 0
    assert remove_expired(deployment.services, now() + 3 * DAY) == 1
    with pytest.raises(NotFound):
        find_session(deployment.services, secret)


def test_without_a_setting_everything_stays(deployment: Deployment) -> None:
    ended(deployment)
    assert remove_expired(deployment.services, now() + 10_000 * DAY) == 0


def test_in_the_cloud_the_buckets_do_it(kept: Deployment) -> None:
    ended(kept)
    assert remove_expired(kept.replace(profile="production").services, now() + 99 * DAY) == 0


def test_the_sweep_carries_it_out(kept: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    ended(kept)
    monkeypatch.setattr(retention, "now", lambda: now() + 31 * DAY)
    assert sweep.sweep_once(kept.services).summary()["retention_ended"] == 3


def test_a_job_whose_results_have_gone_can_still_be_deleted(kept: Deployment) -> None:
    job_id = ended(kept)
    remove_expired(kept.services, now() + 31 * DAY)
    answer = kept.client.open(f"/v1/jobs/{job_id}", method="DELETE")
    assert (answer.status_code, answer.json["state"]) == (200, "succeeded")
    assert {name for name in names(kept) if job_id in name} == {
        paths.job_record(job_id),
        paths.manifest(job_id),
    }


def test_what_is_gone_before_a_receiver_has_answered_is_looked_for_no_more(kept: Deployment) -> None:
    webhook = {"url": "http://127.0.0.1:9/"}  # where nothing listens
    job_id = kept.generate(webhook=webhook)
    kept.claim(job_id)
    kept.succeed(job_id)
    batch = Batch.upload(kept, jsonl({"task": "nonsense"}), plantain_webhook=json.dumps(webhook))
    on_result(kept.services, kept.manifest_event(job_id))
    on_result(kept.services, kept.finalized(kept.settings.results_bucket, paths.batch_manifest(batch.id)))
    kept.deliver()
    assert {name for name in names(kept) if name.startswith("open")} == {
        paths.open_marker(job_id),
        paths.open_batch_marker(batch.id),
    }
    remove_expired(kept.services, now() + 31 * DAY)
    for marker in (paths.open_marker(job_id), paths.open_batch_marker(batch.id)):
        kept.services.jobs.set_metadata(marker, {"due": format_time(now() - timedelta(minutes=10))})
    counts = sweep.sweep_once(kept.services).counts
    assert (counts["past_telling"], counts["batches_past_telling"]) == (1, 1)
    assert {name for name in names(kept) if name.startswith("open")} == set()


# What is told of results that are gone. -----------------------------------------------------------------


def expired(kept: Deployment, *, by_rule: bool) -> str:
    """A job that ended 40 days ago, and whose results its rule has removed; or a person did, just now."""
    job_id = ended(kept)
    if by_rule:
        kept.change(job_id, ended=now() - 40 * DAY)
    remove_expired(kept.services, now() + 31 * DAY)
    return job_id


@pytest.mark.parametrize("path", ["images/0", "manifest", "verification", "deliveries/replay"])
def test_results_that_are_gone_are_a_410_with_the_dates(kept: Deployment, path: str) -> None:
    job_id = expired(kept, by_rule=True)
    method = "POST" if path.endswith("replay") else "GET"
    answer = kept.client.open(f"/v1/jobs/{job_id}/{path}", method=method)
    record = kept.record(job_id)
    assert record.ended is not None
    assert (answer.status_code, answer.json["code"]) == (410, "expired_result")
    assert answer.json["ended"] == format_time(record.ended)
    assert answer.json["kept_until"] == format_time(record.ended + 30 * DAY)
    assert f"kept until {record.ended + 30 * DAY:%Y-%m-%d}" in answer.json["detail"]
    assert "has not ended" not in answer.text


@pytest.mark.parametrize("generation", [{}, {"generation": 7}], ids=["newest", "named"])
def test_a_result_that_is_gone_is_told_so_where_a_request_names_it(
    kept: Deployment, generation: dict[str, int]
) -> None:
    job_id = expired(kept, by_rule=True)
    name = f"gs://{kept.settings.results_bucket}/{paths.result_picture(job_id, 0, 'png')}"
    answer = kept.post({"task": "edit", "prompt": "make it snow", "images": [{"uri": name, **generation}]})
    assert (answer.status_code, answer.json["code"]) == (410, "expired_result")
    assert (answer.json["field"], "upload" in answer.json["detail"]) == ("images[0]", False)
    assert answer.json["kept_until"]
    other = kept.post({"task": "edit", "prompt": "make it snow", "images": [{"uri": f"{name}.bak"}]})
    assert (other.status_code, other.json["code"]) == (400, "image_unreadable")


def test_what_was_removed_before_its_time_is_not_said_to_have_been_kept(kept: Deployment) -> None:
    job_id = expired(kept, by_rule=False)
    assert "removed before" in kept.client.get(f"/v1/jobs/{job_id}/images/0").json["detail"]
    without = kept.replace(retention_days={})
    answer = without.client.get(f"/v1/jobs/{job_id}/images/0")
    assert (answer.status_code, "kept_until" in answer.json) == (410, False)


@pytest.mark.parametrize("profile", ["local", "production"])
def test_a_picture_that_went_before_its_manifest_is_gone_all_the_same(kept: Deployment, profile: str) -> None:
    job_id = ended(kept)
    kept.services.results.delete(paths.result_picture(job_id, 0, "png"))
    keys = {hashlib.sha256(b"key").hexdigest(): "local"}

    def sign(*wanted: Any) -> str:
        return f"https://signed.example/{len(wanted)}"

    there = kept.replace(profile=profile, api_keys=keys, sign_url=sign)
    for method in ("GET", "HEAD"):
        answer = there.client.open(f"/v1/jobs/{job_id}/images/0", method=method, headers={"X-API-Key": "key"})
        assert answer.status_code == 410


def test_a_job_lists_only_the_pictures_that_are_there(kept: Deployment) -> None:
    job_id = ended(kept)
    shown = kept.job(job_id)
    record = kept.record(job_id)
    assert record.ended is not None
    assert ([image["url"] for image in shown["images"]], shown["results_expired"]) == (
        [f"/v1/jobs/{job_id}/images/0"],
        False,
    )
    assert shown["results_kept_until"] == format_time(record.ended + 30 * DAY)
    remove_expired(kept.services, now() + 31 * DAY)
    shown = kept.job(job_id)
    assert (shown["state"], shown["images"], shown["results_expired"]) == ("succeeded", [], True)


def test_the_same_key_finds_the_job_and_not_its_pictures(kept: Deployment) -> None:
    body = {"task": "generate", "prompt": "a boat"}
    job_id = kept.post(body, Idempotency_Key="order-1").json["id"]
    kept.claim(job_id)
    kept.succeed(job_id)
    remove_expired(kept.services, now() + 31 * DAY)
    again = kept.post(body, Idempotency_Key="order-1").json
    assert (again["id"], again["images"], again["results_expired"]) == (job_id, [], True)


def items(deployment: Deployment, batch_id: str) -> list[Any]:
    return deployment.client.get(f"/v1/batches/{batch_id}/items").json["items"]


def test_a_batch_whose_results_are_gone_says_so(kept: Deployment) -> None:
    batch = Batch.upload(kept, jsonl(BOAT, BOAT))
    batch.succeed()
    assert [len(item["images"]) for item in items(kept, batch.id)] == [1, 1]
    remove_expired(kept.services, now() + 31 * DAY)
    answer = kept.client.get(f"/v1/batches/{batch.id}/manifest")
    assert (answer.status_code, answer.json["code"]) == (410, "expired_result")
    assert "batch ended on" in answer.json["detail"]
    assert [(item["images"], item["results_expired"]) for item in items(kept, batch.id)] == [([], True)] * 2


def test_before_the_end_nothing_has_expired(kept: Deployment) -> None:
    job_id = kept.generate()
    assert (kept.job(job_id)["results_expired"], kept.job(job_id)["results_kept_until"]) == (False, None)
    assert kept.client.get(f"/v1/jobs/{job_id}/images/0").status_code == 404
