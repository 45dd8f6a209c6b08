"""Buckets and their notification configurations: there are few, so all are kept in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from local.storage import bucket_properties, name_rules
from local.storage.database import StorageDatabase
from local.storage.errors import AddressNotFound, BucketNotFound, ResourceConflict
from local.storage.notification_config import NotificationConfig
from local.storage.object_properties import Json
from local.storage.timestamps import timestamp_now


@dataclass(frozen=True, slots=True)
class StorageBucket:
    """A bucket. Its generation never changes; preconditions need one."""

    name: str
    metageneration: int
    created: str
    updated: str
    properties: Json
    generation: int = 1

    @property
    def keeps_versions(self) -> bool:
        """Tells whether what is deleted or overwritten stays as a noncurrent version."""
        return bool(self.properties.get("versioning", {}).get("enabled"))


class BucketStore:
    """All buckets. Changes are written through to the database."""

    def __init__(self, database: StorageDatabase) -> None:
        self._database = database
        self._buckets = {bucket.name: bucket for bucket in _stored_buckets(database)}
        self._configs: dict[str, dict[int, NotificationConfig]] = {name: {} for name in self._buckets}
        for name, number, config in database.execute("SELECT bucket, id, config FROM notification_configs"):
            self._configs[name][number] = NotificationConfig.decode(number, config)

    def read(self, name: str) -> StorageBucket:
        """Raises BucketNotFound."""
        found = self._buckets.get(name)
        if found is None:
            raise BucketNotFound
        return found

    def list_buckets(self) -> list[StorageBucket]:
        """Returns every bucket, sorted by name."""
        return [self._buckets[name] for name in sorted(self._buckets)]

    def create(self, resource: Mapping[str, object]) -> StorageBucket:
        """Raises MissingValue, InvalidValue for a name that no bucket may have, ResourceConflict
        when it exists.
        """
        name = name_rules.check_bucket_name(resource.get("name"))
        if name in self._buckets:
            raise ResourceConflict(
                "Your previous request to create the named bucket succeeded and you already own it."
            )
        now = timestamp_now()
        bucket = StorageBucket(
            name, 1, now, now, bucket_properties.merge_properties(bucket_properties.DEFAULTS, resource)
        )
        self._write_bucket(bucket)
        self._configs[name] = {}
        return bucket

    def patch(self, bucket: StorageBucket, changes: Mapping[str, object]) -> StorageBucket:
        """Changes properties: null removes one, labels are merged key by key."""
        return self._change_bucket(bucket, bucket_properties.merge_properties(bucket.properties, changes))

    def update(self, bucket: StorageBucket, resource: Mapping[str, object]) -> StorageBucket:
        """Replaces the properties: one that is not named returns to its default."""
        kept = (*bucket_properties.DEFAULTS, "retentionPolicy")
        fixed = {key: bucket.properties[key] for key in kept if key in bucket.properties}
        return self._change_bucket(
            bucket, bucket_properties.merge_properties(fixed, {"retentionPolicy": None, **resource})
        )

    def lock_retention(self, bucket: StorageBucket) -> StorageBucket:
        """Makes the retention policy permanent. Raises InvalidValue without one."""
        return self._change_bucket(bucket, bucket_properties.lock_retention_policy(bucket.properties))

    def delete(self, bucket: StorageBucket) -> None:
        """Raises ResourceConflict when there are objects, or noncurrent versions of objects, in it."""
        for query in ("SELECT 1 FROM objects", "SELECT 1 FROM archived"):
            if self._database.execute(f"{query} WHERE bucket = ? LIMIT 1", (bucket.name,)).fetchone():
                raise ResourceConflict("The bucket you tried to delete is not empty.")
        with self._database.transaction() as database:
            database.execute("DELETE FROM buckets WHERE name = ?", (bucket.name,))
            database.execute("DELETE FROM notification_configs WHERE bucket = ?", (bucket.name,))
        del self._buckets[bucket.name]
        del self._configs[bucket.name]

    def list_configs(self, bucket: str) -> list[NotificationConfig]:
        """Returns the bucket's notification configurations. Raises BucketNotFound."""
        self.read(bucket)
        return list(self._configs[bucket].values())

    def matching_configs(self, bucket: str, event_type: str, name: str) -> tuple[NotificationConfig, ...]:
        """Returns the configurations that want the event; none when the bucket has been deleted."""
        configs = self._configs.get(bucket, {}).values()
        return tuple(config for config in configs if config.wants(event_type, name))

    def read_config(self, bucket: str, config_id: str) -> NotificationConfig:
        """Raises BucketNotFound or AddressNotFound."""
        self.read(bucket)
        found = self._configs[bucket].get(int(config_id)) if config_id.isdecimal() else None
        if found is None:
            raise AddressNotFound(f"Notification config {config_id} not found in bucket {bucket}.")
        return found

    def add_config(self, bucket: str, resource: Mapping[str, object]) -> NotificationConfig:
        """Raises BucketNotFound or InvalidValue."""
        self.read(bucket)
        number = max(self._configs[bucket], default=0) + 1
        config = NotificationConfig.parse(number, resource)
        statement = "INSERT INTO notification_configs VALUES (?, ?, ?)"
        self._database.execute(statement, (bucket, number, config.encode()))
        self._configs[bucket][number] = config
        return config

    def delete_config(self, bucket: str, config: NotificationConfig) -> None:
        statement = "DELETE FROM notification_configs WHERE bucket = ? AND id = ?"
        self._database.execute(statement, (bucket, config.id))
        del self._configs[bucket][config.id]

    def _change_bucket(self, bucket: StorageBucket, properties: Json) -> StorageBucket:
        changed = replace(
            bucket, metageneration=bucket.metageneration + 1, updated=timestamp_now(), properties=properties
        )
        self._write_bucket(changed)
        return changed

    def _write_bucket(self, bucket: StorageBucket) -> None:
        row = (
            bucket.name,
            bucket.metageneration,
            bucket.created,
            bucket.updated,
            json.dumps(bucket.properties),
        )
        self._database.execute("INSERT OR REPLACE INTO buckets VALUES (?, ?, ?, ?, ?)", row)
        self._buckets[bucket.name] = bucket


def _stored_buckets(database: StorageDatabase) -> list[StorageBucket]:
    rows = database.execute("SELECT name, metageneration, created, updated, properties FROM buckets")
    return [StorageBucket(*facts, properties=json.loads(properties)) for *facts, properties in rows]
