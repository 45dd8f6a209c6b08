"""Waiting for the end of jobs: one poller for everybody, and never longer than was asked for."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, cast

import pytest

from functions.contract import paths
from functions.contract.errors import Deleted, NotFound, Transient
from functions.contract.job import JobRecord
from functions.contract.states import State
from functions.contract.storage.bucket import Bucket
from functions.contract.storage.job_store import JobStore
from functions.job_end_watcher import TOGETHER, JobEndWatcher, wait_for_end, waiting_places
from tests.eventually import eventually

NOW = datetime(2026, 1, 1, tzinfo=UTC)
GENEROUS = 60.0  # seconds: waited for only if something is broken


class Results:
    """A results bucket in memory that counts the calls it gets."""

    def __init__(self) -> None:
        self.manifests: set[str] = set()
        self.calls: list[int] = []
        self.threads: set[int] = set()
        self.fails = False

    def find_existing(self, names: Iterable[str]) -> set[str]:
        asked = set(names)
        self.calls.append(len(asked))
        self.threads.add(threading.get_ident())
        if self.fails:
            raise Transient
        return asked & self.manifests

    def end(self, job_id: str) -> None:
        self.manifests.add(paths.manifest(job_id))


@pytest.fixture
def results() -> Results:
    return Results()


def watcher(results: Results, places: int = 100) -> JobEndWatcher:
    return JobEndWatcher(cast(Bucket, results), places)


def waiting(found: JobEndWatcher) -> int:
    return len(found._waiters)  # pyright: ignore[reportPrivateUsage]


def test_every_waiting_caller_learns_of_the_end(results: Results) -> None:
    watching = watcher(results)
    with ThreadPoolExecutor(2) as callers:
        first, second = (callers.submit(watching.wait, name, GENEROUS) for name in ("job_a", "job_b"))
        eventually(lambda: waiting(watching) == 2)
        results.end("job_a")
        assert first.result(GENEROUS)
        assert not second.done()
        results.end("job_b")
        assert second.result(GENEROUS)


def test_eighty_callers_are_looked_for_by_one_thread_with_one_call_at_a_time(results: Results) -> None:
    watching, began = watcher(results), monotonic()
    with ThreadPoolExecutor(80) as callers:
        waits = [callers.submit(watching.wait, f"job_{n}", GENEROUS) for n in range(80)]
        eventually(lambda: waiting(watching) == 80)
        eventually(lambda: sum(results.calls) >= 400)
        for n in range(80):
            results.end(f"job_{n}")
        assert all(wait.result(GENEROUS) for wait in waits)
    assert len(results.threads) == 1
    assert len(results.calls) <= (monotonic() - began) / TOGETHER + 1


def test_a_poller_that_ends_while_the_next_one_begins_leaves_one(
    results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    watching, waits = watcher(results), list[Future[bool]]()
    next_due = watching._next_due  # pyright: ignore[reportPrivateUsage]

    def seen_by_a_late_caller() -> Any:
        due = next_due()
        if due is None and not waits:
            waits.append(callers.submit(watching.wait, "job_b", GENEROUS))
            eventually(lambda: waiting(watching) == 1)
        return due

    monkeypatch.setattr(watching, "_next_due", seen_by_a_late_caller)
    with ThreadPoolExecutor(2) as callers:
        results.end("job_a")
        assert watching.wait("job_a", GENEROUS)
        first = results.threads.copy()
        eventually(lambda: results.threads - first)
        waits.append(callers.submit(watching.wait, "job_c", GENEROUS))
        eventually(lambda: waiting(watching) == 2)
        results.threads.clear()
        seen = len(results.calls)
        eventually(lambda: len(results.calls) > seen + 10)
        pollers = len(results.threads)
        results.end("job_b")
        results.end("job_c")
    assert pollers == 1
    assert all(wait.result() for wait in waits)


def test_no_caller_waits_longer_than_was_asked_for(results: Results) -> None:
    began = monotonic()
    assert watcher(results).wait("job_a", 0.3)
    assert 0.3 <= monotonic() - began < GENEROUS


def test_a_storage_that_fails_ends_no_wait_and_no_poller(results: Results) -> None:
    watching, results.fails = watcher(results), True
    with ThreadPoolExecutor(1) as callers:
        wait = callers.submit(watching.wait, "job_a", GENEROUS)
        eventually(lambda: len(results.calls) >= 2)
        results.end("job_a")
        results.fails = False
        assert wait.result(GENEROUS)


def test_some_threads_are_kept_free_of_those_who_wait(results: Results) -> None:
    watching = watcher(results, places=2)
    with ThreadPoolExecutor(2) as callers:
        waits = [callers.submit(watching.wait, "job_a", GENEROUS) for _ in range(2)]
        eventually(lambda: waiting(watching) == 2)
        assert not watching.wait("job_b", GENEROUS)  # at once
        results.end("job_a")
        assert all(wait.result(GENEROUS) for wait in waits)
    assert watching.wait("job_a", GENEROUS)  # the places are free again


def test_the_poller_ends_with_the_last_who_waits_and_begins_again(results: Results) -> None:
    watching = watcher(results)
    for name in ("job_a", "job_b"):
        results.end(name)
        assert watching.wait(name, GENEROUS)
        eventually(lambda: watching._poller is None)  # pyright: ignore[reportPrivateUsage]
    assert waiting(watching) == 0


@pytest.mark.parametrize(("threads", "places"), [("100", 84), ("8", 6), ("4", 3), ("1", 1), ("200", 184)])
def test_places_follow_from_the_server_s_threads(
    monkeypatch: pytest.MonkeyPatch, threads: str, places: int
) -> None:
    monkeypatch.setenv("THREADS", threads)
    assert waiting_places() == places
    monkeypatch.delenv("THREADS")
    assert waiting_places() >= 1


# The record that is answered with. ----------------------------------------------------------------------


def recorded() -> JobRecord:
    return JobRecord.model_validate(
        {
            "id": "job_" + "a" * 26,
            "owner": "ada",
            "request": {"task": "generate", "prompt": "a boat"},
            "request_sha256": "0" * 64,
            "model": "mock",
            "width": 512,
            "height": 512,
            "seed": 1,
            "created": NOW,
            "updated": NOW,
            "deadline": NOW + timedelta(hours=1),
        }
    )


class Records:
    """A job store that reads one record, which may change or be out of reach."""

    def __init__(self, record: JobRecord) -> None:
        self.found: JobRecord | Exception = record
        self.blocked: threading.Event | None = None

    def read(self, _job_id: str) -> Any:
        if self.blocked:
            self.blocked.wait(GENEROUS)
        if isinstance(self.found, Exception):
            raise self.found

        class Read:
            record = self.found

        return Read


def waited(results: Results, records: Records, record: JobRecord, seconds: float) -> JobRecord | None:
    with ThreadPoolExecutor(2) as pool:
        try:
            return wait_for_end(
                record,
                monotonic() + seconds,
                watcher=watcher(results),
                store=cast(JobStore, records),
                pool=pool,
            )
        finally:
            if records.blocked:
                records.blocked.set()


def test_the_record_that_has_ended_is_answered_with(results: Results) -> None:
    record = recorded()
    records = Records(record.moved(State.RUNNING).moved(State.SUCCEEDED))
    results.end(record.id)
    found = waited(results, records, record, GENEROUS)
    assert found is not None
    assert found.state is State.SUCCEEDED


def test_a_record_that_follows_its_manifest_late_is_waited_for(results: Results) -> None:
    record = recorded()
    records = Records(record)
    results.end(record.id)
    ended = record.moved(State.RUNNING).moved(State.SUCCEEDED)
    settling = threading.Timer(0.3, lambda: setattr(records, "found", ended))
    settling.start()
    found = waited(results, records, record, GENEROUS)
    assert found is ended


def test_a_storage_that_does_not_answer_holds_no_caller(results: Results) -> None:
    record = recorded()
    records = Records(record)
    records.blocked = threading.Event()
    assert waited(results, records, record, 0.1) is record


@pytest.mark.parametrize("error", [Transient(), NotFound()])
def test_a_record_that_cannot_be_read_is_answered_as_it_was(results: Results, error: Exception) -> None:
    record = recorded()
    records = Records(record)
    records.found = error
    assert waited(results, records, record, 0.1) is record


def test_a_job_that_was_deleted_meanwhile_is_told_as_such(results: Results) -> None:
    record = recorded()
    records = Records(record)
    records.found = Deleted()
    results.end(record.id)
    with pytest.raises(Deleted):
        waited(results, records, record, GENEROUS)
