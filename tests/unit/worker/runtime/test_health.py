"""How the worker is, as probes ask it: over HTTP, from a real server."""

from __future__ import annotations

import threading
from collections.abc import Generator

import httpx
import pytest

from functions.contract.settings import SettingsError
from tests.conftest import MakeRecord
from tests.eventually import PATIENCE, eventually
from worker.__main__ import health_port
from worker.leases import heartbeat
from worker.leases.heartbeat import Heartbeat
from worker.runtime.health import Health
from worker.runtime.health_server import HealthServer
from worker.runtime.lane_queue import LaneQueue
from worker.settings import WorkerSettings
from worker.stage_processes import stage_process
from worker.stage_processes.engine_server import run_engine_server
from worker.stage_processes.job_run import JobCallbacks
from worker.stage_processes.stage_process import StageProcess
from worker.stages.work import Work


def settings(**changes: object) -> WorkerSettings:
    return WorkerSettings.model_validate(
        {
            "profile": "local",
            "project": "p",
            "uploads_bucket": "u",
            "results_bucket": "r",
            "jobs_bucket": "j",
            **changes,
        }
    )


@pytest.fixture
def health() -> Health:
    return Health()


@pytest.fixture
def url(health: Health) -> Generator[str]:
    server = HealthServer(health, 0, "127.0.0.1")
    server.start()
    yield f"http://127.0.0.1:{server.port}"
    server.stop()


def status(url: str) -> int:
    return httpx.get(url).status_code


def test_a_worker_that_loads_its_models_is_well_and_not_ready(url: str) -> None:
    assert (status(f"{url}/healthz"), status(f"{url}/readyz")) == (200, 503)


def test_a_warm_worker_is_ready(health: Health, url: str) -> None:
    health.is_ready = True
    assert (status(f"{url}/healthz"), status(f"{url}/readyz?from=probe")) == (200, 200)


def test_a_worker_that_stops_is_well_and_takes_nothing_more(health: Health, url: str) -> None:
    health.is_ready = True
    health.is_ready = False
    assert (status(f"{url}/healthz"), status(f"{url}/readyz")) == (200, 503)


def test_what_cannot_be_mended_is_said(health: Health, url: str) -> None:
    health.is_ready = True
    health.watch(lambda: None, lambda: "the heartbeat stands still")
    assert httpx.get(f"{url}/healthz").json() == {"status": "the heartbeat stands still"}
    assert (status(f"{url}/healthz"), status(f"{url}/readyz")) == (503, 503)


def test_there_is_nothing_else(url: str) -> None:
    assert status(f"{url}/metrics") == 404
    assert httpx.post(f"{url}/healthz").status_code == 405


def test_a_port_that_is_taken_is_said(url: str) -> None:
    with pytest.raises(SettingsError, match="cannot be listened on"):
        HealthServer(Health(), int(url.rpartition(":")[2]), "127.0.0.1")


def test_it_listens_where_it_is_told_to() -> None:
    assert health_port(settings(), {}) is None
    assert health_port(settings(), {"PORT": "8080"}) == 8080
    assert health_port(settings(health_port=9000), {"PORT": "8080"}) == 9000


# What cannot be mended. -------------------------------------------------------------------------------


class SlowLease:
    """A lease whose renewals the test lets through."""

    def __init__(self, make_record: MakeRecord) -> None:
        self.record = make_record()
        self.let = threading.Event()
        self.began = threading.Event()

    def renew_if_due(self) -> None:
        self.began.set()
        self.let.wait()


def test_a_heartbeat_that_hangs_is_a_fault(make_record: MakeRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    lease, beats = SlowLease(make_record), Heartbeat()
    beats.add(lease)  # pyright: ignore[reportArgumentType] - what the heartbeat needs of a lease
    assert beats.fault() is None
    lease.began.wait()
    monkeypatch.setattr(heartbeat, "_STUCK", -1.0)
    assert beats.fault() == "the heartbeat stands still"
    lease.let.set()
    beats.remove(lease)  # pyright: ignore[reportArgumentType]
    monkeypatch.setattr(heartbeat, "_STUCK", 0.0)
    assert beats.fault() is None


def test_each_lease_has_a_thread_that_serves_another_one_afterwards(make_record: MakeRecord) -> None:
    def threads() -> set[int | None]:
        return {each.ident for each in threading.enumerate() if each.name == "heartbeat"} - before

    before: set[int | None] = set()
    before = threads()
    beats, (first, second, third) = Heartbeat(), [SlowLease(make_record) for _ in range(3)]
    for lease in (first, second):
        beats.add(lease)  # pyright: ignore[reportArgumentType] - what the heartbeat needs of a lease
    assert first.began.wait(PATIENCE)
    assert second.began.wait(PATIENCE), "though the first one hangs"
    served = threads()
    for lease in (first, second):
        beats.remove(lease)  # pyright: ignore[reportArgumentType]
        lease.let.set()
    eventually(lambda: beats.idle == 2)
    beats.add(third)  # pyright: ignore[reportArgumentType]
    assert third.began.wait(PATIENCE)
    assert (len(served), threads()) == (2, served)
    beats.remove(third)  # pyright: ignore[reportArgumentType]
    third.let.set()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_lane_whose_thread_has_ended_is_a_fault() -> None:
    def serve(item: int) -> None:
        raise SystemExit

    lane = LaneQueue("engine", serve, threads=1, depth=0)
    assert lane.fault() is None
    lane.start()
    assert lane.fault() is None
    lane.put(1)
    lane.join()
    assert lane.fault() == "engine-0 has ended"


def test_a_lane_that_was_stopped_is_none() -> None:
    lane = LaneQueue("engine", lambda item: None, threads=1, depth=0)
    lane.start()
    lane.stop()
    assert lane.fault() is None


def test_an_engine_that_is_not_used_is_well() -> None:
    assert StageProcess("engine", settings(), run_engine_server).fault() is None


def ignore(report: object) -> None:
    """The engine's reports do not matter here."""


def test_an_engine_whose_thread_is_stuck_is_a_fault(
    make_record: MakeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = StageProcess("engine", settings(), run_engine_server)
    seen: list[str | None] = []

    def hang() -> None:
        seen.append(engine.fault())
        monkeypatch.setattr(stage_process, "_STUCK_AFTER", -1.0)
        seen.append(engine.fault())
        raise InterruptedError

    monkeypatch.setattr(engine, "ensure_running", hang)
    with pytest.raises(InterruptedError):
        engine.run(Work.from_record(make_record()), JobCallbacks(lambda: None, ignore, ignore))
    assert seen == [None, "the engine's thread is stuck"]
    assert engine.fault() is None
