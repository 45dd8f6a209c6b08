"""A job's trace through every service: the API, the sweep, dead letters, and the notification of its end."""

from __future__ import annotations

import json

import pytest
from google.pubsub_v1 import PubsubMessage

from functions.contract.errors import Transient
from functions.contract.message import JobMessage
from functions.triggers.dead_letter import on_dead_message
from functions.triggers.notify import on_result
from functions.triggers.sweep import sweep_once
from functions.triggers.uploads import on_upload
from tests.integration.functions.deployment import Deployment, message_event, picture
from tests.integration.functions.receiver import Receiver
from tests.recorded import Recorded

CALLER = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{CALLER}-b7ad6b7169203331-01"


def traced(deployment: Deployment) -> str:
    """A job whose caller traces it."""
    answer = deployment.post({"task": "generate", "prompt": "a boat"}, traceparent=TRACEPARENT)
    return answer.json["id"]


def message(deployment: Deployment) -> PubsubMessage:
    (found,) = deployment.published(deployment.settings.jobs_topic)
    return found


def trace_of(traceparent: str | None) -> str:
    assert traceparent is not None
    return traceparent.split("-")[1]


def test_the_message_goes_on_where_it_was_published(deployment: Deployment, recorded: Recorded) -> None:
    traced(deployment)
    published = message(deployment)
    context = recorded.one("publish job").context
    assert context is not None
    place = f"00-{CALLER}-{context.span_id:016x}-01"
    assert json.loads(published.data)["traceparent"] == place
    assert published.attributes["traceparent"] == place
    assert recorded.parents() == {
        "publish job": "admit",
        "admit": "POST jobs.create",
        "POST jobs.create": None,
    }


def test_what_a_caller_did_wrong_is_no_failure_of_ours(deployment: Deployment, recorded: Recorded) -> None:
    deployment.post({"task": "generate", "prompt": "a boat", "model": "none"})
    request = recorded.one("POST jobs.create")
    assert request.status.is_unset
    assert request.attributes is not None
    assert request.attributes["error.type"] == "unknown_model"
    assert request.attributes["http.response.status_code"] == 400


def test_who_only_looks_is_traced_when_they_trace(deployment: Deployment, recorded: Recorded) -> None:
    job_id = traced(deployment)
    before = len(recorded.spans)
    deployment.client.get(f"/v1/jobs/{job_id}")
    deployment.client.get(f"/v1/jobs/{job_id}", headers={"traceparent": TRACEPARENT[:-2] + "00"})
    deployment.client.get("/healthz", headers={"traceparent": TRACEPARENT})
    assert len(recorded.spans) == before
    deployment.client.get(f"/v1/jobs/{job_id}", headers={"traceparent": TRACEPARENT})
    assert recorded.one("GET jobs.show").attributes is not None


def test_what_the_sweep_publishes_stays_in_the_trace(deployment: Deployment, recorded: Recorded) -> None:
    def failing(topic: str, data: bytes, **attributes: str) -> None:
        raise Transient("Pub/Sub is away.")

    traced(deployment.replace(publish=failing))
    sweep_once(deployment.services)
    assert trace_of(JobMessage.decode(message(deployment).data).traceparent) == CALLER
    assert recorded.traces() == {CALLER}


def test_what_comes_after_the_end_goes_on_from_it(
    deployment: Deployment, receiver: Receiver, recorded: Recorded
) -> None:
    job_id = deployment.generate(webhook={"url": receiver.url})
    manifest = deployment.succeed(job_id)
    on_result(deployment.services, deployment.manifest_event(job_id))
    deployment.deliver()
    assert trace_of(receiver.headers[0]["traceparent"]) == trace_of(manifest.traceparent)
    (event,) = deployment.published(deployment.settings.events_topic)
    assert trace_of(event.attributes["traceparent"]) == trace_of(manifest.traceparent)
    parents = recorded.parents()
    assert (parents["publish event"], parents["deliver"], parents["webhook"]) == (
        "notify",
        "notify",
        "deliver",
    )
    assert len(recorded.traces()) == 1


def test_a_webhook_that_fails_is_a_failed_span(
    deployment: Deployment, receiver: Receiver, recorded: Recorded
) -> None:
    receiver.answers.append(503)
    job_id = deployment.generate(webhook={"url": receiver.url})
    deployment.succeed(job_id)
    on_result(deployment.services, deployment.manifest_event(job_id))
    deployment.deliver()
    attributes = recorded.one("webhook").attributes
    assert attributes is not None
    assert attributes["http.response.status_code"] == 503
    assert receiver.url not in recorded.one("webhook").to_json()


def test_a_dead_letter_stays_in_the_trace(deployment: Deployment, recorded: Recorded) -> None:
    job_id = traced(deployment)
    on_dead_message(deployment.services, message_event(message(deployment).data))
    assert recorded.parents()["dead_letter"] == "publish job"
    assert recorded.traces() == {CALLER}
    manifest = deployment.services.committer.read_manifest(job_id)
    assert manifest is not None
    assert trace_of(manifest.traceparent) == CALLER


def test_an_upload_begins_a_trace_that_its_job_goes_on_with(
    deployment: Deployment, recorded: Recorded
) -> None:
    event = deployment.upload("a.png", picture(), {"plantain-prompt": "make it snow"})
    on_upload(deployment.services, event)
    assert recorded.parents() == {"publish job": "admit", "admit": "uploads", "uploads": None}
    assert trace_of(JobMessage.decode(message(deployment).data).traceparent) in recorded.traces()


@pytest.mark.parametrize("broken", ["rubbish", f"00-{'0' * 32}-b7ad6b7169203331-01", "x" * 10_000])
def test_a_broken_trace_is_no_reason_to_refuse_a_job(deployment: Deployment, broken: str) -> None:
    answer = deployment.post({"task": "generate", "prompt": "a boat"}, traceparent=broken)
    assert answer.status_code == 202
    published = message(deployment)
    assert "traceparent" not in published.attributes
    assert JobMessage.decode(published.data).traceparent is None
