"""A batch that is canceled, ended or deleted while a part of its file is still being read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from functions.batches.cancel import request_cancel
from functions.batches.state_machine import advance_batch
from functions.contract import ids, paths
from functions.contract.errors import Transient
from functions.contract.storage.bucket import Bucket
from functions.services import Services
from functions.triggers.sweep import sweep_once
from functions.triggers.uploads import on_upload
from tests.integration.functions.batch import BOAT, Batch, jsonl
from tests.integration.functions.deployment import Answer, Deployment
from tests.killed import Killed
from tests.meanwhile import meanwhile

LINES = 33  # 16 are read at once: the third time it is one line
STOPPED_AT = 20  # in the midst of the second 16 lines
FEW_LINES = 18


@pytest.fixture
def batch(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> Batch:
    """A batch of which nothing is read yet, whose lines are read one after the other."""
    monkeypatch.setattr("functions.batches.fan_out._HANDS", 1)
    return Batch.begin(deployment, jsonl(*[BOAT] * LINES))


@pytest.fixture
def short_batch(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> Batch:
    """The same, for a test in which all jobs end."""
    monkeypatch.setattr("functions.batches.fan_out._HANDS", 1)
    return Batch.begin(deployment, jsonl(*[BOAT] * FEW_LINES))


def read_while(batch: Batch, then: Callable[[], object], line: int = STOPPED_AT) -> None:
    """Reads the file, and does ``then`` just before the item of a line is written."""

    def is_item(name: str, *_: object) -> bool:
        return name == paths.open_item(batch.id, line)

    with pytest.MonkeyPatch.context() as patched:
        came_so_far = meanwhile(patched, Bucket, "put", is_item, then)
        advance_batch(batch.deployment.services, batch.id)
    assert came_so_far()


def cancel(batch: Batch) -> None:
    """As a caller does, and all that follows from it."""
    request_cancel(batch.deployment.services, batch.id)
    batch.driven()


def cancel_and_die(batch: Batch) -> None:
    cancel(batch)
    raise Killed


def delete(batch: Batch) -> Answer:
    return batch.deployment.client.open(f"/v1/batches/{batch.id}", method="DELETE")


def complete_and_delete(batch: Batch) -> None:
    """Another call reads the file, all jobs end, and the caller deletes the batch."""
    batch.driven()
    batch.succeed()
    batch.tell()
    assert delete(batch).status_code == 200


def left_of(batch: Batch) -> set[str]:
    """What is left of the batch beside the tombstones of it and of its jobs."""
    jobs = {ids.job_id_for_line(batch.id, line) for line in range(1, LINES + 1)}
    tombstones = {paths.batch_record(batch.id)} | {
        name(each) for each in jobs for name in (paths.job_record, paths.manifest)
    }
    return {name.partition("/")[2] for name in batch.deployment.objects()} - tombstones


def states(batch: Batch) -> set[str]:
    return {str(batch.deployment.record(job).state) for job in batch.jobs}


def assume_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time passes."""

    def no_age(_: Services) -> timedelta:
        return timedelta(0)

    for module in ("contract.storage.batch_store", "batches.cancel", "batches.state_machine"):
        monkeypatch.setattr(f"functions.{module}.LONGEST_PART", timedelta(0))
    monkeypatch.setattr("functions.triggers.sweep_job._orphan_age", no_age)


def test_a_cancel_while_a_part_is_read_counts_every_line_of_it(batch: Batch) -> None:
    read_while(batch, lambda: cancel(batch))
    assert batch.ended.counts == {"canceled": 32}
    assert len(batch.items) == 32
    assert states(batch) == {"canceled"}
    batch.tell()
    sweep_once(batch.deployment.services)
    assert not [name for name in batch.deployment.objects() if "open" in name]


def test_a_batch_is_not_deleted_while_a_part_of_it_is_read(batch: Batch) -> None:
    answers: list[Answer] = []

    def cancel_and_delete() -> None:
        cancel(batch)
        answers.append(delete(batch))

    read_while(batch, cancel_and_delete)
    assert [answer.status_code for answer in answers] == [409]
    assert delete(batch).status_code == 200
    assert left_of(batch) == set()


def test_what_a_reader_left_that_died_is_canceled_and_counted(
    batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Killed):
        read_while(batch, lambda: cancel_and_die(batch))
    sweep_once(batch.deployment.services)
    batch.driven()
    assert batch.summary is None  # it may be alive
    assume_dead(monkeypatch)
    sweep_once(batch.deployment.services)
    batch.driven()
    assert batch.ended.counts == {"canceled": len(batch.items)}
    assert states(batch) == {"canceled"}
    batch.tell()
    sweep_once(batch.deployment.services)
    assert not [name for name in batch.deployment.objects() if "open" in name]


def test_a_second_reader_that_is_late_leaves_nothing_of_a_deleted_batch(short_batch: Batch) -> None:
    """The event that calls for a part may come twice."""
    read_while(short_batch, lambda: complete_and_delete(short_batch), line=2)
    sweep_once(short_batch.deployment.services)
    assert left_of(short_batch) == set()


def test_nor_does_one_that_dies(short_batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    def is_after_the_late_item(name: str, *_: object) -> bool:
        return name == paths.job_record(ids.job_id_for_line(short_batch.id, 2))

    def die() -> None:
        raise Killed

    def complete_delete_and_doom() -> None:
        complete_and_delete(short_batch)
        meanwhile(monkeypatch, Bucket, "get", is_after_the_late_item, die)

    with pytest.raises(Killed):
        read_while(short_batch, complete_delete_and_doom, line=2)
    monkeypatch.undo()
    late_job = ids.job_id_for_line(short_batch.id, 2)
    assert {paths.open_item(short_batch.id, 2), paths.open_marker(late_job)} <= left_of(short_batch)
    assume_dead(monkeypatch)
    sweep_once(short_batch.deployment.services)
    assert left_of(short_batch) == set()


def test_a_second_reader_that_is_late_opens_no_line_of_a_batch_that_has_ended(short_batch: Batch) -> None:
    def complete() -> None:
        short_batch.driven()
        short_batch.succeed()
        short_batch.tell()

    read_while(short_batch, complete, line=2)
    sweep_once(short_batch.deployment.services)
    assert short_batch.ended.counts == {"succeeded": FEW_LINES}
    assert not [name for name in short_batch.deployment.objects() if "open" in name]


@pytest.mark.parametrize("fate", ["completed", "deleted"])
def test_an_event_that_comes_late_a_second_time_opens_no_batch_anew(
    deployment: Deployment, fate: str
) -> None:
    """It has looked for the batch, and writes its marker when all is over."""
    event = deployment.upload("late.jsonl", jsonl(BOAT))
    batch = Batch.of(deployment, "late.jsonl")

    def is_marker(name: str, *_: object) -> bool:
        return name == paths.open_batch_marker(batch.id)

    def all_of_it() -> None:
        on_upload(deployment.services, event)
        batch.driven()
        batch.succeed()
        batch.tell()
        if fate == "deleted":
            assert delete(batch).status_code == 200
        assert len(deployment.published(deployment.settings.events_topic)) == 2  # the job's and the batch's

    with pytest.MonkeyPatch.context() as patched:
        meanwhile(patched, Bucket, "put", is_marker, all_of_it)
        on_upload(deployment.services, event)
    sweep_once(deployment.services)
    assert deployment.published(deployment.settings.events_topic) == []
    assert not [name for name in deployment.objects() if "open" in name]


def test_a_reader_that_fails_for_a_while_holds_nothing_up(batch: Batch) -> None:
    """Its event comes again; meanwhile the batch may be canceled and closed."""

    def fail() -> None:
        raise Transient("Cloud Storage is away.")

    with pytest.raises(Transient):
        read_while(batch, fail)
    cancel(batch)
    assert batch.ended.counts == {"canceled": len(batch.items)}
