"""Events of objects, and the outbox that keeps each until it has been sent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

from local.storage.bucket_store import BucketStore
from local.storage.database import StorageDatabase
from local.storage.notification_config import NotificationConfig
from local.storage.object_properties import Json


class EventType(StrEnum):
    FINALIZE = "OBJECT_FINALIZE"
    DELETE = "OBJECT_DELETE"
    ARCHIVE = "OBJECT_ARCHIVE"
    METADATA_UPDATE = "OBJECT_METADATA_UPDATE"


@dataclass(frozen=True, slots=True)
class StorageEvent:
    """An event as Cloud Storage sends it.

    Attributes:
        position: the place in the outbox.
        time: RFC 3339.
        generation: the generation of the object.
        resource: the object's full JSON resource; for a deleted object, its last one.
        configs: the bucket's notification configurations that want the event.
        overwrote: the generation that a finalised object replaced.
        overwritten_by: the generation that replaced a deleted or archived object.
    """

    position: int
    type: EventType
    bucket: str
    name: str
    generation: int
    time: str
    resource: Json
    configs: tuple[NotificationConfig, ...] = ()
    overwrote: int | None = None
    overwritten_by: int | None = None

    @property
    def id(self) -> str:
        """Returns an id that is unique to the change, and the same when the event is sent again."""
        return f"{self.generation}/{self.resource['metageneration']}/{self.type}"

    def attributes(self, config: NotificationConfig) -> dict[str, str]:
        """Returns the Pub/Sub attributes
        (https://cloud.google.com/storage/docs/pubsub-notifications#attributes).
        """
        optional = {
            "overwroteGeneration": self.overwrote,
            "overwrittenByGeneration": self.overwritten_by,
        }
        return {
            **config.custom_attributes,
            "notificationConfig": f"projects/_/buckets/{self.bucket}/notificationConfigs/{config.id}",
            "eventType": str(self.type),
            "payloadFormat": config.payload_format,
            "bucketId": self.bucket,
            "objectId": self.name,
            "objectGeneration": str(self.generation),
            "eventTime": self.time,
            **{key: str(value) for key, value in optional.items() if value is not None},
        }


class EventOutbox:
    """The events that were not sent yet. Each is written in the transaction of its change.

    No event is therefore lost when the process is killed between a change and its notification. Some are sent
    twice, as by the real service.
    """

    def __init__(
        self,
        database: StorageDatabase,
        buckets: BucketStore,
        *,
        keeps_events: bool,
        only_configured: bool = False,
    ) -> None:
        """Keeps no events where there is no subscriber.

        ``only_configured``: nor those that no notification configuration of their bucket matches.
        """
        self._database = database
        self._buckets = buckets
        self._keeps_events = keeps_events
        self._only_configured = only_configured
        self._sent: list[tuple[int]] = []
        (self._last,) = database.execute("SELECT coalesce(max(position), 0) FROM outbox").fetchone()

    def add(
        self,
        type_: EventType,
        resource: Json,
        time: str,
        overwrote: int | None = None,
        overwritten_by: int | None = None,
    ) -> StorageEvent:
        """Adds an event. Call it inside a transaction."""
        self._delete_sent()
        facts: Json = {"type": type_, "resource": resource, "time": time}
        facts |= {"overwrote": overwrote, "overwritten_by": overwritten_by}
        self._last += 1
        event = self._event(self._last, facts)
        if self.is_kept(event):
            self._database.execute("INSERT INTO outbox VALUES (?, ?)", (self._last, json.dumps(facts)))
        return event

    def is_kept(self, event: StorageEvent) -> bool:
        """Returns True for an event that a subscriber is to learn of."""
        return self._keeps_events and (bool(event.configs) or not self._only_configured)

    def mark_sent(self, event: StorageEvent) -> None:
        """Records that the event was sent; it is deleted with the next write, or flush."""
        self._sent.append((event.position,))

    def flush(self) -> None:
        """Forgets the events that have arrived."""
        if self._sent:
            with self._database.transaction():
                self._delete_sent()

    def _delete_sent(self) -> None:
        for each in self._sent:
            self._database.execute("DELETE FROM outbox WHERE position = ?", each)
        self._sent.clear()

    def pending(self) -> list[StorageEvent]:
        """Returns the events that a previous process did not send."""
        rows = self._database.execute("SELECT position, event FROM outbox ORDER BY position").fetchall()
        return [self._event(position, json.loads(text)) for position, text in rows]

    def _event(self, position: int, facts: Json) -> StorageEvent:
        resource: Json = facts["resource"]
        type_ = EventType(facts["type"])
        bucket, name = resource["bucket"], resource["name"]
        return StorageEvent(
            position=position,
            type=type_,
            bucket=bucket,
            name=name,
            generation=int(resource["generation"]),
            time=facts["time"],
            resource=resource,
            configs=self._buckets.matching_configs(bucket, type_, name),
            overwrote=facts["overwrote"],
            overwritten_by=facts["overwritten_by"],
        )
