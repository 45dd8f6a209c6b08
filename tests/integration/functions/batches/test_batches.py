"""A file of requests becomes jobs, a line each; what is wrong with a line is that line's own."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from functions.batches import request_lines
from functions.batches.state_machine import advance_batch
from functions.contract import ids, paths
from functions.contract.errors import ScreeningUnavailable, Transient
from functions.contract.storage.batch_store import BatchStore
from functions.contract.storage.bucket import Bucket
from functions.deletion.job_deletion import delete_job
from functions.policy import Screener
from functions.policy.external_classifiers.protocol import ClassifierOutput, Content
from functions.triggers.uploads import on_upload
from tests.integration.functions.batch import BOAT, Batch, jsonl
from tests.integration.functions.deployment import Deployment, picture
from tests.killed import killed_at


def queue(deployment: Deployment) -> list[str]:
    topic = deployment.settings.jobs_topic
    return [message.attributes["job_id"] for message in deployment.published(topic)]


def test_each_line_becomes_a_job_and_the_last_end_writes_the_summary(deployment: Deployment) -> None:
    batch = Batch.upload(deployment, jsonl(*({**BOAT, "seed": seed} for seed in range(3))))
    assert (batch.record.state, batch.record.lines, batch.summary) == ("running", 3, None)
    assert sorted(queue(deployment)) == sorted(batch.jobs)
    first, *others = batch.jobs
    assert first == ids.job_id_for_line(batch.id, 1)
    batch.succeed(others)
    assert batch.summary is None
    batch.succeed([first])
    assert (batch.ended.state, batch.ended.counts) == ("completed", {"succeeded": 3})
    assert [item.line for item in batch.ended.items] == [1, 2, 3]
    assert batch.ended.items[0].images == (f"{first}/0.png",)
    assert (batch.record.state, batch.record.counts) == ("completed", {"succeeded": 3})


@pytest.mark.parametrize(
    ("line", "is_ours"),
    [
        ({"request": {"contents": [{"parts": [{"text": "a boat"}]}]}}, False),
        ({"id": "x", "request": {"systemInstruction": {}, "contents": []}}, False),
        ({**BOAT, "prompt": 'say "request": {"contents": [1]}'}, True),
        ({"request": BOAT}, True),
        ({"request": {**BOAT, "labels": {"contents": "boats"}}}, True),
        (b"{", True),
    ],
)
def test_a_file_of_googles_requests_waits_for_the_call_that_names_it(
    deployment: Deployment, line: Any, is_ours: bool
) -> None:
    event = deployment.upload("boats.jsonl", b"\n" + jsonl(line, line), {})
    on_upload(deployment.services, event)
    assert any("batches/" in name for name in deployment.objects()) == is_ours


def test_bad_lines_are_items_with_a_typed_error_and_no_job(deployment: Deployment) -> None:
    bad: list[Any] = [
        b"not json",
        {"task": "dance", "prompt": "x"},
        {**BOAT, "size": "9K"},
        {**BOAT, "images": [{"uri": "gs://elsewhere/boat.png"}]},
        {**BOAT, "dry_run": True},
        [BOAT],
        b'{"task": "generate", "prompt": "\xff"}',
    ]
    batch = Batch.upload(deployment, jsonl(BOAT, *bad, BOAT))
    codes = ["invalid_request", "unsupported_task", "unsupported_size", "foreign_bucket"]
    assert batch.refused() == dict(enumerate([*codes, *["invalid_request"] * 3], 2))
    assert len(queue(deployment)) == 2
    batch.succeed()
    assert batch.ended.counts == {"refused": 7, "succeeded": 2}


def test_what_the_policy_forbids_is_refused_as_at_the_door(deployment: Deployment) -> None:
    batch = Batch.upload(deployment, jsonl({**BOAT, "prompt": "how to build a pipe bomb at home"}, BOAT))
    assert batch.refused() == {1: "prompt_blocked"}
    error = batch.items[0].error
    assert error is not None
    assert error.block is not None


def test_lines_count_as_editors_count_them(deployment: Deployment) -> None:
    text = b"\xef\xbb\xbf" + json.dumps(BOAT).encode() + b"\r\n\r\n  \n" + json.dumps(BOAT).encode() + b"\nx"
    batch = Batch.upload(deployment, text)
    assert [item.line for item in batch.items] == [1, 4, 5]
    assert list(batch.refused()) == [5]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "invalid_request"),
        (b"\n \r\n", "invalid_request"),
        (picture(64, 64), "invalid_request"),
        (json.dumps([BOAT, BOAT], indent=2).encode(), "invalid_request"),
        ("\ufeff".encode("utf-16"), "invalid_request"),
    ],
)
def test_what_is_no_json_lines_fails_as_a_whole(deployment: Deployment, data: bytes, code: str) -> None:
    batch = Batch.upload(deployment, data)
    error = batch.ended.error
    assert error is not None
    assert (batch.ended.state, error.code, batch.ended.items) == ("failed", code, ())
    assert queue(deployment) == []


def test_a_batch_with_too_many_lines_or_bytes_fails_as_a_whole(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_lines, "MAX_ITEMS", 2)
    long = Batch.upload(deployment, jsonl(BOAT, BOAT, BOAT), "long.jsonl")
    monkeypatch.setattr(request_lines, "MAX_FILE", 100)
    large = Batch.upload(deployment, jsonl(BOAT, BOAT), "large.jsonl")
    assert [batch.ended.error and batch.ended.error.code for batch in (long, large)] == [
        "request_too_large"
    ] * 2
    assert queue(deployment) == []


def test_a_line_that_is_too_long_is_that_line_s_error(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_lines, "MAX_LINE", 200)
    batch = Batch.upload(deployment, jsonl(BOAT, {**BOAT, "prompt": "a boat " * 100}, BOAT))
    assert batch.refused() == {2: "request_too_large"}


def test_a_line_may_have_a_name_of_its_own_and_names_do_not_repeat(deployment: Deployment) -> None:
    named = [{"custom_id": name, "request": BOAT} for name in ("größe-1", "größe-1", "", "x" * 129)]
    batch = Batch.upload(
        deployment, jsonl(*named, {"custom_id": "flat", **BOAT}, {"request": BOAT, "more": 1})
    )
    assert [item.custom_id for item in batch.items] == ["größe-1", "größe-1", None, None, "flat", None]
    assert batch.refused() == dict.fromkeys((2, 3, 4, 6), "invalid_request")
    assert "Line 1" in (batch.items[1].error.message if batch.items[1].error else "")


def test_the_folder_s_recipe_says_what_lines_leave_out(deployment: Deployment) -> None:
    recipe = {"task": "generate", "size": "1K", "format": "webp", "images": [{"uri": "gs://x/y.png"}]}
    deployment.upload("recipes/nightly.json", json.dumps(recipe).encode())
    data = jsonl({"prompt": "a boat"}, {"prompt": "a boat", "size": "512"})
    batch = Batch.upload(deployment, data, "nightly/boats.jsonl")
    records = [deployment.record(job) for job in batch.jobs]
    assert [record.request.size for record in records] == ["1K", "512"]
    assert [record.request.format for record in records] == ["webp", "webp"]


def test_the_metadata_is_stronger_than_the_recipe(deployment: Deployment) -> None:
    deployment.upload("recipes/nightly.json", json.dumps({"task": "generate", "size": "1K"}).encode())
    data = jsonl({"prompt": "a boat"})
    batch = Batch.upload(deployment, data, "nightly/b.jsonl", plantain_task="generate", plantain_size="512")
    assert deployment.record(batch.jobs[0]).request.size == "512"


def test_a_line_waits_for_all_others_so_it_has_a_day(deployment: Deployment) -> None:
    batch = Batch.upload(deployment, jsonl(BOAT, {**BOAT, "deadline_seconds": 60}))
    seconds = [deployment.record(job).request.deadline_seconds for job in batch.jobs]
    assert seconds == [86_400, 60]


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        ({"plantain_lane": "fast"}, "invalid_request"),
        ({"plantain_lane": "vertex-batch"}, "model_unavailable"),
        ({"plantain_webhook": "https://example.com"}, "invalid_request"),
        ({"plantain_webhook": '{"url": "https://user@example.com"}'}, "invalid_webhook"),
        ({"plantain_seed": "seven"}, "invalid_request"),
    ],
)
def test_metadata_that_cannot_be_followed_fails_the_batch(
    deployment: Deployment, metadata: dict[str, str], code: str
) -> None:
    batch = Batch.upload(deployment, jsonl(BOAT), **metadata)
    assert (batch.ended.state, batch.ended.error and batch.ended.error.code) == ("failed", code)
    assert queue(deployment) == []


@pytest.mark.parametrize("name", ["a/../b.jsonl", "./b.jsonl", "../b.jsonl"])
def test_a_name_that_climbs_fails_the_batch_and_says_why(deployment: Deployment, name: str) -> None:
    record = Batch.upload(deployment, jsonl(BOAT), name).record
    assert (record.state, record.error and record.error.code) == ("failed", "invalid_request")
    assert record.error
    assert '"."' in record.error.message


def test_an_event_that_comes_again_makes_nothing_again(deployment: Deployment) -> None:
    event = deployment.upload("boats.jsonl", jsonl(BOAT, BOAT))
    for _ in range(3):
        on_upload(deployment.services, event)
    batch = Batch.of(deployment, "boats.jsonl").driven()
    for _ in range(3):
        batch.drive()
    assert len(queue(deployment)) == 2
    batch.succeed()
    first = batch.ended
    batch.drive()
    on_upload(deployment.services, event)
    assert batch.ended == first


def test_a_large_file_is_read_in_parts(deployment: Deployment) -> None:
    batch = Batch.begin(deployment, jsonl(*[BOAT] * 40))
    seen = []
    while batch.record.state == "reading":
        advance_batch(deployment.services, batch.id, seconds=0)
        seen.append(batch.record.line)
    assert seen == [16, 32, 40]
    assert len(queue(deployment)) == 40


def test_a_job_that_ends_while_the_file_is_read_does_not_end_the_batch(deployment: Deployment) -> None:
    batch = Batch.begin(deployment, jsonl(*[BOAT] * 20))
    advance_batch(deployment.services, batch.id, seconds=0)
    batch.succeed()
    assert batch.summary is None
    batch.driven()
    batch.succeed(batch.jobs[16:])
    assert batch.ended.counts == {"succeeded": 20}


def test_a_file_that_goes_while_it_is_read_leaves_what_was_read(deployment: Deployment) -> None:
    batch = Batch.begin(deployment, jsonl(*[BOAT] * 20))
    advance_batch(deployment.services, batch.id, seconds=0)
    deployment.services.uploads.delete("boats.jsonl")
    batch.driven()
    batch.succeed()
    assert (batch.ended.state, batch.ended.counts) == ("completed", {"succeeded": 16})
    assert (batch.ended.lines_read, batch.ended.lines) == (16, 20)
    assert batch.ended.error is not None


def test_nor_does_it_fail_where_the_part_that_read_some_of_it_died(deployment: Deployment) -> None:
    batch = Batch.begin(deployment, jsonl(*[BOAT] * 20))
    with killed_at(BatchStore, "write"):
        advance_batch(deployment.services, batch.id, seconds=0)
    deployment.services.uploads.delete("boats.jsonl")
    batch.driven()
    batch.succeed()
    assert (batch.ended.state, batch.ended.counts) == ("completed", {"succeeded": 16})
    assert batch.ended.error is not None


def test_a_line_with_a_key_is_the_job_of_that_key(deployment: Deployment) -> None:
    there = deployment.post({**BOAT, "deadline_seconds": 86_400}, Idempotency_Key="order-1").json["id"]
    batch = Batch.upload(
        deployment,
        jsonl({**BOAT, "idempotency_key": "order-1"}, {"request": BOAT, "idempotency_key": "order-2"}),
    )
    assert batch.jobs[0] == there
    assert len(queue(deployment)) == 2
    batch.succeed()
    assert batch.summary is None  # the older job's end names no batch
    batch.drive()
    assert batch.ended.counts == {"succeeded": 2}


def test_an_older_job_that_was_deleted_has_ended_all_the_same(deployment: Deployment) -> None:
    there = deployment.post({**BOAT, "deadline_seconds": 86_400}, Idempotency_Key="order-1").json["id"]
    batch = Batch.upload(deployment, jsonl({**BOAT, "idempotency_key": "order-1"}))
    batch.succeed([there])
    delete_job(deployment.services, there)
    batch.drive()
    assert batch.ended.counts == {"succeeded": 1}


def test_a_key_that_was_used_with_another_body_is_that_line_s_error(deployment: Deployment) -> None:
    deployment.post({**BOAT, "seed": 7}, Idempotency_Key="order-1")
    batch = Batch.upload(deployment, jsonl({**BOAT, "idempotency_key": "order-1"}, BOAT))
    assert batch.refused() == {1: "idempotency_conflict"}


def test_a_storage_that_is_away_brings_the_part_again(deployment: Deployment) -> None:
    batch = Batch.begin(deployment, jsonl(BOAT, BOAT))
    with pytest.raises(Transient):
        advance_batch(
            deployment.replace(jobs=Away(deployment.storage, deployment.settings.jobs_bucket)).services,
            batch.id,
        )
    batch.driven()
    assert len(queue(deployment)) == 2


class Particular:
    """A classifier that never answers for some prompts, as one does whose filters cannot read them."""

    name = "particular"

    def warm_up(self) -> None:
        """Nothing to load."""

    def classify(self, content: Content) -> ClassifierOutput:
        if "zebra" in str(content):
            raise ScreeningUnavailable
        return ClassifierOutput("allow")


def test_a_line_that_can_never_be_screened_holds_up_the_others_for_a_day_at_most(
    deployment: Deployment,
) -> None:
    strict = deployment.replace(screener=Screener(text=Particular(), fails_closed=True))
    batch = Batch.begin(strict, jsonl(BOAT, {**BOAT, "prompt": "a zebra"}, BOAT))
    with pytest.raises(ScreeningUnavailable):
        batch.drive()
    assert batch.record.state == "reading"
    yesterday = batch.record.created - timedelta(days=1)
    BatchStore(deployment.services.jobs).change(batch.id, lambda record: record.changed(created=yesterday))
    batch.driven()
    assert batch.refused() == {2: "screening_unavailable"}
    assert len(batch.jobs) == 2


def test_the_logs_tell_nothing_of_what_was_asked(
    deployment: Deployment, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "a zebra in a nightgown"
    lines = [{**BOAT, "prompt": secret}, {"custom_id": secret, "task": secret}, secret.encode()]
    with caplog.at_level("INFO", logger="plantain"):
        Batch.upload(deployment, jsonl(*lines), f"{secret}.jsonl")
    told = [(record.getMessage(), record.__dict__.get("plantain_facts")) for record in caplog.records]
    assert "batch.line_refused" in [event for event, _ in told]
    assert secret not in str(told)


class Away(Bucket):
    """The jobs bucket, which takes no records of jobs for now."""

    def put(self, name: str, *given: Any, **named: Any) -> int:
        if name.startswith("jobs/"):
            raise Transient("Cloud Storage is away.")
        return super().put(name, *given, **named)


def test_100_lines_of_which_7_are_bad_are_93_results_and_one_summary(deployment: Deployment) -> None:
    bad = dict.fromkeys(range(15, 100, 15), b'{"task": "generate"}') | {97: b"not JSON"}
    assert len(bad) == 7
    batch = Batch.upload(deployment, jsonl(*(bad.get(n, {**BOAT, "seed": n}) for n in range(1, 101))))
    assert batch.refused() == dict.fromkeys(sorted(bad), "invalid_request")

    def succeed(job: str) -> None:
        batch.succeed([job])

    with ThreadPoolExecutor(8) as workers:
        list(workers.map(succeed, queue(deployment)))
    assert batch.ended.counts == {"refused": 7, "succeeded": 93}
    assert len({item.images for item in batch.ended.items if item.images}) == 93
    objects = deployment.objects()
    assert len([name for name in objects if name.endswith("/0.png")]) == 93
    assert [name for name in objects if "/batches/" in name and name.endswith("manifest.json")] == [
        f"{deployment.settings.results_bucket}/{paths.batch_manifest(batch.id)}"
    ]


def test_a_file_that_was_replaced_before_it_was_read_is_superseded(deployment: Deployment) -> None:
    first = Batch.begin(deployment, jsonl(BOAT))
    second = Batch.upload(deployment, jsonl(BOAT, BOAT))
    first.driven()
    assert (first.record.state, first.record.error and first.record.error.code) == ("failed", "superseded")
    assert len(second.items) == 2
