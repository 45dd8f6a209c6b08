"""Events as Eventarc delivers them."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.http import from_http
from google.cloud.pubsub_v1.subscriber.message import Message
from google.pubsub_v1 import PubsubMessage

from local.eventarc.cloud_events import CloudEvent, message_event, storage_event

BUCKET, NAME = "uploads", "a b/ü%.png"
RESOURCE = {"bucket": BUCKET, "name": NAME, "generation": "17", "metadata": {"k": "v"}}


def received(data: bytes, **attributes: str) -> Message:
    """A message as a subscriber's callback gets it."""
    published = datetime(2026, 1, 2, 3, 4, 5, 678_000, UTC)
    message = PubsubMessage(data=data, attributes=attributes, message_id="42", publish_time=published)
    return Message(PubsubMessage.pb(message), "ack-1", 0, None)  # pyright: ignore[reportArgumentType] - no queue


def notification(event_type: str = "OBJECT_FINALIZE") -> Message:
    return received(
        json.dumps(RESOURCE).encode(),
        eventType=event_type,
        payloadFormat="JSON_API_V1",
        bucketId=BUCKET,
        objectId=NAME,
        objectGeneration="17",
        notificationConfig="projects/_/buckets/uploads/notificationConfigs/1",
        eventTime="2026-01-02T03:04:05.678901Z",
    )


def parsed(event: CloudEvent) -> tuple[dict[str, Any], Any]:
    """As functions-framework reads it."""
    cloud_event = from_http(event.headers, event.body)
    return dict(cloud_event.get_attributes()), cloud_event.get_data()


def test_a_finalised_object_is_told_of_as_eventarc_does() -> None:
    attributes, data = parsed(storage_event(notification()))
    assert attributes["type"] == "google.cloud.storage.object.v1.finalized"
    assert attributes["source"] == "//storage.googleapis.com/projects/_/buckets/uploads"
    assert attributes["bucket"] == "uploads"
    assert attributes["id"] == "42"
    assert attributes["specversion"] == "1.0"
    assert attributes["time"] == "2026-01-02T03:04:05.678901Z"
    assert data == RESOURCE


def test_names_are_percent_encoded_in_headers_as_the_http_binding_says() -> None:
    assert storage_event(notification()).headers["ce-subject"] == "objects/a%20b/%C3%BC%25.png"


@pytest.mark.parametrize(
    ("event_type", "ce_type"),
    [
        ("OBJECT_DELETE", "google.cloud.storage.object.v1.deleted"),
        ("OBJECT_METADATA_UPDATE", "google.cloud.storage.object.v1.metadataUpdated"),
    ],
)
def test_other_events_have_their_own_types(event_type: str, ce_type: str) -> None:
    assert storage_event(notification(event_type)).headers["ce-type"] == ce_type


def test_a_message_on_a_topic_is_told_of_as_eventarc_does() -> None:
    event = message_event(
        received(b"\x00pixels", job_id="job_1"), "projects/p/topics/t", "projects/p/subscriptions/s"
    )
    attributes, data = parsed(event)
    assert attributes["type"] == "google.cloud.pubsub.topic.v1.messagePublished"
    assert attributes["source"] == "//pubsub.googleapis.com/projects/p/topics/t"
    assert attributes["time"] == "2026-01-02T03:04:05.678Z"
    assert data["subscription"] == "projects/p/subscriptions/s"
    assert base64.b64decode(data["message"]["data"]) == b"\x00pixels"
    assert data["message"]["attributes"] == {"job_id": "job_1"}
    assert data["message"]["messageId"] == "42"
