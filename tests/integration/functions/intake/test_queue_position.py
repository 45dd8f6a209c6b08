"""A queued job tells how many are before it; a dry run, how long it would take."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from functions.contract import paths
from functions.contract.storage.bucket import Bucket
from functions.contract.storage.job_pace import note_pace
from functions.intake import queue_position
from tests.integration.functions.deployment import Deployment

DRY = {"task": "generate", "prompt": "a red boat", "size": "512", "dry_run": True}


def ahead(deployment: Deployment, job_id: str) -> int:
    return deployment.job(job_id)["queue"]["ahead"]


def test_jobs_that_came_before_and_have_not_ended_are_ahead(deployment: Deployment) -> None:
    jobs = [deployment.generate() for _ in range(4)]
    assert [ahead(deployment, job_id) for job_id in jobs] == [0, 1, 2, 3]
    deployment.claim(jobs[0])
    deployment.succeed(jobs[0])
    deployment.services.store.markers.close(jobs[0])
    assert deployment.job(jobs[0])["queue"] is None
    assert [ahead(deployment, job_id) for job_id in jobs[1:]] == [0, 1, 2]


class AtOnce(ThreadPoolExecutor):
    """Does its work when it is given, so that work at the same time has one order."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done = Future[Any]()
        done.set_result(fn(*args, **kwargs))
        return done


@pytest.mark.parametrize(
    ("headers", "order"),
    [
        ({}, ["publish", "list", "index", "mark"]),
        (
            {"Prefer": "wait=0"},
            ["publish", "index", "mark", "list"],
        ),  # at the end, if it is not drawn by then
    ],
)
def test_a_new_job_is_published_first_and_its_place_looked_up_beside_the_last_writes(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], order: list[str]
) -> None:
    calls: list[str] = []

    def note(call: str, name: str, prefix: str) -> None:
        original = getattr(Bucket, call)

        def noted(bucket: Bucket, first: str, *rest: Any, **options: Any) -> Any:
            if first.startswith(prefix):
                calls.append(name)
            return original(bucket, first, *rest, **options)

        monkeypatch.setattr(Bucket, call, noted)

    note("list", "list", paths.OPEN)
    note("put", "index", paths.index_prefix("local"))
    note("set_metadata", "mark", paths.OPEN)

    def publish(*_: Any, **__: Any) -> None:
        calls.append("publish")

    deployment = deployment.replace(publish=publish, pool=AtOnce())
    answer = deployment.post({"task": "generate", "prompt": "a red boat", "size": "512"}, **headers)
    assert answer.json["queue"]["ahead"] == 0
    assert calls == order


def test_before_one_of_low_priority_are_all_normal_ones(deployment: Deployment) -> None:
    low = [deployment.generate(priority="low") for _ in range(2)]
    normal = [deployment.generate() for _ in range(3)]
    assert [ahead(deployment, job_id) for job_id in low] == [3, 4]
    assert [ahead(deployment, job_id) for job_id in normal] == [0, 1, 2]


def test_the_other_lane_s_jobs_are_not_ahead(deployment: Deployment) -> None:
    remote = deployment.replace(remote_models=("mock",))
    remote.generate()
    assert ahead(deployment, deployment.generate()) == 0


def test_a_job_that_is_worked_on_has_no_place(deployment: Deployment) -> None:
    job_id = deployment.generate()
    deployment.claim(job_id)
    assert deployment.job(job_id)["queue"] is None


def test_of_very_many_a_sample_is_looked_at(deployment: Deployment) -> None:
    jobs = [deployment.generate() for _ in range(30)]
    told = deployment.job(jobs[-1])["queue"]
    assert (told["ahead"], told["exact"]) == (29, True)
    record = deployment.record(jobs[-1])
    queue_position.SAMPLE, kept = 20, queue_position.SAMPLE
    try:
        sampled = queue_position.queue_position(deployment.services, record)
    finally:
        queue_position.SAMPLE = kept
    assert sampled is not None
    assert sampled["exact"] is False
    assert 10 <= int(str(sampled["ahead"])) <= 60


def test_a_marker_that_is_no_job_s_hurts_no_place(deployment: Deployment) -> None:
    job_id = deployment.generate()
    deployment.services.jobs.put("open/zz-garbage", b"")
    queue_position.SAMPLE, kept = 2, queue_position.SAMPLE
    try:
        assert deployment.job(job_id)["queue"]["ahead"] == 0
    finally:
        queue_position.SAMPLE = kept


def test_a_dry_run_knows_what_was_measured(deployment: Deployment) -> None:
    assert deployment.post(DRY).json["estimate"]["seconds"] is None
    note_pace(deployment.services.jobs, "mock", "generate", 512 * 512, 1, 3.0)
    assert deployment.post(DRY).json["estimate"]["seconds"] == 3.0
    assert deployment.post({**DRY, "count": 4}).json["estimate"]["seconds"] == 12.0
    assert deployment.job(deployment.generate())["queue"]["seconds"] == 3.0


@pytest.mark.parametrize(
    "data",
    [
        b"torn",
        b'{"kinds": {"generate-x": {"seconds": 1, "jobs": 1}}}',
        b'{"kinds": {"generate": {"seconds": 1, "jobs": 1}}}',
        b'{"kinds": {"generate-99999": {"seconds": 1, "jobs": 1}}}',
        b'{"kinds": {"generate--5000": {"seconds": 1, "jobs": 1}}}',
        b'{"kinds": {"generate-18": {"seconds": -1, "jobs": -1}}}',
    ],
)
def test_a_damaged_measurement_is_none(deployment: Deployment, data: bytes) -> None:
    deployment.services.jobs.put("pace/mock.json", data)
    assert deployment.post(DRY).json["estimate"]["seconds"] is None
    note_pace(deployment.services.jobs, "mock", "generate", 512 * 512, 1, 3.0)
    assert deployment.post(DRY).json["estimate"]["seconds"] == 3.0
