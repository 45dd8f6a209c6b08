"""GET /v1/jobs/{id}/events: each change of a job is told once, and the stream ends with the job."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from math import inf
from typing import Any

import pytest

from functions.api.own import events
from functions.contract import paths
from functions.job_end_watcher import TOGETHER, JobEndWatcher
from functions.waiting import job_updates
from tests.eventually import eventually
from tests.integration.functions.deployment import Deployment


def read_events(text: str) -> list[tuple[str, str, dict[str, Any]]]:
    """The name, the id and the data of each event."""
    found: list[tuple[str, str, dict[str, Any]]] = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "data" in fields:
            found.append((fields["event"], fields["id"], json.loads(fields["data"])))
    return found


def follow(deployment: Deployment, job_id: str, **headers: str) -> Any:
    return deployment.client.get(f"/v1/jobs/{job_id}/events", headers=headers)


class Listener:
    """A client that reads the stream of a job in a thread of its own."""

    def __init__(self, deployment: Deployment, job_id: str) -> None:
        self.text = ""
        self._lines: Iterator[bytes] = iter(())
        self._thread = threading.Thread(target=self._listen, args=(deployment, job_id))
        self._thread.start()

    def _listen(self, deployment: Deployment, job_id: str) -> None:
        for chunk in follow(deployment, job_id).response.iter_encoded():
            self.text += chunk.decode()

    @property
    def events(self) -> list[tuple[str, str, dict[str, Any]]]:
        return read_events(self.text)

    def wait(self) -> None:
        self._thread.join(60)
        assert not self._thread.is_alive()


def test_each_change_is_an_event_and_the_end_is_the_last(deployment: Deployment) -> None:
    job_id = deployment.generate()
    listener = Listener(deployment, job_id)
    eventually(lambda: listener.events, "the first event")
    deployment.claim(job_id)
    eventually(lambda: len(listener.events) == 2, "that the job runs")
    deployment.change(job_id, stage="diffuse", step=1, steps=4, preview="data:image/jpeg;base64,A", nonce="n")
    eventually(lambda: len(listener.events) == 3, "the preview")
    deployment.succeed(job_id)
    listener.wait()
    assert [name for name, _, _ in listener.events] == ["progress", "progress", "progress", "end"]
    queued, running, drawing, ended = (data for _, _, data in listener.events)
    assert (queued["state"], queued["queue"]["ahead"]) == ("queued", 0)
    assert (running["state"], running["queue"]) == ("running", None)
    assert (drawing["stage"], drawing["step"], drawing["steps"]) == ("diffuse", 1, 4)
    assert drawing["preview"].startswith("data:image/jpeg")
    assert (ended["state"], ended["preview"], ended["url"]) == ("succeeded", None, f"/v1/jobs/{job_id}")


class Enough(Exception):
    """Ends a wait that would go on."""


def test_a_record_that_lags_behind_its_manifest_is_read_more_and_more_seldom(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 5:
            raise Enough

    monkeypatch.setattr(job_updates, "sleep", pause)
    record = deployment.record(deployment.generate())
    deployment.services.results.put(paths.manifest(record.id), b"{}", "application/json")
    with pytest.raises(Enough):
        list(job_updates.follow_job(deployment.services, record, until=inf))
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (TOGETHER, 0.7)


def test_the_headers_let_nothing_hold_events_back(deployment: Deployment) -> None:
    job_id = deployment.generate()
    deployment.succeed(job_id)
    answer = follow(deployment, job_id)
    assert answer.mimetype == "text/event-stream"
    assert (answer.headers["Cache-Control"], answer.headers["X-Accel-Buffering"]) == ("no-store", "no")
    assert answer.text.startswith("retry: 2000\n\n")
    assert [name for name, _, _ in read_events(answer.text)] == ["end"]


def test_a_client_that_has_the_end_is_told_to_stop(deployment: Deployment) -> None:
    job_id = deployment.generate()
    deployment.succeed(job_id)
    [(_, last, _)] = read_events(follow(deployment, job_id).text)
    assert follow(deployment, job_id, **{"Last-Event-ID": last}).status_code == 204


def test_an_event_that_the_client_has_is_not_sent_again(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "LONGEST", 0.2)
    job_id = deployment.generate()
    [(_, first, _)] = read_events(follow(deployment, job_id).text)
    assert read_events(follow(deployment, job_id, **{"Last-Event-ID": first}).text) == []
    deployment.claim(job_id)
    [(_, _, data)] = read_events(follow(deployment, job_id, **{"Last-Event-ID": first}).text)
    assert data["state"] == "running"


def test_who_may_not_follow(deployment: Deployment) -> None:
    assert follow(deployment, "job_" + "a" * 26).status_code == 404
    job_id = deployment.generate()
    deployment.change(job_id, owner="grace")
    assert follow(deployment, job_id).status_code == 404
    assert deployment.client.open(f"/v1/jobs/{job_id}/events", method="POST").status_code == 405


def test_more_streams_than_places_are_refused_and_a_stream_that_ends_gives_its_place_back(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "LONGEST", 0.2)
    full = deployment.replace()
    object.__setattr__(full.services, "watcher", JobEndWatcher(full.services.results, places=1))
    job_id = full.generate()
    with full.services.watcher.watch(job_id):
        answer = follow(full, job_id)
        assert (answer.status_code, answer.json["code"]) == (503, "too_many_waiting")
    for _ in range(2):
        assert follow(full, job_id).status_code == 200
