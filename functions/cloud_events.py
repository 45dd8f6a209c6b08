"""Parses the CloudEvents of Cloud Storage and Pub/Sub, as Eventarc delivers them or as Pub/Sub pushes them.

An event is parsed in full before anything is done for it. One that cannot be right is an UnreadableMessage.
It will be as wrong the next time, so it must never be answered with a 500, which makes it come again.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cloudevents.http import CloudEvent

from .contract.errors import InvalidRequest, UnreadableMessage
from .contract.object_names import has_dot_segment, is_object_name
from .contract.validation.json_bounds import NO_FILES, check_bounds

_FINALIZED = "google.cloud.storage.object.v1.finalized"
_PUBLISHED = "google.cloud.pubsub.topic.v1.messagePublished"
_LAST_GENERATION = 2**63 - 1


@dataclass(frozen=True)
class FinalizedObject:
    """An object that was written, from google.cloud.storage.object.v1.finalized or a notification.

    ``bucket`` and ``name`` are valid in Cloud Storage; ``generation`` is 1 to 2⁶³-1.
    """

    bucket: str
    name: str
    generation: int
    metadata: Mapping[str, str]

    @property
    def uri(self) -> str:
        return f"gs://{self.bucket}/{self.name}"

    def check_name(self) -> None:
        """Raises InvalidRequest for a name that Cloud Storage takes but a request cannot name."""
        if has_dot_segment(self.name):
            raise InvalidRequest(
                'The name has a step "." or "..", which many programs resolve to another name: upload the '
                "file again under a plain one.",
                field="name",
            )


@dataclass(frozen=True)
class ReceivedMessage:
    """A message, from google.cloud.pubsub.topic.v1.messagePublished. The framework converts a raw
    push into one.
    """

    data: bytes
    attributes: Mapping[str, str]


def parse_finalized_object(event: CloudEvent) -> FinalizedObject:
    """Returns the object that the event names. Raises UnreadableMessage for any other event.

    Events of objects that were deleted or archived, or whose metadata changed, have the same shape.
    """
    kind = event["type"]
    if kind not in (_FINALIZED, _PUBLISHED):
        raise UnreadableMessage("The event is not about an object that was written.")
    facts = _parse_notification(event) if kind == _PUBLISHED else _as_object(event.get_data())
    bucket, name = facts.get("bucket"), facts.get("name")
    if not (isinstance(bucket, str) and isinstance(name, str) and is_object_name(bucket, name)):
        raise UnreadableMessage("The event names no object of a bucket.")
    return FinalizedObject(
        bucket, name, _parse_generation(facts.get("generation")), _as_texts(facts.get("metadata"))
    )


def parse_message(event: CloudEvent) -> ReceivedMessage:
    """Returns the event's message. Raises UnreadableMessage for an event that carries none."""
    message = _as_object(_as_object(event.get_data()).get("message"))
    try:
        data = base64.b64decode(message.get("data") or "", validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise UnreadableMessage("The message's data is not base64.") from None
    return ReceivedMessage(data, _as_texts(message.get("attributes")))


def encode_event(event: CloudEvent) -> bytes:
    """Returns the event's data as JSON for the quarantine: the same bytes however often the event comes."""
    try:
        return json.dumps(event.get_data(), default=str, sort_keys=True).encode()
    except (RecursionError, TypeError, ValueError):
        return b'"(nested too deeply to be written down)"'


def _parse_generation(value: object) -> int:
    """Parses the digits that Cloud Storage writes. Python's ``int`` would also accept 7.9, True and "1_0"."""
    digits = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not (digits.isascii() and digits.isdigit() and len(digits) <= len(str(_LAST_GENERATION))):
        raise UnreadableMessage("The event's generation is not a number.")
    if not 1 <= int(digits) <= _LAST_GENERATION:
        raise UnreadableMessage("The event's generation is not one that an object can have.")
    return int(digits)


def _parse_notification(event: CloudEvent) -> dict[str, Any]:
    """Returns the object of a bucket's notification in JSON_API_V1, which has the fields of
    Eventarc's event.
    """
    message = parse_message(event)
    if message.attributes.get("eventType") != "OBJECT_FINALIZE":
        raise UnreadableMessage("The notification is not about an object that was written.")
    try:
        check_bounds(message.data, NO_FILES)
        return _as_object(json.loads(message.data))
    except (ValueError, RecursionError, InvalidRequest):
        raise UnreadableMessage("The notification's data is not JSON.") from None


def _as_object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UnreadableMessage("The event's data is not a JSON object.")
    return value


def _as_texts(value: object) -> dict[str, str]:
    """Returns a map of texts. A lone surrogate cannot be written down again: "?" replaces it."""
    if not isinstance(value, dict):
        return {}
    return {_as_text(key): _as_text(text) for key, text in value.items()}


def _as_text(value: object) -> str:
    return str(value).encode("utf-8", "replace").decode()
