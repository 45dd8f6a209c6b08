"""Holds and retention policies: what keeps an object from being deleted or overwritten.

https://cloud.google.com/storage/docs/object-holds and https://cloud.google.com/storage/docs/bucket-lock
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from local.storage.bucket_store import StorageBucket
from local.storage.errors import ObjectRetained
from local.storage.object_properties import EVENT_BASED_HOLD, TEMPORARY_HOLD, Json
from local.storage.stored_object import StoredObject
from local.storage.timestamps import timestamp_now

HOLD_RELEASED = "eventBasedHoldReleased"
"""The time at which an event-based hold ended: the retention period begins again then. It is not shown."""


def with_default_hold(bucket: StorageBucket, properties: Json) -> Json:
    """Returns the properties of a new object: held where the bucket says so and the caller says nothing."""
    if bucket.properties.get("defaultEventBasedHold") and EVENT_BASED_HOLD not in properties:
        return {**properties, EVENT_BASED_HOLD: True}
    return properties


def with_release(before: Json, after: Json) -> Json:
    """Returns the properties after a change, with the time at which an event-based hold was released."""
    if before.get(EVENT_BASED_HOLD) and not after.get(EVENT_BASED_HOLD):
        return {**after, HOLD_RELEASED: timestamp_now()}
    released = before.get(HOLD_RELEASED)
    return {**after, HOLD_RELEASED: released} if released else after


def retention_end(bucket: StorageBucket, stored: StoredObject) -> str | None:
    """Returns when the bucket's policy stops keeping the object, RFC 3339; None without a policy or during a
    hold.
    """
    policy = bucket.properties.get("retentionPolicy")
    properties = stored.read_properties()
    if not policy or properties.get(EVENT_BASED_HOLD):
        return None
    begin = datetime.fromisoformat(properties.get(HOLD_RELEASED) or stored.created)
    end = begin + timedelta(seconds=int(policy["retentionPeriod"]))
    return end.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def check_removable(bucket: StorageBucket, stored: StoredObject) -> None:
    """Raises ObjectRetained where the object may be neither deleted nor overwritten now."""
    properties, address = stored.read_properties(), f"{stored.bucket}/{stored.name}"
    for hold, name in ((TEMPORARY_HOLD, "Temporary"), (EVENT_BASED_HOLD, "Event-Based")):
        if properties.get(hold):
            raise ObjectRetained(
                f"Object '{address}' is under active {name} hold and cannot be deleted, overwritten or"
                " archived until hold is removed."
            )
    until = retention_end(bucket, stored)
    if until and datetime.fromisoformat(until) > datetime.now(UTC):
        raise ObjectRetained(
            f"Object '{address}' is subject to bucket's retention policy or object retention and cannot be"
            f" deleted or overwritten until {until}"
        )
