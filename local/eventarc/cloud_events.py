"""CloudEvents as Eventarc delivers them to a function: binary mode over HTTP.

https://cloud.google.com/eventarc/docs/event-format and
https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from google.cloud.pubsub_v1.subscriber.message import Message

STORAGE_TYPES = {
    "OBJECT_FINALIZE": "google.cloud.storage.object.v1.finalized",
    "OBJECT_DELETE": "google.cloud.storage.object.v1.deleted",
    "OBJECT_ARCHIVE": "google.cloud.storage.object.v1.archived",
    "OBJECT_METADATA_UPDATE": "google.cloud.storage.object.v1.metadataUpdated",
}
MESSAGE_PUBLISHED = "google.cloud.pubsub.topic.v1.messagePublished"
# Printable ASCII is allowed in a header, except for the space, the double quote and the percent sign.
_HEADER_SAFE = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"%')


@dataclass(frozen=True)
class CloudEvent:
    """The headers and the body of the request."""

    headers: dict[str, str]
    body: bytes


def storage_event(message: Message) -> CloudEvent:
    """Returns the event of a Cloud Storage notification; its data is the object's resource,
    StorageObjectData.
    """
    bucket, name = message.attributes["bucketId"], message.attributes["objectId"]
    return CloudEvent(
        _event_headers(
            id=message.message_id,
            source=f"//storage.googleapis.com/projects/_/buckets/{bucket}",
            type=STORAGE_TYPES[message.attributes["eventType"]],
            subject=f"objects/{name}",
            time=message.attributes["eventTime"],
            bucket=bucket,
        ),
        message.data,
    )


def message_event(message: Message, topic: str, subscription: str) -> CloudEvent:
    """Returns the event of a message (MessagePublishedData). Topic and subscription are full paths."""
    published = _format_time(message.publish_time)
    ordering = {"orderingKey": message.ordering_key} if message.ordering_key else {}
    wrapped = {
        "message": {
            "data": base64.b64encode(message.data).decode(),
            "attributes": dict(message.attributes),
            "messageId": message.message_id,
            "message_id": message.message_id,
            "publishTime": published,
            "publish_time": published,
            **ordering,
        },
        "subscription": subscription,
    }
    source = f"//pubsub.googleapis.com/{topic}"
    return CloudEvent(
        _event_headers(id=message.message_id, source=source, type=MESSAGE_PUBLISHED, time=published),
        json.dumps(wrapped).encode(),
    )


def _event_headers(**attributes: str) -> dict[str, str]:
    encoded = {f"ce-{name}": quote(value, safe=_HEADER_SAFE) for name, value in attributes.items()}
    return {"ce-specversion": "1.0", **encoded, "content-type": "application/json; charset=utf-8"}


def _format_time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
