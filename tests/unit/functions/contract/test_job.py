"""The record of a job: moves, claims and leases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from functions.contract.document import now
from functions.contract.errors import IllegalTransition, InvalidRequest, LeaseLost, UnsupportedVersion
from functions.contract.job import JobRecord
from functions.contract.states import TERMINAL, State


def lease_of(record: JobRecord) -> tuple[str, int]:
    assert record.lease is not None
    return record.lease.holder, record.lease.token


def test_a_new_record_is_queued_and_has_no_lease(record: JobRecord) -> None:
    assert record.state is State.QUEUED
    assert record.lease is None
    assert record.attempt == 0


def test_a_record_survives_the_wire(record: JobRecord) -> None:
    claimed = record.claimed("worker-1", 30)
    assert JobRecord.parse(claimed.encode()) == claimed


def test_a_move_is_written_into_the_history(record: JobRecord) -> None:
    moved = record.moved(State.CANCELING, "the caller asked")
    assert [(step.state, step.note) for step in moved.history] == [(State.CANCELING, "the caller asked")]
    assert moved.updated >= record.updated
    assert record.history == ()


@pytest.mark.parametrize("end", sorted(TERMINAL))
def test_an_ended_job_has_no_lease_and_no_preview(record: JobRecord, end: State) -> None:
    running = record.claimed("worker-1", 30).model_copy(update={"preview": "data:image/jpeg;base64,"})
    ended = running.moved(end)
    assert ended.lease is None
    assert ended.preview is None
    assert ended.ended == ended.updated


@pytest.mark.parametrize("end", sorted(TERMINAL))
@pytest.mark.parametrize("state", list(State))
def test_an_ended_job_moves_nowhere(record: JobRecord, end: State, state: State) -> None:
    with pytest.raises(IllegalTransition):
        record.moved(end).moved(state)


def test_a_claim_names_its_holder_and_counts_the_attempt(record: JobRecord) -> None:
    claimed = record.claimed("worker-1", 30)
    assert lease_of(claimed) == ("worker-1", 1)
    assert claimed.attempt == 1
    assert claimed.state is State.RUNNING
    assert claimed.lease is not None
    assert claimed.lease.is_live()
    assert not claimed.lease.is_live(now() + timedelta(seconds=31))


def test_the_token_grows_with_every_claim_also_after_the_job_was_handed_back(record: JobRecord) -> None:
    first = record.claimed("worker-1", 30)
    taken_over = first.claimed("worker-2", 30)
    handed_back = taken_over.moved(State.QUEUED, lease=None)
    third = handed_back.claimed("worker-1", 30)
    assert [lease_of(each)[1] for each in (first, taken_over, third)] == [1, 2, 3]
    assert third.attempt == 3


def test_a_lease_is_renewed_by_its_holder_with_the_progress(record: JobRecord) -> None:
    claimed = record.claimed("worker-1", 1)
    assert claimed.lease is not None
    renewed = claimed.renewed(claimed.lease, 60, stage="diffuse", progress=0.5)
    assert renewed.lease is not None
    assert renewed.lease.expires > claimed.lease.expires
    assert renewed.lease.token == claimed.lease.token
    assert (renewed.stage, renewed.progress) == ("diffuse", 0.5)


def test_a_lease_that_was_lost_cannot_be_renewed(record: JobRecord) -> None:
    claimed = record.claimed("worker-1", 30)
    assert claimed.lease is not None
    for lost in (
        claimed.claimed("worker-2", 30),
        claimed.claimed("worker-1", 30),  # the same worker, another attempt
        claimed.moved(State.QUEUED, lease=None),
        claimed.moved(State.EXPIRED),
    ):
        with pytest.raises(LeaseLost):
            lost.renewed(claimed.lease, 30)


def test_canceling_leaves_the_lease_to_the_worker_that_has_to_stop(record: JobRecord) -> None:
    claimed = record.claimed("worker-1", 30)
    assert claimed.lease is not None
    claimed.moved(State.CANCELING).check_held(claimed.lease)


def test_a_claimed_job_has_begun_to_move(record: JobRecord) -> None:
    lost = record.model_copy(update={"progress": 0.7, "stage": "upscale", "step": 3, "steps": 4})
    claimed = lost.claimed("worker-1", 30)
    assert 0 < claimed.progress < 0.1
    assert (claimed.stage, claimed.step, claimed.steps) == (None, None, None)


@pytest.mark.parametrize("progress", [-0.1, 1.1, float("nan"), float("inf")])
def test_progress_is_a_share(record: JobRecord, progress: float) -> None:
    written = record.model_copy(update={"progress": progress}).model_dump_json()
    with pytest.raises(InvalidRequest, match="progress"):
        JobRecord.parse(written.encode())


def test_a_newer_record_is_refused_even_where_it_reads_like_ours(record: JobRecord) -> None:
    newer = record.model_copy(update={"version": 2})
    with pytest.raises(UnsupportedVersion, match="This record has version 2"):
        JobRecord.parse(newer.encode())
