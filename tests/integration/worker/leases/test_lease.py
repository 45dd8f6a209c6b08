"""Leases and fencing tokens, on records in the real embedded storage."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace

import pytest

from functions.contract.document import now
from functions.contract.errors import AttemptsExhausted, Canceled, DeadlineExceeded, LeaseLost, Overtaken
from functions.contract.job import JobRecord
from functions.contract.states import State
from functions.contract.storage.job_store import JobStore
from tests.conftest import MakeRecord
from worker.leases.lease import AlreadyEnded, HeldElsewhere, HeldLease, LeaseManager

LONG, GONE = 60.0, -1.0  # seconds that a lease lasts


def lease_manager(store: JobStore, name: str = "one", seconds: float = LONG) -> LeaseManager:
    return LeaseManager(store, name, seconds, max_attempts=3)


def claim(store: JobStore, job_id: str, name: str = "one", seconds: float = LONG) -> HeldLease:
    return lease_manager(store, name, seconds).claim(store.read(job_id))


def test_of_many_workers_one_gets_the_job(store: JobStore, record: JobRecord) -> None:
    stored = store.create(record)

    def race(n: int) -> bool:
        try:
            lease_manager(store, f"worker-{n}").claim(stored)
        except Overtaken:
            return False
        return True

    with ThreadPoolExecutor(16) as racers:
        assert sum(racers.map(race, range(16))) == 1
    assert store.read(record.id).record.attempt == 1


def test_a_live_lease_keeps_others_away(store: JobStore, record: JobRecord) -> None:
    store.create(record)
    claim(store, record.id)
    with pytest.raises(HeldElsewhere):
        claim(store, record.id, "two")


def test_an_expired_lease_is_taken_over_under_a_larger_token(store: JobStore, record: JobRecord) -> None:
    store.create(record)
    first = claim(store, record.id, "one", GONE)
    second = claim(store, record.id, "two")
    assert second.token > first.token
    with pytest.raises(LeaseLost):
        first.confirm()
    second.confirm()


def test_a_job_that_was_handed_back_has_a_larger_token_too(store: JobStore, record: JobRecord) -> None:
    store.create(record)
    first = claim(store, record.id)
    first.release("shutting down")
    assert store.read(record.id).record.state is State.QUEUED
    assert claim(store, record.id, "two").token > first.token


def test_a_worker_that_lost_the_job_does_not_hand_it_back(store: JobStore, record: JobRecord) -> None:
    store.create(record)
    first = claim(store, record.id, "one", GONE)
    claim(store, record.id, "two")
    first.release("too late")
    claimed = store.read(record.id).record
    assert claimed.state is State.RUNNING and claimed.lease and claimed.lease.holder == "two"


def test_a_cancellation_stops_the_worker(store: JobStore, record: JobRecord) -> None:
    store.create(record)
    lease = claim(store, record.id)
    store.change(record.id, lambda record: record.moved(State.CANCELING))
    with pytest.raises(Canceled):
        lease.confirm()
    with pytest.raises(Canceled):
        lease.raise_if_stopped()


def test_the_heart_hears_of_a_cancellation(store: JobStore, record: JobRecord) -> None:
    store.create(record)
    lease = claim(store, record.id, seconds=0.0)  # every call renews
    store.change(record.id, lambda record: record.moved(State.CANCELING))
    lease.renew_if_due()
    with pytest.raises(Canceled):
        lease.raise_if_stopped()


def test_progress_is_written_at_most_once_a_second(store: JobStore, record: JobRecord) -> None:
    store.create(record)
    lease = claim(store, record.id)
    before = store.read(record.id).generation
    for step in range(50):
        lease.report(step=step)
        lease.renew_if_due()
    assert store.read(record.id).generation == before


def test_a_job_that_ends_within_a_second_writes_nothing_of_its_progress(
    store: JobStore, record: JobRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(seconds=100.0, monotonic=lambda: clock.seconds)
    monkeypatch.setattr("worker.leases.lease.time", clock)
    stored = store.create(record)
    store.put_in_index(record)
    lease = lease_manager(store).claim(stored)
    claimed = store.read(record.id).generation
    lease.report(step=1)
    clock.seconds += 0.99
    lease.renew_if_due()
    assert (listed_state(store, record), store.read(record.id).generation) == ("queued", claimed)
    clock.seconds += 0.01
    lease.renew_if_due()
    assert listed_state(store, record) == "running"
    assert store.read(record.id).record.step == 1


def listed_state(store: JobStore, record: JobRecord) -> str:
    [entry] = store.list_jobs(record.owner).entries
    return entry.state


def test_a_passed_deadline_stops_the_worker(store: JobStore, make_record: MakeRecord) -> None:
    job = make_record()
    store.create(job)
    lease = claim(store, job.id)
    late = make_record(deadline=now() - timedelta(seconds=1))
    store.create(late)
    lease.raise_if_stopped()
    with pytest.raises(DeadlineExceeded):
        claim(store, late.id)


def test_a_job_is_given_up_after_its_attempts(store: JobStore, make_record: MakeRecord) -> None:
    job = make_record(attempt=3)
    store.create(job)
    with pytest.raises(AttemptsExhausted):
        claim(store, job.id)


def test_an_ended_job_is_not_claimed(store: JobStore, record: JobRecord) -> None:
    store.create(record)
    store.change(record.id, lambda record: record.moved(State.FAILED))
    with pytest.raises(AlreadyEnded):
        claim(store, record.id)
