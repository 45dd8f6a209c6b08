"""Equal requests: a repeat finds the first job, two that are meant twice are two jobs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from functions.contract import paths
from functions.contract.document import now
from functions.contract.errors import (
    AnswerTooLarge,
    ClientGone,
    NotReadyInTime,
    PromptBlocked,
    TooManyWaiting,
    Transient,
)
from functions.contract.request import JobRequest
from functions.contract.storage.bucket import Bucket
from functions.deletion.job_deletion import delete_job
from functions.intake.admission import JobPlan, admit_job
from functions.job_end_watcher import JobEndWatcher
from functions.waiting import process_heartbeat, repeats
from functions.waiting.synchronous_job import SynchronousJob, begin_job
from functions.waiting.wait_hints import WaitHints
from tests.integration.functions.deployment import Deployment

BOAT = JobRequest(task="generate", prompt="a red boat")


class Caller:
    """A client's connection, which a test can close."""

    def __init__(self, deployment: Deployment, owner: str = "ada") -> None:
        self.deployment, self.owner = deployment, owner
        self.is_gone = False

    def begin(
        self,
        request: JobRequest = BOAT,
        *,
        seconds: float = 0.1,
        is_repeat: bool = False,
        idempotency_key: str | None = None,
    ) -> SynchronousJob:
        asked = WaitHints(seconds, is_repeat, idempotency_key)
        services = self.deployment.services
        return begin_job(
            services, self.owner, request, asked, dialect="test", is_abandoned=lambda: self.is_gone
        )


@contextmanager
def another_process(monkeypatch: pytest.MonkeyPatch, name: str) -> Generator[None]:
    """The block runs as a process of its own, whose heartbeat is not written afterwards."""
    with monkeypatch.context() as patched:
        patched.setattr(repeats, "PROCESS", name)
        patched.setattr(process_heartbeat, "PROCESS", name)
        yield


def count_calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Returns a list that the name of each storage operation is added to, but for the beats of processes."""
    calls: list[str] = []
    for name in ("get", "put", "stat", "list", "set_metadata", "delete"):
        original = getattr(Bucket, name)

        def counted(bucket: Bucket, *given: Any, _name: str = name, _do: Any = original, **named: Any) -> Any:
            if not str((*given, "")[0]).startswith(paths.process_heartbeat("")):
                calls.append(_name)
            return _do(bucket, *given, **named)

        monkeypatch.setattr(Bucket, name, counted)
    return calls


@pytest.fixture(autouse=True)
def quick_pulse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_heartbeat, "_MISSED", 0.6)
    monkeypatch.setattr(process_heartbeat, "_LOOK", 0.1)


def test_two_callers_who_wait_at_once_get_two_jobs(deployment: Deployment) -> None:
    first, second = Caller(deployment).begin(), Caller(deployment).begin()
    assert first.record.id != second.record.id
    for job in (first, second):
        job.close()


def test_the_first_of_equal_requests_costs_one_storage_operation(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    Caller(deployment).begin(JobRequest(task="generate", prompt="a warm-up")).close()  # writes the first beat
    calls = count_calls(monkeypatch)
    job = Caller(deployment).begin()
    with_place = Counter(calls)
    calls.clear()
    admit_job(deployment.services, BOAT, "ada")
    assert with_place - Counter(calls) == Counter({"put": 1})
    job.close()


def test_places_beside_the_first_are_found_until_all_are_old(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Caller(deployment).begin(), Caller(deployment).begin()
    first.close(is_answered=True)
    second.close()
    assert Caller(deployment).begin().record.id == second.record.id
    with monkeypatch.context() as later:
        later.setattr(repeats, "now", lambda: now() + repeats.WINDOW + timedelta(minutes=1))
        third = Caller(deployment).begin()
        assert third.record.id not in (first.record.id, second.record.id)
        third.close()
        assert Caller(deployment).begin().record.id == third.record.id
    places = list(deployment.services.jobs.list(paths.REPEATS))
    assert [place.name.rpartition("/")[2] for place in places] == ["first"]


def test_a_request_after_the_answer_is_a_new_job(deployment: Deployment) -> None:
    first = Caller(deployment).begin()
    first.close(is_answered=True)
    assert Caller(deployment).begin().record.id != first.record.id


def test_a_request_after_a_lost_connection_finds_the_job(deployment: Deployment) -> None:
    caller = Caller(deployment)
    first = caller.begin()
    caller.is_gone = True  # and no handler has noticed yet
    assert Caller(deployment).begin().record.id == first.record.id


def test_a_request_after_the_time_was_over_finds_the_job(deployment: Deployment) -> None:
    first = Caller(deployment).begin()
    with pytest.raises(NotReadyInTime) as told:
        first.wait()
    first.close()
    assert told.value.job_id == first.record.id
    assert Caller(deployment).begin().record.id == first.record.id


@pytest.mark.parametrize("is_answered", [False, True])
def test_a_client_that_counts_its_repeats_finds_the_job_always(
    deployment: Deployment, is_answered: bool
) -> None:
    first = Caller(deployment).begin()
    if is_answered:
        first.close(is_answered=True)
    assert Caller(deployment).begin(is_repeat=True).record.id == first.record.id


def test_each_of_two_repeats_finds_a_job_of_its_own(deployment: Deployment) -> None:
    jobs = [Caller(deployment).begin() for _ in range(2)]
    for job in jobs:
        job.close()
    found = [Caller(deployment).begin().record.id for _ in range(3)]
    assert set(found[:2]) == {job.record.id for job in jobs}
    assert found[2] not in found[:2]


def test_a_seed_makes_equal_requests_one_job(deployment: Deployment) -> None:
    request = BOAT.model_copy(update={"seed": 7})
    first = Caller(deployment).begin(request)
    first.close(is_answered=True)
    assert Caller(deployment).begin(request).record.id == first.record.id


def test_an_equal_request_after_its_job_was_deleted_is_a_new_job(deployment: Deployment) -> None:
    seeded = BOAT.model_copy(update={"seed": 7})
    first = Caller(deployment).begin(seeded)
    first.close(is_answered=True)
    deployment.succeed(first.record.id)
    delete_job(deployment.services, first.record.id)
    second = Caller(deployment).begin(seeded)
    assert second.record.id != first.record.id
    assert Caller(deployment).begin(seeded).record.id == second.record.id


def test_a_job_of_a_process_that_ended_is_found(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    with another_process(monkeypatch, "killed"):
        first = Caller(deployment).begin()
    process_heartbeat.HEARTBEAT.release(first.place.name if first.place else "")
    assert Caller(deployment).begin().record.id == first.record.id


def test_a_job_of_a_process_that_lives_is_left_to_its_caller(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    with another_process(monkeypatch, "alive"):
        first = Caller(deployment).begin()
    objects = deployment.services.jobs
    seen = objects.stat

    def stat_while_it_beats(name: str, generation: int | None = None) -> object:
        objects.put(paths.process_heartbeat("alive"), b"", "text/plain")
        return seen(name, generation)

    monkeypatch.setattr(objects, "stat", stat_while_it_beats)
    assert Caller(deployment).begin().record.id != first.record.id


def test_another_owner_and_another_prompt_find_nothing(deployment: Deployment) -> None:
    first = Caller(deployment).begin()
    first.close()
    assert Caller(deployment, "grace").begin().record.id != first.record.id
    other = BOAT.model_copy(update={"prompt": "a blue boat"})
    assert Caller(deployment).begin(other).record.id != first.record.id


def test_after_a_quarter_of_an_hour_a_request_is_new(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Caller(deployment).begin()
    first.close()
    monkeypatch.setattr(repeats, "now", lambda: now() + timedelta(minutes=16))
    assert Caller(deployment).begin(is_repeat=True).record.id != first.record.id
    prefix = paths.equal_requests_prefix("ada", first.record.request_sha256)
    assert len(list(deployment.services.jobs.list(prefix))) == 1  # the old place is removed


def test_a_key_of_the_caller_decides_alone(deployment: Deployment) -> None:
    first = Caller(deployment).begin(idempotency_key="k")
    first.close(is_answered=True)
    assert Caller(deployment).begin(idempotency_key="k").record.id == first.record.id
    assert first.place is None


def test_a_refused_request_leaves_no_job_and_is_refused_again(deployment: Deployment) -> None:
    bad = BOAT.model_copy(update={"prompt": "how to build a pipe bomb at home"})
    for _ in range(2):
        with pytest.raises(PromptBlocked):
            Caller(deployment).begin(bad)
    assert deployment.client.get("/v1/jobs").json["jobs"] == []


def test_a_plan_that_is_refused_writes_no_job(deployment: Deployment) -> None:
    def refuse(plan: JobPlan) -> None:
        raise AnswerTooLarge(f"{plan.width} is too much.")

    services = deployment.services
    refuse_all: Callable[[JobPlan], None] = refuse
    with pytest.raises(AnswerTooLarge, match="1024"):
        begin_job(
            services, "ada", BOAT, WaitHints(), dialect="t", is_abandoned=lambda: False, check_plan=refuse_all
        )
    assert list(services.jobs.list("jobs/")) == []


def test_a_closed_connection_ends_the_wait_and_not_the_job(deployment: Deployment) -> None:
    caller = Caller(deployment)
    job = caller.begin(seconds=60)
    caller.is_gone = True
    with pytest.raises(ClientGone):
        job.wait()
    assert deployment.record(job.record.id).state == "queued"


def test_the_pictures_of_a_job_that_succeeded(deployment: Deployment) -> None:
    job = Caller(deployment).begin(seconds=60)
    deployment.succeed(job.record.id)
    found = job.wait()
    assert found.read_picture(deployment.services, 0)
    response = job.deliver([b"a", b"b"])
    assert response.get_data() == b"ab"
    assert response.headers["X-Plantain-Job"] == job.record.id
    assert Caller(deployment).begin().record.id != job.record.id


def test_a_picture_that_was_read_early_is_kept_for_one_answer(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = Caller(deployment).begin(seconds=60)
    job.sends_pictures = True
    deployment.succeed(job.record.id)
    found = job.wait()
    calls = count_calls(monkeypatch)
    first = found.read_picture(deployment.services, 0)
    assert "get" not in calls
    assert found.read_picture(deployment.services, 0) == first
    assert calls.count("get") == 1
    job.close()


def test_an_early_read_that_failed_is_made_again(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = Caller(deployment).begin(seconds=60)
    job.sends_pictures = True
    deployment.succeed(job.record.id)
    results = deployment.services.results
    read = results.get

    def fail_for_pictures(name: str, generation: int | None = None) -> object:
        if name.endswith(".png"):
            raise Transient("Storage does not answer.")
        return read(name, generation)

    with monkeypatch.context() as broken:
        broken.setattr(results, "get", fail_for_pictures)
        found = job.wait()
        with pytest.raises(Transient):
            found.read_picture(deployment.services, 0)
    assert found.read_picture(deployment.services, 0)
    job.close()


def test_an_answer_that_was_not_sent_whole_is_not_answered(deployment: Deployment) -> None:
    job = Caller(deployment).begin(seconds=60)
    deployment.succeed(job.record.id)
    response = job.deliver([b"a", b"b"])
    next(iter(response.response))  # pyright: ignore[reportArgumentType, reportUnknownArgumentType]
    response.close()
    again = Caller(deployment).begin()
    assert again.record.id == job.record.id
    assert again.wait().pictures


def test_the_progress_of_a_job_until_its_end(deployment: Deployment) -> None:
    job = Caller(deployment).begin(seconds=60)
    updates = job.updates()
    assert next(updates) == job.record
    deployment.claim(job.record.id)
    assert getattr(next(updates), "state", None) == "running"
    deployment.succeed(job.record.id)
    assert [getattr(record, "state", None) for record in updates] == ["succeeded"]
    assert job.finish().pictures


def test_no_place_to_wait_is_told_with_the_jobs_id(deployment: Deployment) -> None:
    full = deployment.replace()
    object.__setattr__(full.services, "watcher", JobEndWatcher(full.services.results, places=1))
    with full.services.watcher.watch("job_other"):
        job = Caller(full).begin(seconds=60)
        with pytest.raises(TooManyWaiting) as told:
            job.wait()
    assert told.value.job_id == job.record.id
