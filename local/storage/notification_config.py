"""A notification configuration: which of a bucket's events go to which topic."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.storage.errors import InvalidValue, MissingValue
from local.storage.object_properties import Json

EVENT_TYPES = ("OBJECT_FINALIZE", "OBJECT_METADATA_UPDATE", "OBJECT_DELETE", "OBJECT_ARCHIVE")
PAYLOAD_FORMATS = ("JSON_API_V1", "NONE")

_TOPIC = re.compile(r"(?://pubsub\.googleapis\.com/)?(projects/[^/]+/topics/[^/]+)")


@dataclass(frozen=True, slots=True)
class NotificationConfig:
    """See https://cloud.google.com/storage/docs/json_api/v1/notifications.

    Attributes:
        id: unique in the bucket.
        topic: ``projects/{project}/topics/{topic}``.
        payload_format: ``JSON_API_V1`` or ``NONE``.
        event_types: those wanted; empty for all.
        object_name_prefix: of the objects wanted.
        custom_attributes: added to every message.
    """

    id: int
    topic: str
    payload_format: str
    event_types: tuple[str, ...] = ()
    object_name_prefix: str = ""
    custom_attributes: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def parse(cls, number: int, resource: Mapping[str, Any]) -> NotificationConfig:
        """Reads the request's document. Raises MissingValue or InvalidValue."""
        payload_format = resource.get("payload_format")
        if payload_format not in PAYLOAD_FORMATS:
            raise InvalidValue(f"payload_format must be one of {', '.join(PAYLOAD_FORMATS)}.")
        event_types = resource.get("event_types") or []
        if not isinstance(event_types, list) or any(each not in EVENT_TYPES for each in event_types):
            raise InvalidValue(f"event_types must be among {', '.join(EVENT_TYPES)}.")
        return cls(
            id=number,
            topic=_parse_topic(resource.get("topic")),
            payload_format=payload_format,
            event_types=tuple(event_types),
            object_name_prefix=str(resource.get("object_name_prefix") or ""),
            custom_attributes=_check_attributes(resource.get("custom_attributes")),
        )

    def wants(self, event_type: str, name: str) -> bool:
        """Returns True if the topic wants an event of this type about an object of this name."""
        return (not self.event_types or event_type in self.event_types) and name.startswith(
            self.object_name_prefix
        )

    def resource(self) -> Json:
        """Returns the configuration as the JSON API shows it, without its links."""
        optional = {
            "event_types": list(self.event_types),
            "object_name_prefix": self.object_name_prefix,
            "custom_attributes": dict(self.custom_attributes),
        }
        return {
            "kind": "storage#notification",
            "id": str(self.id),
            "etag": str(self.id),
            "topic": f"//pubsub.googleapis.com/{self.topic}",
            "payload_format": self.payload_format,
            **{key: value for key, value in optional.items() if value},
        }

    def encode(self) -> str:
        return json.dumps(self.resource())

    @classmethod
    def decode(cls, number: int, text: str) -> NotificationConfig:
        return cls.parse(number, json.loads(text))


def _check_attributes(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise InvalidValue("custom_attributes must be an object of strings.")
    return value


def _parse_topic(value: object) -> str:
    if not value:
        raise MissingValue("A notification configuration needs a topic.")
    found = _TOPIC.fullmatch(str(value))
    if not found:
        raise InvalidValue(f"Invalid topic: {value!r}; write //pubsub.googleapis.com/projects/P/topics/T.")
    return found[1]
