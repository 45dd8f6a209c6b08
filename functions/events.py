"""What the CloudEvents of Cloud Storage and Pub/Sub say: as Eventarc delivers them, or pushed by Pub/Sub."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cloudevents.http import CloudEvent

from .contract.errors import InvalidRequest, UnreadableMessage
from .contract.json_bounds import NO_FILES, check_bounds

_PUBLISHED = "google.cloud.pubsub.topic.v1.messagePublished"


@dataclass(frozen=True)
class FinalizedObject:
    """An object that was written, from google.cloud.storage.object.v1.finalized or a notification."""

    bucket: str
    name: str
    generation: int
    metadata: Mapping[str, str]


@dataclass(frozen=True)
class ReceivedMessage:
    """A message, from google.cloud.pubsub.topic.v1.messagePublished; a raw push was made into one for us."""

    data: bytes
    attributes: Mapping[str, str]


def finalized_object(event: CloudEvent) -> FinalizedObject:
    """Raises UnreadableMessage for an event that is not about an object that was written."""
    facts = _notified(event) if event["type"] == _PUBLISHED else _fields(event.get_data())
    metadata: object = facts.get("metadata")
    try:
        return FinalizedObject(
            bucket=str(facts["bucket"]),
            name=str(facts["name"]),
            generation=int(facts["generation"]),
            metadata=_texts(metadata),
        )
    except (KeyError, TypeError, ValueError):
        raise UnreadableMessage("The event names no object of a bucket.") from None


def received_message(event: CloudEvent) -> ReceivedMessage:
    """Raises UnreadableMessage for an event that carries no message."""
    message = _fields(_fields(event.get_data()).get("message"))
    try:
        data = base64.b64decode(message.get("data") or "", validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise UnreadableMessage("The message's data is not base64.") from None
    return ReceivedMessage(data, _texts(message.get("attributes")))


def _notified(event: CloudEvent) -> dict[str, Any]:
    """The object of a bucket's notification in JSON_API_V1: the same fields as Eventarc's event has."""
    message = received_message(event)
    if message.attributes.get("eventType") != "OBJECT_FINALIZE":
        raise UnreadableMessage("The notification does not tell of an object that was written.")
    try:
        check_bounds(message.data, NO_FILES)
        return _fields(json.loads(message.data))
    except (ValueError, RecursionError, InvalidRequest):
        raise UnreadableMessage("The notification's data is not JSON.") from None


def _fields(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UnreadableMessage("The event's data is not a JSON object.")
    return value


def _texts(value: object) -> dict[str, str]:
    return {str(key): str(text) for key, text in value.items()} if isinstance(value, dict) else {}
