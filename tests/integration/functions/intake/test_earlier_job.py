"""When a request looks for the job of an earlier one, and what a repeat gets whatever has changed since."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from functions.contract import ids, paths
from functions.contract.owner_limits import OwnerLimits
from functions.contract.storage.bucket import Bucket
from functions.triggers.notify import on_result
from functions.triggers.sweep import sweep_once
from tests.integration.functions.deployment import Answer, Deployment, base64_of, picture
from tests.killed import killed_at

KEY = "order-1"
TEXT: dict[str, Any] = {"task": "generate", "prompt": "a red boat", "size": "512"}
JOB = ids.job_id_for_key("local", KEY)
MARKER, RECORD = paths.open_marker(JOB), paths.job_record(JOB)
Calls = list[tuple[str, str]]


def ask(deployment: Deployment, body: dict[str, Any] = TEXT) -> Answer:
    return deployment.post(body, Idempotency_Key=KEY)


def end_and_tell(deployment: Deployment) -> None:
    deployment.claim(JOB)
    deployment.succeed(JOB)
    on_result(deployment.services, deployment.manifest_event(JOB))
    assert not deployment.is_open(JOB)


def delete(deployment: Deployment) -> None:
    end_and_tell(deployment)
    assert deployment.client.open(f"/v1/jobs/{JOB}", method="DELETE").status_code == 200


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """The calls about the job's marker and record, in their order."""
    found: Calls = []

    def note(call: str) -> None:
        original = getattr(Bucket, call)

        def noted(self: Bucket, name: str, *given: Any, **named: Any) -> Any:
            if name in (MARKER, RECORD):
                found.append((call, name))
            return original(self, name, *given, **named)

        monkeypatch.setattr(Bucket, call, noted)

    for call in ("put", "set_metadata", "delete", "get", "stat"):
        note(call)
    return found


def test_a_new_job_of_text_is_not_looked_for(deployment: Deployment, calls: Calls) -> None:
    assert ask(deployment).status_code == 202
    assert calls == [("put", MARKER), ("put", RECORD), ("set_metadata", MARKER)]


def test_a_repeat_of_an_open_job_changes_nothing(deployment: Deployment, calls: Calls) -> None:
    first = ask(deployment)
    marker = deployment.services.jobs.stat(MARKER)
    calls.clear()
    again = ask(deployment)
    assert (again.json["id"], again.headers["Idempotent-Replayed"]) == (first.json["id"], "true")
    assert calls == [("put", MARKER), ("get", RECORD)], "the marker is there, so the job is looked for"
    assert deployment.services.jobs.stat(MARKER) == marker


def test_a_repeat_of_an_ended_job_leaves_no_marker(deployment: Deployment) -> None:
    ask(deployment)
    end_and_tell(deployment)
    told = deployment.published(deployment.settings.events_topic)
    before = deployment.objects()
    again = ask(deployment)
    assert (again.status_code, again.json["state"], len(told)) == (200, "succeeded", 1)
    assert deployment.objects() == before
    assert sweep_once(deployment.services).summary() == {"more": False}
    assert deployment.published(deployment.settings.events_topic) == []
    assert len(deployment.published(deployment.settings.jobs_topic)) == 1


def test_pictures_are_looked_for_before_they_are_stored(deployment: Deployment, calls: Calls) -> None:
    body = {"task": "edit", "prompt": "snow", "images": [{"data": base64_of(picture(512, 512))}]}
    ask(deployment, body)
    calls.clear()
    assert ask(deployment, body).headers["Idempotent-Replayed"] == "true"
    assert calls == [("get", RECORD)]


def no_model(deployment: Deployment) -> Deployment:
    return deployment.replace(models={"other": "mock"}, default_model="other")


def no_place(deployment: Deployment) -> Deployment:
    full = deployment.replace(limits={"*": OwnerLimits(jobs_at_once=1)})
    full.post(TEXT, Idempotency_Key="order-2")
    return full


REFUSALS = pytest.mark.parametrize(
    ("now_refusing", "refusal"),
    [
        (no_model, (400, "unknown_model")),
        (no_place, (429, "limit_reached")),
    ],
)
NAMED = {**TEXT, "model": "mock"}


@REFUSALS
@pytest.mark.parametrize("is_ended", [False, True])
def test_a_repeat_gets_its_job_where_a_new_request_is_refused(
    deployment: Deployment,
    now_refusing: Callable[[Deployment], Deployment],
    refusal: tuple[int, str],
    is_ended: bool,
) -> None:
    ask(deployment, NAMED)
    if is_ended:
        end_and_tell(deployment)
    changed = now_refusing(deployment)
    new = changed.post(NAMED, Idempotency_Key="order-3")
    assert (new.status_code, new.json["code"]) == refusal
    again = ask(changed, NAMED)
    assert (again.status_code, again.json["id"]) == (200 if is_ended else 202, JOB)
    assert again.headers["Idempotent-Replayed"] == "true"


@REFUSALS
def test_another_body_of_the_key_is_a_conflict_before_it_is_refused(
    deployment: Deployment, now_refusing: Callable[[Deployment], Deployment], refusal: tuple[int, str]
) -> None:
    del refusal
    ask(deployment, NAMED)
    answer = ask(now_refusing(deployment), {**NAMED, "prompt": "a blue boat"})
    assert (answer.status_code, answer.json["code"]) == (409, "idempotency_conflict")


@REFUSALS
def test_the_key_of_a_deleted_job_is_gone_before_it_is_refused(
    deployment: Deployment, now_refusing: Callable[[Deployment], Deployment], refusal: tuple[int, str]
) -> None:
    del refusal
    ask(deployment, NAMED)
    delete(deployment)
    assert ask(now_refusing(deployment), NAMED).status_code == 410


def test_the_key_of_a_deleted_job_makes_no_marker(deployment: Deployment) -> None:
    ask(deployment)
    delete(deployment)
    before = deployment.objects()
    assert ask(deployment).status_code == 410
    assert deployment.objects() == before


def test_a_repeat_takes_no_place(deployment: Deployment) -> None:
    few = deployment.replace(limits={"*": OwnerLimits(jobs_at_once=2, jobs_per_minute=2)})
    ask(few)
    assert {ask(few).json["id"] for _ in range(3)} == {JOB}
    assert few.post(TEXT, Idempotency_Key="order-2").status_code == 202
    assert few.post(TEXT, Idempotency_Key="order-3").status_code == 429


def test_a_record_that_cannot_be_read_is_left_alone(deployment: Deployment) -> None:
    ask(deployment)
    end_and_tell(deployment)
    deployment.services.jobs.put(RECORD, b"{}")
    before = deployment.objects()
    answer = ask(deployment)
    assert answer.json["code"] == "damaged_document"
    assert deployment.objects() == before


def test_a_repeat_that_dies_reports_no_other_end(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It dies with its marker made, before it learns that the job has ended."""
    ask(deployment)
    end_and_tell(deployment)
    (told,) = deployment.published(deployment.settings.events_topic)
    with killed_at(type(deployment.services.store), "create"):
        ask(deployment)
    assert deployment.is_open(JOB)
    monkeypatch.setattr("functions.triggers.sweep_job._ORPHAN_LEAST", timedelta(0))
    sweep_once(deployment.services)
    sweep_once(deployment.services)
    assert not deployment.is_open(JOB)
    again = deployment.published(deployment.settings.events_topic)
    assert {event.attributes["event_id"] for event in again} <= {told.attributes["event_id"]}
    assert len(deployment.published(deployment.settings.jobs_topic)) == 1
