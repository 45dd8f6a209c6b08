"""What the CloudEvents of Cloud Storage and Pub/Sub say: as Eventarc delivers them, or pushed by Pub/Sub.

An event is read in full before anything is done for it. What it says that cannot be is an UnreadableMessage:
it will be as wrong the next time, so it must never be answered with a 500, which brings the event again.
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

    ``bucket`` and ``name`` are such as Cloud Storage can hold; ``generation`` is 1 to 2⁶³-1.
    """

    bucket: str
    name: str
    generation: int
    metadata: Mapping[str, str]

    @property
    def uri(self) -> str:
        return f"gs://{self.bucket}/{self.name}"

    def check_name(self) -> None:
        """Raises InvalidRequest for a name that Cloud Storage takes, and a request cannot name."""
        if has_dot_segment(self.name):
            raise InvalidRequest(
                'The name has a step "." or "..", which many programs resolve to another name: upload the '
                "file again under a plain one.",
                field="name",
            )


@dataclass(frozen=True)
class ReceivedMessage:
    """A message, from google.cloud.pubsub.topic.v1.messagePublished; a raw push was made into one for us."""

    data: bytes
    attributes: Mapping[str, str]


def parse_finalized_object(event: CloudEvent) -> FinalizedObject:
    """Raises UnreadableMessage for an event that is not about an object that was written.

    Objects that were deleted or archived, or whose metadata changed, have events of the same shape.
    """
    kind = event["type"]
    if kind not in (_FINALIZED, _PUBLISHED):
        raise UnreadableMessage("The event does not tell of an object that was written.")
    facts = _parse_notification(event) if kind == _PUBLISHED else _as_object(event.get_data())
    bucket, name = facts.get("bucket"), facts.get("name")
    if not (isinstance(bucket, str) and isinstance(name, str) and is_object_name(bucket, name)):
        raise UnreadableMessage("The event names no object of a bucket.")
    return FinalizedObject(
        bucket, name, _parse_generation(facts.get("generation")), _as_texts(facts.get("metadata"))
    )


def parse_message(event: CloudEvent) -> ReceivedMessage:
    """Raises UnreadableMessage for an event that carries no message."""
    message = _as_object(_as_object(event.get_data()).get("message"))
    try:
        data = base64.b64decode(message.get("data") or "", validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise UnreadableMessage("The message's data is not base64.") from None
    return ReceivedMessage(data, _as_texts(message.get("attributes")))


def encode_event(event: CloudEvent) -> bytes:
    """The event's data as JSON, the same bytes however often the event comes: what is kept of it."""
    try:
        return json.dumps(event.get_data(), default=str, sort_keys=True).encode()
    except (RecursionError, TypeError, ValueError):
        return b'"(nested too deeply to be written down)"'


def _parse_generation(value: object) -> int:
    """Cloud Storage writes it as a text of digits. Python's ``int`` would also take 7.9, True and "1_0"."""
    digits = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not (digits.isascii() and digits.isdigit() and len(digits) <= len(str(_LAST_GENERATION))):
        raise UnreadableMessage("The event's generation is not a number.")
    if not 1 <= int(digits) <= _LAST_GENERATION:
        raise UnreadableMessage("The event's generation is not one that an object can have.")
    return int(digits)


def _parse_notification(event: CloudEvent) -> dict[str, Any]:
    """The object of a bucket's notification in JSON_API_V1: the same fields as Eventarc's event has."""
    message = parse_message(event)
    if message.attributes.get("eventType") != "OBJECT_FINALIZE":
        raise UnreadableMessage("The notification does not tell of an object that was written.")
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
    """A map of texts. A lone surrogate is no text that could be written down again: "?" stands for it."""
    if not isinstance(value, dict):
        return {}
    return {_as_text(key): _as_text(text) for key, text in value.items()}


def _as_text(value: object) -> str:
    return str(value).encode("utf-8", "replace").decode()
