"""How a job ends: the manifest is the commit."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from functions.contract import paths
from functions.contract.document import now
from functions.contract.errors import AttemptsExhausted, Canceled, DeadlineExceeded, ErrorFacts
from functions.contract.job import JobRecord
from functions.contract.manifest import ImageFacts, Manifest, StageFacts
from functions.contract.states import State
from functions.contract.storage.bucket import Bucket
from functions.contract.storage.job_commit import JobCommitter
from functions.contract.telemetry.log import JsonLine
from local.storage import StorageFaults

End = tuple[State, ErrorFacts]
ENDS: list[End] = [
    (State.FAILED, AttemptsExhausted().facts()),
    (State.CANCELED, Canceled().facts()),
    (State.EXPIRED, DeadlineExceeded().facts()),
    (State.BLOCKED, ErrorFacts(code="prompt_blocked", message="Not allowed.")),
]


def names(bucket: Bucket, prefix: str = "") -> set[str]:
    return {found.name for found in bucket.list(prefix)}


def image(job_id: str, n: int = 0) -> ImageFacts:
    return ImageFacts(
        name=paths.result_picture(job_id, n, "png"),
        width=512,
        height=512,
        bit_depth=8,
        content_type="image/png",
        bytes=3,
        sha256="0" * 64,
        seed=7,
    )


@pytest.fixture
def job(committer: JobCommitter, record: JobRecord) -> JobRecord:
    """A job in hand: recorded, listed, and claimed for the second time."""
    running = committer.store.create(record).record.claimed("worker-1", 30).claimed("worker-2", 30)
    running = committer.store.change(record.id, lambda _: running).record
    committer.store.put_in_index(running)
    return running


def test_a_job_that_lives_has_no_manifest(committer: JobCommitter, job: JobRecord) -> None:
    assert committer.read_manifest(job.id) is None


@pytest.mark.parametrize(("state", "error"), ENDS)
def test_an_end_is_in_the_manifest_the_record_and_the_index(
    committer: JobCommitter, job: JobRecord, state: State, error: ErrorFacts
) -> None:
    manifest = committer.end(job, state, error, cold_start_ms=5)
    assert committer.read_manifest(job.id) == manifest
    assert manifest.cold_start_ms == 5
    ended = committer.store.read(job.id).record
    assert (ended.state, ended.error, ended.lease) == (state, error, None)
    assert ended.ended == manifest.ended
    assert [entry.state for entry in committer.store.list_jobs("ada").entries] == [state]


def test_of_many_ends_one_stands_and_everybody_learns_which(committer: JobCommitter, job: JobRecord) -> None:
    def end(how: End) -> Manifest:
        return committer.end(job, *how)

    with ThreadPoolExecutor(16) as racers:
        ended = list(racers.map(end, ENDS * 4))
    stands = committer.read_manifest(job.id)
    assert stands is not None
    assert all(manifest == stands for manifest in ended)
    record = committer.store.read(job.id).record
    assert (record.state, record.error) == (stands.state, stands.error)
    assert [step.state for step in record.history] == [State.RUNNING, State.RUNNING, stands.state]
    assert [entry.state for entry in committer.store.list_jobs("ada").entries] == [stands.state]


def test_racers_whose_answers_are_lost_agree_as_well(
    committer: JobCommitter, job: JobRecord, faults: StorageFaults
) -> None:
    def end(how: End) -> Manifest:
        return committer.end(job, *how)

    faults.lost_answer = 0.2
    with ThreadPoolExecutor(4) as racers:
        ended = list(racers.map(end, ENDS))
    faults.lost_answer = 0.0
    assert len({manifest.encode() for manifest in ended}) == 1
    assert committer.store.read(job.id).record.state == ended[0].state


def test_a_commit_whose_answer_was_lost_is_ours(
    committer: JobCommitter, job: JobRecord, faults: StorageFaults
) -> None:
    faults.lost_answer = 1.0
    manifest = Manifest.of(job, State.SUCCEEDED, now(), images=(image(job.id),))
    assert committer.commit(manifest) == manifest


def test_who_commits_second_learns_what_stands(committer: JobCommitter, job: JobRecord) -> None:
    first = committer.commit(Manifest.of(job, State.SUCCEEDED, now(), images=(image(job.id),)))
    assert committer.commit(Manifest.of(job, State.EXPIRED, now())) == first


def test_a_job_that_was_done_before_it_could_be_canceled_succeeded(
    committer: JobCommitter, job: JobRecord
) -> None:
    committer.store.change(job.id, lambda record: record.moved(State.CANCELING))
    manifest = committer.commit(Manifest.of(job, State.SUCCEEDED, now(), images=(image(job.id),)))
    settled = committer.settle(manifest)
    assert (settled.state, settled.progress) == (State.SUCCEEDED, 1.0)
    assert settled.images == (paths.result_picture(job.id, 0, "png"),)


def test_a_job_that_fails_keeps_how_far_it_came(committer: JobCommitter, job: JobRecord) -> None:
    committer.store.change(job.id, lambda record: record.model_copy(update={"progress": 0.6}))
    settled = committer.settle(committer.commit(Manifest.of(job, State.FAILED, now())))
    assert (settled.state, settled.progress) == (State.FAILED, 0.6)


def test_settling_again_changes_nothing(committer: JobCommitter, job: JobRecord) -> None:
    manifest = committer.end(job, *ENDS[0])
    before = committer.store.read(job.id)
    committer.settle(manifest)
    assert committer.store.read(job.id) == before


@pytest.mark.parametrize("racers", [1, 8])
def test_a_record_that_was_lost_is_rebuilt_from_the_manifest(
    committer: JobCommitter, job: JobRecord, racers: int
) -> None:
    manifest = committer.commit(Manifest.of(job, State.SUCCEEDED, now(), images=(image(job.id),)))
    committer.store.bucket.delete(paths.job_record(job.id))
    with ThreadPoolExecutor(racers) as pool:
        settled = list(pool.map(committer.settle, [manifest] * racers))
    assert all(each == settled[0] for each in settled)
    rebuilt = committer.store.read(job.id).record
    assert rebuilt.model_copy(update={"nonce": ""}) == manifest.record()


def test_what_the_manifest_does_not_name_is_discarded(
    committer: JobCommitter, job: JobRecord, make_record: Callable[..., JobRecord]
) -> None:
    other = make_record()
    for job_id in (job.id, other.id):
        for n in range(3):
            committer.results.put(paths.result_picture(job_id, n, "png"), b"png", "image/png")
        committer.store.bucket.put(paths.checkpoint_file(job_id, 0), b"npz")
        committer.store.bucket.put(paths.input_picture(job_id, "0" * 64), b"png")

    manifest = committer.commit(Manifest.of(job, State.SUCCEEDED, now(), images=(image(job.id, 1),)))
    committer.settle(manifest)

    kept = {paths.result_picture(job.id, 1, "png"), paths.manifest(job.id)}
    assert names(committer.results, job.id) == kept
    assert not names(committer.store.bucket, paths.checkpoints_prefix(job.id))
    assert names(committer.store.bucket, "inputs/") >= {paths.input_picture(job.id, "0" * 64)}
    assert len(names(committer.results, other.id)) == 3
    assert names(committer.store.bucket, paths.checkpoints_prefix(other.id))


def test_a_failed_job_leaves_no_pictures(committer: JobCommitter, job: JobRecord) -> None:
    committer.results.put(paths.result_picture(job.id, 0, "png"), b"png", "image/png")
    committer.end(job, *ENDS[0])
    assert names(committer.results) == {paths.manifest(job.id)}


def test_a_second_settler_finishes_what_the_first_did_not(committer: JobCommitter, job: JobRecord) -> None:
    """Killed between the commit and the rest: the record is not ended, so the job comes back."""
    committer.results.put(paths.result_picture(job.id, 0, "png"), b"png", "image/png")
    manifest = committer.commit(Manifest.of(job, State.FAILED, now(), error=ENDS[0][1]))
    assert committer.store.read(job.id).record.state is State.RUNNING
    assert committer.settle(manifest).state is State.FAILED
    assert names(committer.results) == {paths.manifest(job.id)}


def test_an_end_is_logged_once_with_its_times_and_its_stages(
    committer: JobCommitter, job: JobRecord, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    ended = job.created + timedelta(seconds=9)
    manifest = Manifest.of(
        job,
        State.SUCCEEDED,
        ended,
        stages=(StageFacts(name="diffuse", seconds=1.5),),
        timings={"claimed": job.created + timedelta(seconds=2)},
    )
    for _ in range(2):
        committer.commit(manifest)
    lines = [json.loads(JsonLine().format(record)) for record in caplog.records]
    told = [line for line in lines if line["message"] in ("job.ended", "stage.done")]
    assert [line["message"] for line in told] == ["job.ended", "stage.done"]
    assert (told[0]["state"], told[0]["seconds"], told[0]["queue_seconds"]) == ("succeeded", 9.0, 2.0)
    assert (told[1]["stage"], told[1]["seconds"]) == ("diffuse", 1.5)
