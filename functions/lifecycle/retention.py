"""Retention on the laptop: deletes objects that are older than their rule allows. In the cloud, lifecycle
rules do it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from ..contract.document import now
from ..contract.retention_rules import SHORT_LIVED
from ..contract.storage.bucket import Bucket, ObjectInfo
from ..contract.telemetry.log import log
from ..services import Services


def remove_expired(services: Services, at: datetime | None = None) -> int:
    """Returns how many objects were removed; 0 where the buckets do it by themselves. Raises Transient."""
    if not services.settings.is_local:
        return 0
    removed = 0
    for place, days in (SHORT_LIVED | services.settings.retention_days).items():
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
