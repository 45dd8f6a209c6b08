"""Retention on the laptop: what is older than its prefix allows goes. In the cloud lifecycle rules do it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from ..contract.document import now
from ..contract.storage.bucket import Bucket, ObjectInfo
from ..contract.telemetry.log import log
from ..services import Services


def remove_expired(services: Services, at: datetime | None = None) -> int:
    """How many objects were removed; none where the bucket does it by itself. Raises Transient."""
    if not services.settings.is_local:
        return 0
    removed = 0
    for place, days in services.settings.retention_days.items():
        objects, prefix = _locate_prefix(services, place)
        for found in _list_older(objects, prefix, (at or now()) - timedelta(days=days)):
            objects.delete(found.name, if_generation=found.generation)
            removed += 1
    if removed:
        log("retention.removed", objects=removed)
    return removed


def _locate_prefix(services: Services, place: str) -> tuple[Bucket, str]:
    bucket, _, prefix = place.partition("/")
    buckets = {"uploads": services.uploads, "results": services.results, "jobs": services.jobs}
    return buckets[bucket], prefix


def _list_older(objects: Bucket, prefix: str, moment: datetime) -> Iterator[ObjectInfo]:
    return (found for found in objects.list(prefix) if found.created < moment)
