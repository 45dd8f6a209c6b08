"""A function that dies at any point of a fan-out: the next one does the rest, and nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from functions.batches.state_machine import advance_batch
from functions.contract.storage.bucket import Bucket, ObjectInfo
from functions.triggers.sweep import sweep_once
from functions.triggers.uploads import on_upload
from tests.integration.functions.batch import BOAT, Batch, jsonl
from tests.integration.functions.deployment import Deployment


class Killed(BaseException):
    """The process is gone: nothing catches it."""


@dataclass
class Life:
    """How many writes to Cloud Storage are still to come before the end; a death strikes after its write."""

    left: int

    def spend(self) -> None:
        self.left -= 1
        if self.left <= 0:
            raise Killed


class Mortal(Bucket):
    life: Life

    def put(self, *given: Any, **named: Any) -> int:
        written = super().put(*given, **named)
        self.life.spend()
        return written

    def set_metadata(self, *given: Any, **named: Any) -> ObjectInfo:
        changed = super().set_metadata(*given, **named)
        self.life.spend()
        return changed

    def delete(self, *given: Any, **named: Any) -> bool:
        is_gone = super().delete(*given, **named)
        self.life.spend()
        return is_gone


def mortal(deployment: Deployment, life: Life) -> Deployment:
    def bucket(name: str) -> Mortal:
        made = Mortal(deployment.storage, name)
        made.life = life
        return made

    settings = deployment.settings
    services = replace(
        deployment.services, jobs=bucket(settings.jobs_bucket), results=bucket(settings.results_bucket)
    )
    return replace(deployment, services=services)


def deaths(deployment: Deployment) -> Iterator[int]:
    """Points at which the whole of it dies, one after another, until it lives to the end."""
    for point in count(1):
        name = f"boats-{point}.jsonl"
        event = deployment.upload(name, jsonl(BOAT, b"bad", BOAT))
        doomed = mortal(deployment, Life(point))
        try:
            on_upload(doomed.services, event)
            batch = Batch.of(deployment, name)
            advance_batch(doomed.services, batch.id)
            yield 0
            return
        except Killed:
            on_upload(deployment.services, event)  # comes again, since it was not acknowledged
            yield point


def test_wherever_it_dies_there_is_each_job_once(deployment: Deployment) -> None:
    points = 0
    for point in deaths(deployment):
        points = max(points, point)
        batch = Batch.of(deployment, f"boats-{point or points + 1}.jsonl").driven()
        assert batch.refused() == {2: "invalid_request"}
        assert len(set(batch.jobs)) == 2
        sweep_once(deployment.services)  # a job whose publishing was cut off
        batch.succeed()
        assert batch.ended.counts == {"refused": 1, "succeeded": 2}
    assert points >= 12
    named = [name.rpartition("/")[2] for name in deployment.objects() if "/jobs/job_" in name]
    assert len(named) == len(set(named)) == 2 * (points + 1)
