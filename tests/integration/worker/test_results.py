"""The commit: whoever writes the manifest first has done the job, and no late write spoils it."""

from __future__ import annotations

import pytest

from functions.contract import paths
from functions.contract.ending import Endings
from functions.contract.errors import Canceled, LeaseLost
from functions.contract.job import JobRecord
from functions.contract.objects import Objects
from functions.contract.states import State
from functions.contract.store import JobStore
from tests.unit.worker.stages.making import noise
from worker.checkpoints import Checkpoints
from worker.results import Results
from worker.stages.work import PictureInProgress, Work
from worker.tenure import Claimant, Tenure


def claim(store: JobStore, job_id: str, name: str, seconds: float = 60.0) -> Tenure:
    return Claimant(store, name, seconds, max_attempts=9).claim(store.read(job_id))


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
def committing(endings: Endings, store: JobStore) -> Results:
    return Results(endings, store.objects)


def test_a_finished_work_becomes_files_and_a_manifest(
    committing: Results, endings: Endings, store: JobStore, record: JobRecord
) -> None:
    store.create(record)
    manifest = committing.deliver(
        finished(record, b"picture"), claim(store, record.id, "one"), {}, kept=False
    )
    assert endings.manifest(record.id) == manifest
    assert endings.results.get(manifest.images[0].name).data == b"picture"
    assert store.read(record.id).record.state is State.SUCCEEDED


def test_an_overtaken_worker_leaves_the_winners_files_alone(
    committing: Results, endings: Endings, store: JobStore, record: JobRecord
) -> None:
    store.create(record)
    slow = claim(store, record.id, "slow", seconds=-1.0)
    quick = claim(store, record.id, "quick")
    committing.deliver(finished(record, b"right", attempt=2), quick, {}, kept=False)
    with pytest.raises(LeaseLost):
        committing.deliver(finished(record, b"wrong"), slow, {}, kept=False)
    assert endings.results.get(paths.result(record.id, 0, "png")).data == b"right"


def test_a_later_attempt_writes_over_what_a_dead_one_left(
    committing: Results, endings: Endings, store: JobStore, record: JobRecord
) -> None:
    store.create(record)
    endings.results.put(paths.result(record.id, 0, "png"), b"left behind")
    endings.results.put(paths.result(record.id, 5, "png"), b"stray")
    tenure = claim(store, record.id, "second")
    committing.deliver(finished(record, b"whole", attempt=2), tenure, {}, kept=False)
    names = {found.name for found in endings.results.list(record.id)}
    assert names == {paths.result(record.id, 0, "png"), paths.manifest(record.id)}
    assert endings.results.get(paths.result(record.id, 0, "png")).data == b"whole"


def test_a_canceled_job_uploads_nothing(
    committing: Results, endings: Endings, store: JobStore, record: JobRecord
) -> None:
    store.create(record)
    tenure = claim(store, record.id, "one")
    store.change(record.id, lambda held: held.moved(State.CANCELING))
    with pytest.raises(Canceled):
        committing.deliver(finished(record, b"picture"), tenure, {}, kept=False)
    assert not list(endings.results.list(record.id))


def test_a_checkpoint_brings_the_very_same_pixels_back(bucket: Objects, record: JobRecord) -> None:
    checkpoints, work = Checkpoints(bucket), finished(record, b"")
    work.engine, work.model_revision = "mock", "1"
    checkpoints.keep(work)
    fresh = finished(record, b"")
    fresh.pictures = []
    resumed = checkpoints.resume(fresh)
    assert resumed.resumed_from == "correct"
    assert (resumed.pictures[0].rgb == work.pictures[0].rgb).all()
    assert (resumed.engine, resumed.model_revision) == ("mock", "1")


def test_a_torn_checkpoint_is_drawn_again(bucket: Objects, record: JobRecord) -> None:
    bucket.put(paths.checkpoint(record.id, 0), b"not a zip file")
    fresh = finished(record, b"")
    fresh.pictures = []
    resumed = Checkpoints(bucket).resume(fresh)
    assert resumed.resumed_from is None
    assert resumed.pictures == []
