"""However often a worker is killed, and wherever: one manifest, one set of images, one event."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local.stack.service_process import Service, ServiceProcess
from tests.e2e.event_path.laptop import Laptop, running
from tests.e2e.event_path.mortal_stages import LABEL, POINTS
from tests.eventually import eventually

WORKERS = 2  # after a death most of the time is spent waiting for the message to come back


@contextmanager
def restarted_workers(laptop: Laptop, struck: Path) -> Generator[None]:
    """Mortal workers, each started again whenever it has died.

    They are forked as the stack's own are: to import everything again is most of what a start costs.
    """
    over = threading.Event()
    log = Path(laptop.environment["PLANTAIN_DATA"]) / "logs" / "mortal.log"
    service = Service("mortal", "tests.e2e.event_path.mortal_main", [str(struck)], laptop.environment, log)

    def supervise() -> None:
        while not over.is_set():
            process = ServiceProcess(service)
            while process.returncode is None and not over.wait(0.05):
                pass
            process.kill_group()
            process.close()

    threads = [threading.Thread(target=supervise) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


@pytest.fixture(scope="module")
def quick_lease(tmp_path_factory: pytest.TempPathFactory) -> Generator[Laptop]:
    variables = {
        "PLANTAIN_LEASE_SECONDS": "3",
        "PLANTAIN_CHECKPOINT_AFTER_SECONDS": "0",
        "PLANTAIN_SWEEP_AFTER_SECONDS": "5",
        "PLANTAIN_MAX_ATTEMPTS": "30",
        "PLANTAIN_JOBS_IN_FLIGHT": "1",  # so that no death comes before the one that a job asked for
    }
    with running(tmp_path_factory.mktemp("killed") / "data", workers=0, **variables) as laptop:
        yield laptop


@pytest.mark.timeout(1_200)
def test_a_worker_killed_at_every_stage_leaves_one_of_everything(quick_lease: Laptop, tmp_path: Path) -> None:
    laptop, settings = quick_lease, quick_lease.settings
    jobs = {point: laptop.post(count=2, labels={LABEL: point})["id"] for point in POINTS}

    with restarted_workers(laptop, tmp_path):
        states = {point: laptop.ended(job_id)["state"] for point, job_id in jobs.items()}

    assert {path.name for path in tmp_path.iterdir()} == set(jobs.values()), "every kill took place"
    assert states == dict.fromkeys(POINTS, "succeeded")
    expected: set[str] = set()
    bucket = laptop.storage().bucket(settings.results_bucket)
    for job_id in jobs.values():
        manifest = laptop.manifest(job_id)
        expected |= {f"{job_id}/manifest.json"} | {image.name for image in manifest.images}
        assert len(manifest.images) == 2
        for image in manifest.images:
            data = bucket.blob(image.name).download_as_bytes()
            assert hashlib.sha256(data).hexdigest() == image.sha256
    assert laptop.names(settings.results_bucket) == expected
    assert not laptop.names(settings.jobs_bucket, "checkpoints/")

    seen: Counter[str] = Counter()

    def all_told() -> bool:
        seen.update(event["id"] for event in laptop.events())
        return len(seen) == len(jobs) and not laptop.names(settings.jobs_bucket, "open/")

    eventually(all_told, "an event for every job")
    assert set(seen) == {laptop.manifest(job_id).event_id for job_id in jobs.values()}
