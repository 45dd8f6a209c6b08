"""What an owner may ask for: jobs at once, jobs a minute, bytes a day."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from functions.contract import ids, paths
from functions.contract.api_keys.digests import digest_key
from functions.contract.document import now
from functions.contract.errors import Transient
from functions.contract.owner_limits import OwnerLimits
from functions.contract.request import JobRequest
from functions.contract.storage.bucket import Bucket
from functions.intake.admission import admit_job
from functions.limits import daily_bytes, job_places
from functions.limits.allowance import take_job
from functions.triggers.uploads import on_upload
from tests.integration.functions.batch import BOAT, Batch, jsonl
from tests.integration.functions.deployment import Answer, Deployment, base64_of, picture

JOB = {"task": "generate", "prompt": "a boat", "size": "512"}
PICTURE = picture(512, 512)
EDIT = {"task": "edit", "prompt": "snow", "images": [{"data": base64_of(PICTURE)}]}
KEYS = {digest_key(f"{owner}-key"): owner for owner in ("ada", "bob")}


def limited(deployment: Deployment, **limits: int) -> Deployment:
    return deployment.replace(limits={"*": OwnerLimits(**limits)})


def ask(deployment: Deployment, body: Any = JOB, **headers: str) -> Answer:
    return deployment.post(body, **headers)


def ask_once(deployment: Deployment, body: Any = JOB) -> int:
    return ask(deployment, body).status_code


def end(deployment: Deployment, answer: Answer) -> None:
    deployment.claim(answer.json["id"])
    deployment.succeed(answer.json["id"])


def places(deployment: Deployment, owner: str = "local") -> list[str]:
    return [
        info.name.rpartition("/")[2] for info in deployment.services.jobs.list(paths.job_places_prefix(owner))
    ]


@pytest.fixture
def a_minute_later(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Makes every place that is there older than a minute."""
    return lambda: monkeypatch.setattr(job_places, "MINUTE", timedelta(0))


# Jobs at once. -----------------------------------------------------------------------------------------


def test_an_owner_has_so_many_open_jobs_and_the_next_one_once_one_has_ended(deployment: Deployment) -> None:
    few = limited(deployment, jobs_at_once=2)
    first, second = ask(few), ask(few)
    before = few.objects()
    refused = ask(few)
    assert (refused.status_code, refused.json["code"], refused.json["retryable"]) == (
        429,
        "limit_reached",
        True,
    )
    assert "2 jobs at once" in refused.json["detail"]
    assert refused.headers["Retry-After"] == "5"
    assert few.objects() == before, "nothing of a refused job stays"
    end(few, first)
    third = ask(few)
    assert [answer.status_code for answer in (first, second, third)] == [202, 202, 202]
    assert ask(few).status_code == 429


def test_the_places_of_ended_jobs_go(deployment: Deployment, a_minute_later: Callable[[], None]) -> None:
    few = limited(deployment, jobs_at_once=2)
    for _ in range(2):
        end(few, ask(few))
    a_minute_later()
    third = ask(few)
    assert places(few) == [third.json["id"]]


@pytest.mark.parametrize("is_ended", [True, False])
def test_a_repeat_of_a_job_is_never_counted(deployment: Deployment, is_ended: bool) -> None:
    few = limited(deployment, jobs_at_once=1, jobs_per_minute=1, bytes_per_day=len(PICTURE))
    first = ask(few, EDIT, Idempotency_Key="order-1")
    if is_ended:
        end(few, first)
    again = [ask(few, EDIT, Idempotency_Key="order-1") for _ in range(3)]
    assert {answer.json["id"] for answer in again} == {first.json["id"]}
    assert ask(few, Idempotency_Key="order-2").status_code == 429


def test_a_request_that_is_not_valid_is_told_so_and_takes_nothing(deployment: Deployment) -> None:
    few = limited(deployment, jobs_at_once=1)
    assert ask(few, {**JOB, "size": "3K"}).status_code == 400
    assert places(few) == []
    assert ask(few).status_code == 202
    assert ask(few, {**JOB, "size": "3K"}).status_code == 400


def test_a_dry_run_takes_nothing(deployment: Deployment) -> None:
    few = limited(deployment, jobs_at_once=1, bytes_per_day=1)
    assert ask(few, {**EDIT, "dry_run": True}).status_code == 200
    assert few.objects() == set()


def test_one_owner_s_jobs_are_not_another_s(deployment: Deployment) -> None:
    shared = deployment.replace(
        api_keys=KEYS, limits={"*": OwnerLimits(jobs_at_once=1), "bob": OwnerLimits(jobs_at_once=2)}
    )
    answers = [
        ask(shared, X_API_Key=f"{owner}-key").status_code for owner in ("ada", "ada", "bob", "bob", "bob")
    ]
    assert answers == [202, 429, 202, 202, 429]


@pytest.mark.parametrize(
    "limits", [{"jobs_at_once": 5}, {"jobs_per_minute": 5}, {"jobs_at_once": 5, "jobs_per_minute": 9}]
)
def test_of_requests_at_the_same_time_no_more_pass_than_may(
    deployment: Deployment, limits: dict[str, int]
) -> None:
    few = limited(deployment, **limits)
    with ThreadPoolExecutor(16) as hands:
        answers = list(hands.map(ask_once, [few] * 24))
    assert sorted(answers) == [202] * 5 + [429] * 19
    assert len(places(few)) == 5


def test_equal_requests_at_the_same_time_take_one_place(deployment: Deployment) -> None:
    few = limited(deployment, jobs_at_once=2, bytes_per_day=2 * len(PICTURE))
    with ThreadPoolExecutor(8) as hands:
        answers = list(hands.map(partial(ask, body=EDIT, Idempotency_Key="order-1"), [few] * 8))
    assert {answer.status_code for answer in answers} <= {200, 202, 429}
    made = {answer.json["id"] for answer in answers if answer.status_code < 300}
    assert len(made) == 1
    assert places(few) == [*made]


def test_what_a_process_that_ended_has_left_is_counted_for_minutes_only(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = limited(deployment, jobs_at_once=1)
    take_job(few.services, "local", ids.new_job_id(), 0)
    assert ask(few).status_code == 429
    monkeypatch.setattr(job_places, "_GONE", timedelta(0))
    assert ask(few).status_code == 202
    assert ask(few).status_code == 429


# Jobs a minute. ----------------------------------------------------------------------------------------


def test_an_owner_makes_so_many_jobs_a_minute(
    deployment: Deployment, a_minute_later: Callable[[], None]
) -> None:
    few = limited(deployment, jobs_per_minute=3)
    for _ in range(3):
        end(few, ask(few))
    refused = ask(few)
    assert refused.status_code == 429
    assert "3 jobs a minute" in refused.json["detail"]
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert len(places(few)) == 3
    a_minute_later()
    last = ask(few)
    assert last.status_code == 202
    assert places(few) == [last.json["id"]]


# Bytes a day. ------------------------------------------------------------------------------------------


def test_an_owner_sends_so_many_bytes_a_day(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    few = limited(deployment, bytes_per_day=2 * len(PICTURE) + 1)
    name = "mine/boat.png"
    few.upload(name, PICTURE)
    named = {**EDIT, "images": [{"uri": f"gs://{few.settings.uploads_bucket}/{name}"}]}
    few = few.replace(uploads_owners={"mine/": "local"})
    assert [ask(few, body).status_code for body in (EDIT, named, EDIT)] == [202, 202, 429]
    refused = ask(few, EDIT)
    assert refused.json["detail"].endswith(f"1 are left, and these are {len(PICTURE)}.")
    assert 1 <= int(refused.headers["Retry-After"]) <= 86_400
    assert ask(few).status_code == 202, "a job without pictures sends none"
    monkeypatch.setattr(daily_bytes, "now", lambda: now() + timedelta(days=1))
    assert ask(few, EDIT).status_code == 202


def test_bytes_of_requests_at_the_same_time_are_all_counted(deployment: Deployment) -> None:
    few = limited(deployment, bytes_per_day=4 * len(PICTURE))
    with ThreadPoolExecutor(8) as hands:
        answers = list(hands.map(ask_once, [few] * 12, [EDIT] * 12))
    assert sorted(answers) == [202] * 4 + [429] * 8


def test_a_place_is_given_back_where_the_bytes_are_too_many(deployment: Deployment) -> None:
    few = limited(deployment, jobs_at_once=1, bytes_per_day=1)
    assert ask(few, EDIT).status_code == 429
    assert places(few) == []
    assert ask(few).status_code == 202


# What it costs. ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "more"),
    [
        ({}, []),
        ({"jobs_at_once": 9, "jobs_per_minute": 9}, ["list", "put"]),
        ({"bytes_per_day": 10**9}, ["get", "put"]),
    ],
)
def test_a_new_job_costs_so_many_operations_more(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, limits: dict[str, int], more: list[str]
) -> None:
    calls: list[str] = []
    for call in ("put", "set_metadata", "delete", "get", "stat", "list", "find_existing"):
        original = getattr(Bucket, call)

        def counted(
            self: Bucket, *given: Any, _call: str = call, _o: Callable[..., Any] = original, **named: Any
        ) -> Any:
            calls.append(_call)
            return _o(self, *given, **named)

        monkeypatch.setattr(Bucket, call, counted)
    admit_job(limited(deployment, **limits).services, JobRequest.model_validate(EDIT), "local")
    assert sorted(calls) == sorted(["put", "put", "put", "put", "set_metadata", *more])


# Jobs that no caller waits for. ------------------------------------------------------------------------


def test_the_lines_of_a_batch_wait_and_none_is_refused(deployment: Deployment) -> None:
    few = limited(deployment, jobs_at_once=2)
    batch = Batch.begin(few, jsonl(*({**BOAT, "seed": n} for n in range(5))))
    seen: set[str] = set()
    for _ in range(5):
        with suppress(Transient):
            batch.driven()
        opened = [item.job_id for item in batch.items if item.state == "queued" and item.job_id]
        opened = [job_id for job_id in opened if few.is_open(job_id) and job_id not in seen]
        assert len(opened) <= 2
        for job_id in opened:
            seen.add(job_id)
            few.claim(job_id)
            few.succeed(job_id)
    assert len(seen) == 5
    assert not batch.refused()


def test_an_upload_waits_for_its_event_to_come_again(deployment: Deployment) -> None:
    event = deployment.upload("boat.png", PICTURE, {"plantain-prompt": "snow"})
    limits = limited(deployment, jobs_at_once=1)
    assert ask(limits).status_code == 202
    with pytest.raises(Transient):
        on_upload(limits.services, event)
