"""The commit: the worker that writes the manifest first has done the job, and no late write spoils it."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Collection
from concurrent.futures import Future, wait
from typing import Any

import numpy as np
import pytest

from functions.contract import ids, paths
from functions.contract.errors import Canceled, LeaseLost, Overtaken, Transient
from functions.contract.job import JobRecord
from functions.contract.manifest import (
    CredentialsFacts,
    FittedFacts,
    Manifest,
    QualityFacts,
    WatermarkFacts,
)
from functions.contract.request import JobRequest
from functions.contract.states import State
from functions.contract.storage.bucket import Bucket
from functions.contract.storage.job_commit import JobCommitter
from functions.contract.storage.job_store import JobStore
from functions.contract.storage.watermark_index import WatermarkEntry, WatermarkIndex
from tests.killed import killed_at
from tests.unit.worker.stages.making import noise
from worker.credentials.development_chain import development_signer
from worker.credentials.sealer import Sealer
from worker.job_io import results as results_module
from worker.job_io.checkpoints import Checkpoints
from worker.job_io.results import ResultWriter
from worker.leases.lease import HeldLease, LeaseManager
from worker.pictures.encode import encode_picture
from worker.stages.seal import seal
from worker.stages.work import PictureInProgress, Work

PATIENCE = 60  # seconds; it decides nothing but when to give up


def claim(store: JobStore, job_id: str, name: str, seconds: float = 60.0) -> HeldLease:
    return LeaseManager(store, name, seconds, max_attempts=9).claim(store.read(job_id))


def finished(record: JobRecord, data: bytes, attempt: int = 1) -> Work:
    return Work(
        job_id=record.id,
        request=record.request,
        model=record.model,
        width=record.width,
        height=record.height,
        seed=record.seed,
        attempt=attempt,
        deadline=record.deadline,
        pictures=[PictureInProgress(n=0, seed=7, rgb=noise(8, 8), data=data)],
    )


@pytest.fixture
def results(committer: JobCommitter, store: JobStore) -> ResultWriter:
    return ResultWriter(committer, store.bucket)


@pytest.fixture(scope="module")
def sealer(tmp_path_factory: pytest.TempPathFactory) -> Sealer:
    return Sealer(development_signer(tmp_path_factory.mktemp("keys") / "credentials"))


def test_a_finished_work_becomes_files_and_a_manifest(
    results: ResultWriter, committer: JobCommitter, store: JobStore, record: JobRecord
) -> None:
    store.create(record)
    work, quality = finished(record, b"picture"), QualityFacts(requested=20, used=31)
    work.pictures[0].quality = quality
    manifest = results.commit(work, claim(store, record.id, "one"), {}, has_checkpoints=False)
    assert committer.read_manifest(record.id) == manifest
    assert manifest.images[0].quality == quality
    assert committer.results.get(manifest.images[0].name).data == b"picture"
    assert store.read(record.id).record.state is State.SUCCEEDED


def marked(record: JobRecord, data: bytes) -> Work:
    work = finished(record, data)
    work.pictures[0].watermark = WatermarkFacts(
        scheme="plantain-1", payload="00" * 8, key_version=1, score=0.9, survives=(), proof="robust"
    )
    return work


def test_a_result_and_its_mark_are_written_at_the_same_time(
    results: ResultWriter, store: JobStore, record: JobRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.create(record)
    both, put = threading.Barrier(2, timeout=PATIENCE), Bucket.put

    def put_both(bucket: Bucket, name: str, *rest: Any, **options: Any) -> int:
        if name in (paths.result_picture(record.id, 0, "png"), paths.watermark_entry("00" * 8)):
            both.wait()
        return put(bucket, name, *rest, **options)

    monkeypatch.setattr(Bucket, "put", put_both)
    manifest = results.commit(
        marked(record, b"picture"), claim(store, record.id, "one"), {}, has_checkpoints=False
    )
    assert manifest.images[0].watermark is not None
    found = WatermarkIndex(store.bucket).find("00" * 8)
    assert found is not None
    assert found.job_id == record.id


def test_nothing_is_committed_without_the_mark(
    results: ResultWriter, committer: JobCommitter, store: JobStore, record: JobRecord
) -> None:
    store.create(record)
    another = WatermarkEntry(job_id=ids.new_job_id(), n=0, key_version=1)
    WatermarkIndex(store.bucket).write("00" * 8, another)
    with pytest.raises(Overtaken):
        results.commit(marked(record, b"picture"), claim(store, record.id, "one"), {}, has_checkpoints=False)
    assert committer.read_manifest(record.id) is None


def test_no_mark_is_still_written_when_a_picture_could_not_be(
    results: ResultWriter, store: JobStore, record: JobRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.create(record)
    is_waited_for, put, ended = threading.Event(), Bucket.put, list[str]()

    def wait_for_writes(writes: Collection[Future[None]]) -> None:
        is_waited_for.set()
        wait(writes)

    def put_after_failure(bucket: Bucket, name: str, *rest: Any, **options: Any) -> int:
        if name == paths.result_picture(record.id, 0, "png"):
            raise Transient
        if name == paths.watermark_entry("00" * 8):
            assert is_waited_for.wait(PATIENCE)
            ended.append(name)
        return put(bucket, name, *rest, **options)

    lease = claim(store, record.id, "one")
    monkeypatch.setattr(Bucket, "put", put_after_failure)
    monkeypatch.setattr(results_module, "wait", wait_for_writes)
    with pytest.raises(Transient):
        results.commit(marked(record, b"picture"), lease, {}, has_checkpoints=False)
    is_written = list(ended)
    is_waited_for.set()  # a commit that does not wait leaves a thread behind
    assert is_written == [paths.watermark_entry("00" * 8)]


def test_the_manifest_says_whether_a_picture_is_signed_and_by_whom(
    results: ResultWriter, store: JobStore, record: JobRecord
) -> None:
    store.create(record)
    work = finished(record, b"signed")
    work.pictures.append(PictureInProgress(n=1, seed=8, rgb=noise(8, 8), data=b"unsigned"))
    work.pictures[0].credentials = facts = CredentialsFacts(
        manifest="urn:c2pa:1", issuer="Acme", algorithm="ES256", actions=("c2pa.created",)
    )
    images = results.commit(work, claim(store, record.id, "one"), {}, has_checkpoints=False).images
    assert [image.content_credentials for image in images] == ["signed", "unsigned"]
    assert [image.credentials for image in images] == [facts, None]


@pytest.mark.parametrize(
    ("fields", "own", "is_told"),
    [
        ({}, (5200, 3500), True),
        ({}, (512, 512), False),  # the record's own size
        ({"size": "512"}, (5200, 3500), False),
        ({"aspect_ratio": "1:1"}, (5200, 3500), False),
        ({"task": "outpaint", "aspect_ratio": "1:1"}, (5200, 3500), True),
        ({"task": "outpaint", "aspect_ratio": "1:1"}, (512, 300), False),
    ],
)
def test_the_manifest_says_that_a_picture_of_no_deliverable_size_was_fitted(
    fields: dict[str, Any],
    own: tuple[int, int],
    is_told: bool,
    results: ResultWriter,
    store: JobStore,
    record: JobRecord,
) -> None:
    asked = {"task": "edit", "prompt": "make it snow", "images": [{"uri": "gs://bucket/1"}], **fields}
    request = JobRequest.model_validate(asked)
    record = record.model_copy(update={"request": request, "width": 512, "height": 512})
    store.create(record)
    work = finished(record, b"picture")
    work.source_size = own
    fitted = results.commit(work, claim(store, record.id, "one"), {}, has_checkpoints=False).fitted
    assert fitted == (FittedFacts(from_width=own[0], from_height=own[1]) if is_told else None)


def test_an_overtaken_worker_leaves_the_winners_files_alone(
    results: ResultWriter, committer: JobCommitter, store: JobStore, record: JobRecord
) -> None:
    store.create(record)
    slow = claim(store, record.id, "slow", seconds=-1.0)
    quick = claim(store, record.id, "quick")
    results.commit(finished(record, b"right", attempt=2), quick, {}, has_checkpoints=False)
    with pytest.raises(LeaseLost):
        results.commit(finished(record, b"wrong"), slow, {}, has_checkpoints=False)
    assert committer.results.get(paths.result_picture(record.id, 0, "png")).data == b"right"


def test_a_later_attempt_removes_what_a_dead_one_left(
    results: ResultWriter, committer: JobCommitter, store: JobStore, record: JobRecord
) -> None:
    store.create(record)
    committer.results.put(paths.result_picture(record.id, 0, "png"), b"left behind")
    committer.results.put(paths.result_picture(record.id, 5, "png"), b"stray")
    lease = claim(store, record.id, "second")
    results.commit(finished(record, b"whole", attempt=2), lease, {}, has_checkpoints=False)
    names = {found.name for found in committer.results.list(record.id)}
    assert names == {paths.late_result_picture(record.id, 0, "png", 1), paths.manifest(record.id)}
    assert committer.results.get(paths.late_result_picture(record.id, 0, "png", 1)).data == b"whole"


def files_are_as_their_manifest_says(committer: JobCommitter, job_id: str) -> bool:
    manifest = committer.read_manifest(job_id)
    assert manifest is not None
    files = [(committer.results.get(image.name).data, image) for image in manifest.images]
    return all(hashlib.sha256(data).hexdigest() == image.sha256 for data, image in files)


@pytest.mark.parametrize("first_to_commit", ["slow", "quick"])
def test_a_worker_that_pauses_beyond_its_lease_commits_the_hash_of_its_own_file(
    results: ResultWriter,
    committer: JobCommitter,
    store: JobStore,
    record: JobRecord,
    monkeypatch: pytest.MonkeyPatch,
    first_to_commit: str,
) -> None:
    """It stops between its picture and its commit; meanwhile another takes over and draws another picture."""
    store.create(record)
    slow, commit = claim(store, record.id, "slow", seconds=-1.0), committer.commit

    def take_over_and_deliver(ours: Manifest) -> Manifest:
        monkeypatch.setattr(committer, "commit", commit)
        with contextlib.nullcontext() if first_to_commit == "quick" else killed_at(committer, "commit"):
            quick = claim(store, record.id, "quick")
            results.commit(finished(record, b"of the quick one", attempt=2), quick, {}, has_checkpoints=False)
        return commit(ours)

    monkeypatch.setattr(committer, "commit", take_over_and_deliver)
    results.commit(finished(record, b"of the slow one"), slow, {}, has_checkpoints=False)
    assert files_are_as_their_manifest_says(committer, record.id)
    committer.remove_late_writes(record.id)  # what the one that was killed finds when its message comes again
    names = [found.name for found in committer.results.list(record.id)]
    assert len(names) == 2  # the picture and the manifest
    assert files_are_as_their_manifest_says(committer, record.id)


def signed(record: JobRecord, sealer: Sealer, rgb: np.ndarray, attempt: int) -> Work:
    """A work whose one picture is sealed by the stage that does it; no two seals are equal."""
    work = finished(record, b"", attempt)
    work.pictures[0].rgb = rgb
    return seal(work, sealer)


def test_the_first_file_that_was_signed_is_kept(
    results: ResultWriter, committer: JobCommitter, store: JobStore, record: JobRecord, sealer: Sealer
) -> None:
    """Whichever attempt commits its manifest, it names the file that is there."""
    store.create(record)
    name, rgb = paths.result_picture(record.id, 0, "png"), noise(64, 64)
    first = signed(record, sealer, rgb, 1).pictures[0]
    committer.results.put(name, first.data)
    again = signed(record, sealer, rgb, 2)
    assert again.pictures[0].data != first.data
    image = results.commit(again, claim(store, record.id, "second"), {}, has_checkpoints=False).images[0]
    assert committer.results.get(name).data == first.data
    assert image.sha256 == hashlib.sha256(first.data).hexdigest()
    assert image.credentials == first.credentials


@pytest.mark.parametrize("spoiled", ["another picture", "altered", "unsigned"])
def test_a_file_that_is_not_as_good_is_replaced(
    results: ResultWriter,
    committer: JobCommitter,
    store: JobStore,
    record: JobRecord,
    sealer: Sealer,
    spoiled: str,
) -> None:
    store.create(record)
    name, rgb = paths.result_picture(record.id, 0, "png"), noise(64, 64)
    left = {
        "another picture": signed(record, sealer, noise(64, 64, seed=1), 1).pictures[0].data,
        "altered": signed(record, sealer, rgb, 1).pictures[0].data + b"more",
        "unsigned": encode_picture(rgb, "png"),
    }[spoiled]
    committer.results.put(name, left)
    work = signed(record, sealer, rgb, 2)
    (image,) = results.commit(work, claim(store, record.id, "second"), {}, has_checkpoints=False).images
    assert committer.results.get(image.name).data == work.pictures[0].data != left
    assert [found.name for found in committer.results.list(record.id)] == [
        image.name,
        paths.manifest(record.id),
    ]


@pytest.mark.parametrize("is_begun", [False, True])
def test_a_canceled_job_uploads_nothing(
    results: ResultWriter, committer: JobCommitter, store: JobStore, record: JobRecord, is_begun: bool
) -> None:
    store.create(record)
    lease = claim(store, record.id, "one")
    store.change(record.id, lambda record: record.moved(State.CANCELING))
    confirming = results.begin_confirming(lease) if is_begun else None
    with pytest.raises(Canceled):
        results.commit(finished(record, b"picture"), lease, {}, has_checkpoints=False, confirming=confirming)
    assert not list(committer.results.list(record.id))


def test_a_record_that_was_read_while_the_job_was_sealed_is_not_read_again(
    results: ResultWriter, store: JobStore, record: JobRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.create(record)
    lease = claim(store, record.id, "one")
    confirming, read, get = results.begin_confirming(lease), list[str](), Bucket.get
    confirming.result(PATIENCE)

    def noted(bucket: Bucket, name: str, *rest: Any) -> Any:
        read.append(name)
        return get(bucket, name, *rest)

    monkeypatch.setattr(Bucket, "get", noted)
    results.commit(finished(record, b"picture"), lease, {}, has_checkpoints=False, confirming=confirming)
    assert paths.job_record(record.id) not in read


def test_a_checkpoint_brings_the_very_same_pixels_back(bucket: Bucket, record: JobRecord) -> None:
    checkpoints, work = Checkpoints(bucket), finished(record, b"")
    work.engine, work.model_revision = "mock", "1"
    checkpoints.save(work)
    fresh = finished(record, b"")
    fresh.pictures = []
    resumed = checkpoints.restore(fresh)
    assert resumed.resumed_from == "correct"
    assert (resumed.pictures[0].rgb == work.pictures[0].rgb).all()
    assert (resumed.engine, resumed.model_revision) == ("mock", "1")


def test_a_torn_checkpoint_is_drawn_again(bucket: Bucket, record: JobRecord) -> None:
    bucket.put(paths.checkpoint_file(record.id, 0), b"not a zip file")
    fresh = finished(record, b"")
    fresh.pictures = []
    resumed = Checkpoints(bucket).restore(fresh)
    assert resumed.resumed_from is None
    assert resumed.pictures == []
