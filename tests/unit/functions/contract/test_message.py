"""The message that carries a job, and the event of its end."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from functions.contract import ids, paths
from functions.contract.document import now
from functions.contract.errors import ErrorFacts, UnreadableMessage, UnsupportedVersion
from functions.contract.job import JobRecord
from functions.contract.manifest import ImageFacts, Manifest
from functions.contract.message import JobEvent, JobMessage
from functions.contract.states import TERMINAL, State

JOB = "job_" + "a" * 26


def test_a_message_is_the_jobs_id_and_little_else() -> None:
    message = JobMessage(job_id=JOB, traceparent="00-aa-bb-01")
    assert JobMessage.decode(message.encode()) == message
    assert json.loads(JobMessage(job_id=JOB).encode()) == {"version": 1, "job_id": JOB}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"\xff",
        b"{}",
        b"[]",
        b'{"job_id": 5}',
        b'{"job_id": "../jobs/x"}',
        b'{"job_id": "job_a"}',
        json.dumps({"job_id": JOB + "\n"}).encode(),
        json.dumps({"job_id": JOB, "pixels": "…"}).encode(),
        json.dumps({"job_id": JOB * 10_000}).encode(),
        b'{"a":' * 100_000,
    ],
)
def test_what_is_no_message_is_unreadable_and_not_to_be_tried_again(data: bytes) -> None:
    with pytest.raises(UnreadableMessage) as refused:
        JobMessage.decode(data)
    assert not refused.value.retryable


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_unreadable(data: bytes) -> None:
    with pytest.raises(UnreadableMessage):
        JobMessage.decode(data)


@pytest.mark.parametrize("more", [{}, {"lane": "remote"}])
def test_a_newer_message_is_told_from_an_unreadable_one(more: dict[str, str]) -> None:
    with pytest.raises(UnsupportedVersion, match="This message has version 2"):
        JobMessage.decode(json.dumps({"version": 2, "job_id": JOB, **more}).encode())


@pytest.mark.parametrize("state", sorted(TERMINAL))
def test_an_event_names_the_end(record: JobRecord, state: State) -> None:
    error = ErrorFacts(code="canceled", message="Canceled.")
    manifest = Manifest.of(record, state, now(), error=error)
    event = JobEvent.of(manifest, "results")
    assert JobEvent.parse(event.encode()) == event
    assert json.loads(event.encode()) == {
        "version": 1,
        "id": ids.event_id(record.id),
        "type": f"job.{state}",
        "timestamp": json.loads(manifest.encode())["ended"],
        "data": {
            "job_id": record.id,
            "state": str(state),
            "images": [],
            "manifest": f"gs://results/{paths.manifest(record.id)}",
            "labels": {"team": "sea"},
            "error": {"code": "canceled", "message": "Canceled.", "retryable": False},
        },
    }


def test_an_event_names_the_pictures_by_their_uris(record: JobRecord) -> None:
    name = paths.result_picture(record.id, 0, "png")
    image = ImageFacts(
        name=name,
        width=512,
        height=512,
        bit_depth=8,
        content_type="image/png",
        bytes=1,
        sha256="0" * 64,
        seed=7,
    )
    event = JobEvent.of(Manifest.of(record, State.SUCCEEDED, now(), images=(image,)), "results")
    assert event.data.images == (f"gs://results/{name}",)


def test_the_same_manifest_gives_the_same_event(record: JobRecord) -> None:
    manifest = Manifest.of(record, State.EXPIRED, now())
    assert JobEvent.of(manifest, "results").encode() == JobEvent.of(manifest, "results").encode()


def test_an_event_can_be_signed_as_a_standard_webhook(record: JobRecord) -> None:
    event = JobEvent.of(Manifest.of(record, State.FAILED, now()), "results")
    webhook = Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body, sent = event.encode().decode(), now()
    headers = {
        "webhook-id": event.id,
        "webhook-timestamp": str(int(sent.timestamp())),
        "webhook-signature": webhook.sign(event.id, sent, body),
    }
    assert webhook.verify(body, headers) == json.loads(body)
