"""Records, their index and the markers of open jobs."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from functions.contract import ids, paths
from functions.contract.document import now
from functions.contract.errors import InvalidRequest, NotFound, Overtaken, UnsupportedVersion
from functions.contract.job import JobRecord
from functions.contract.request import JobRequest
from functions.contract.states import State
from functions.contract.storage.bucket import Bucket
from functions.contract.storage.job_store import JobStore
from functions.contract.timestamps import format_time
from functions.contract.tombstone import Tombstone
from local.storage import StorageFaults

RACERS = 16
MakeRecord = Callable[..., JobRecord]


def same(record: JobRecord) -> JobRecord:
    return record.model_copy(update={"nonce": ""})


def attempted(record: JobRecord) -> JobRecord:
    return record.model_copy(update={"attempt": record.attempt + 1})


@pytest.fixture
def fleet(store: JobStore, make_record: MakeRecord) -> list[JobRecord]:
    """Ada's nine jobs, newest first: every third running, every second labelled for the harbour."""
    start = now() - timedelta(hours=1)
    fleet: list[JobRecord] = []
    for n in range(9):
        labels = {"team": "sea", "for": "harbour"} if n % 2 else {"team": "sea"}
        request = JobRequest(task="generate", prompt="a boat", labels=labels)
        record = make_record(created=start + timedelta(minutes=n), request=request)
        fleet.insert(0, record.claimed("worker-1", 30) if n % 3 == 0 else record)
        store.put_in_index(fleet[0])
    store.put_in_index(make_record(owner="bob"))
    return fleet


# Records.


def test_a_record_is_read_as_it_was_created(store: JobStore, record: JobRecord) -> None:
    created = store.create(record)
    read = store.read(record.id)
    assert read == created
    assert same(read.record) == record


def test_a_job_is_created_once(store: JobStore, record: JobRecord) -> None:
    store.create(record)
    with pytest.raises(Overtaken):
        store.create(record)


def test_of_many_that_create_one_job_exactly_one_does(store: JobStore, record: JobRecord) -> None:
    def create(seed: int) -> int | None:
        try:
            return store.create(record.model_copy(update={"seed": seed})).record.seed
        except Overtaken:
            return None

    with ThreadPoolExecutor(RACERS) as racers:
        created = [seed for seed in racers.map(create, range(RACERS)) if seed is not None]
    assert created == [store.read(record.id).record.seed]


def test_a_job_that_is_not_there_is_not_found(store: JobStore) -> None:
    with pytest.raises(NotFound, match="no such job"):
        store.read(ids.new_job_id())
    with pytest.raises(NotFound, match="no such job"):
        store.change(ids.new_job_id(), attempted)


def test_a_newer_plantains_record_is_refused_and_left_alone(store: JobStore, record: JobRecord) -> None:
    generation = store.bucket.put(
        paths.job_record(record.id), record.model_copy(update={"version": 2}).encode()
    )
    with pytest.raises(UnsupportedVersion):
        store.read(record.id)
    with pytest.raises(UnsupportedVersion):
        store.change(record.id, attempted)
    assert store.bucket.stat(paths.job_record(record.id)).generation == generation


def test_a_write_at_an_old_generation_is_overtaken(store: JobStore, record: JobRecord) -> None:
    old = store.create(record)
    store.change(record.id, attempted)
    with pytest.raises(Overtaken):
        store.write(old.record, old.generation)


def test_every_change_of_many_racers_is_made_once(store: JobStore, record: JobRecord) -> None:
    store.create(record)
    with ThreadPoolExecutor(RACERS) as racers:
        changed = list(racers.map(store.change, [record.id] * RACERS, [attempted] * RACERS))
    assert sorted(each.record.attempt for each in changed) == list(range(1, RACERS + 1))
    assert store.read(record.id).record.attempt == RACERS


def test_a_change_starts_from_what_the_caller_knows_and_reads_again_when_that_is_old(
    store: JobStore, record: JobRecord
) -> None:
    old = store.create(record)
    store.change(record.id, attempted, known=old)
    assert store.change(record.id, attempted, known=old).record.attempt == 2


def test_a_change_to_nothing_writes_nothing(store: JobStore, record: JobRecord) -> None:
    created = store.create(record)
    assert store.change(record.id, lambda _: None) == created


def test_one_claim_of_many_stands(store: JobStore, record: JobRecord) -> None:
    store.create(record)

    def claim(n: int) -> bool:
        me = f"worker-{n}"

        def mine(current: JobRecord) -> JobRecord | None:
            live = current.lease is not None and current.lease.is_live()
            return None if live else current.claimed(me, 600)

        lease = store.change(record.id, mine).record.lease
        return lease is not None and lease.holder == me

    with ThreadPoolExecutor(RACERS) as racers:
        assert sum(racers.map(claim, range(RACERS))) == 1
    assert store.read(record.id).record.attempt == 1


def test_our_own_write_is_known_again_when_its_answer_was_lost(
    store: JobStore, record: JobRecord, faults: StorageFaults
) -> None:
    faults.lost_answer = 1.0
    created = store.create(record)
    changed = store.change(record.id, attempted)
    faults.lost_answer = 0.0
    assert same(created.record) == record
    assert changed.generation > created.generation
    assert store.read(record.id) == changed
    assert changed.record.attempt == 1


def test_anothers_write_is_not_taken_for_ours_when_answers_are_lost(
    store: JobStore, record: JobRecord, faults: StorageFaults
) -> None:
    store.create(record)
    faults.lost_answer = 1.0
    with pytest.raises(Overtaken):
        store.create(record)


def test_lost_answers_among_racers_change_nothing_twice(
    store: JobStore, record: JobRecord, faults: StorageFaults
) -> None:
    """A change whose answer is lost, and which another has built upon by then, may be made again: a move
    says whether it still can be, so a job that ends does so once."""
    store.create(record)
    faults.lost_answer = 0.3

    def end(state: State) -> JobRecord:
        return store.change(
            record.id, lambda current: None if current.state.is_terminal else current.moved(state)
        ).record

    with ThreadPoolExecutor(4) as racers:
        ended = list(racers.map(end, [State.SUCCEEDED, State.FAILED, State.CANCELED, State.EXPIRED]))
    assert {each.state for each in ended} == {store.read(record.id).record.state}
    assert len(ended[0].history) == 1


# The index.


def ids_of(records: list[JobRecord]) -> list[str]:
    return [record.id for record in records]


def test_an_owner_sees_the_owners_jobs_newest_first(store: JobStore, fleet: list[JobRecord]) -> None:
    page = store.list_jobs("ada")
    assert [entry.id for entry in page.entries] == ids_of(fleet)
    assert page.cursor is None
    assert store.list_jobs("eve").entries == ()


def test_a_listing_shows_state_task_and_labels(store: JobStore, fleet: list[JobRecord]) -> None:
    entry = store.list_jobs("ada").entries[1]
    assert entry.state == "queued"
    assert entry.metadata["task"] == "generate"
    assert entry.metadata["label.for"] == "harbour"
    assert entry.metadata["created"] == format_time(fleet[1].created)


@pytest.mark.parametrize("limit", [1, 2, 4, 9, 100])
@pytest.mark.parametrize(
    ("state", "labels"),
    [(None, {}), (State.RUNNING, {}), (None, {"for": "harbour"}), (State.QUEUED, {"for": "harbour"})],
)
def test_pages_cover_what_was_asked_for_once(
    store: JobStore, fleet: list[JobRecord], limit: int, state: State | None, labels: dict[str, str]
) -> None:
    wanted = [
        record
        for record in fleet
        if state in (None, record.state) and labels.items() <= record.request.labels.items()
    ]
    found: list[str] = []
    cursor: str | None = None
    for _ in range(len(fleet) + 1):
        page = store.list_jobs("ada", state=state, labels=labels, limit=limit, cursor=cursor)
        assert len(page.entries) <= limit
        found += [entry.id for entry in page.entries]
        cursor = page.cursor
        if cursor is None:
            break
    assert cursor is None
    assert found == ids_of(wanted)


def test_a_job_that_comes_while_pages_are_turned_disturbs_none(
    store: JobStore, fleet: list[JobRecord], make_record: MakeRecord
) -> None:
    first = store.list_jobs("ada", limit=4)
    store.put_in_index(make_record())
    second = store.list_jobs("ada", limit=100, cursor=first.cursor)
    assert [entry.id for entry in (*first.entries, *second.entries)] == ids_of(fleet)


@pytest.mark.parametrize("cursor", ["x", "????", "é", "a" * 1_000, "Li4vLi4v", "MTIz", "AAAA"])
def test_a_cursor_that_no_listing_gave_is_refused(store: JobStore, cursor: str) -> None:
    with pytest.raises(InvalidRequest, match="cursor"):
        store.list_jobs("ada", cursor=cursor)


def state_listed(store: JobStore) -> str:
    (entry,) = store.list_jobs("ada").entries
    return entry.state


def test_the_index_follows_the_record(store: JobStore, record: JobRecord) -> None:
    running = record.claimed("worker-1", 30)
    for each in (record, running, running.moved(State.CANCELING), running.moved(State.CANCELED)):
        store.put_in_index(each)
        assert state_listed(store) == each.state


def test_an_entry_that_is_there_is_updated_with_a_read_and_a_write(
    store: JobStore, record: JobRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    running = record.claimed("worker-1", 30)

    def note(call: str) -> None:
        original = getattr(Bucket, call)

        def noted(*given: Any, **named: Any) -> Any:
            calls.append(call)
            return original(*given, **named)

        monkeypatch.setattr(Bucket, call, noted)

    store.put_in_index(record)
    for call in ("put", "stat", "get"):
        note(call)
    store.update_in_index(running)
    assert calls == ["stat", "put"]
    assert state_listed(store) == "running"
    store.update_in_index(record)
    assert state_listed(store) == "running"


def test_an_entry_that_is_missing_is_written(store: JobStore, record: JobRecord) -> None:
    store.update_in_index(record.claimed("worker-1", 30))
    assert state_listed(store) == "running"


def test_no_entry_is_written_for_a_deleted_job(store: JobStore, record: JobRecord) -> None:
    stored = store.create(record)
    tombstone = Tombstone(
        id=record.id,
        owner_hash=ids.owner_hash(record.owner),
        task="generate",
        state=State.FAILED,
        event_id=ids.event_id(record.id),
        created=record.created,
        ended=now(),
        deleted=now(),
        request_sha256=record.request_sha256,
    )
    store.put_tombstone(tombstone, stored.generation)
    store.update_in_index(record.claimed("worker-1", 30))
    assert not store.list_jobs("ada").entries


def test_a_late_write_never_takes_the_index_back(store: JobStore, record: JobRecord) -> None:
    """The door writes "queued" while a quick worker is done already."""
    running = record.claimed("worker-1", 30)
    store.put_in_index(running)
    store.put_in_index(record)
    assert state_listed(store) == "running"
    store.put_in_index(running.moved(State.SUCCEEDED))
    for late in (record, running, running.moved(State.CANCELING)):
        store.put_in_index(late)
        assert state_listed(store) == "succeeded"


def test_the_index_says_the_end_after_a_race(store: JobStore, record: JobRecord) -> None:
    running = record.claimed("worker-1", 30)
    states = [record, running, running.moved(State.CANCELING), running.moved(State.SUCCEEDED)] * 4
    with ThreadPoolExecutor(RACERS) as racers:
        list(racers.map(store.put_in_index, states))
    assert state_listed(store) == "succeeded"


# Open jobs.


def test_a_job_is_open_until_it_is_closed(store: JobStore, record: JobRecord) -> None:
    store.markers.open(record.id)
    (marker,) = store.list_open()
    assert marker.name == paths.open_marker(record.id)
    assert "published" not in marker.metadata
    store.markers.mark(record.id, published="yes")
    (marker,) = store.list_open()
    assert marker.metadata["published"] == "yes"
    store.markers.close(record.id)
    store.markers.close(record.id)
    assert list(store.list_open()) == []


def test_marking_what_is_closed_already_is_no_error(store: JobStore, record: JobRecord) -> None:
    store.markers.mark(record.id, published="yes")
    assert list(store.list_open()) == []
