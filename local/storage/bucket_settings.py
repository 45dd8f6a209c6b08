"""A bucket's properties: which values they may have, and what a change does to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.storage import unsupported
from local.storage.errors import Invalid, Retained
from local.storage.preconditions import number
from local.storage.properties import Json
from local.storage.timestamps import timestamp

FIXED = frozenset(
    {"kind", "id", "name", "projectNumber", "timeCreated", "updated", "metageneration", "generation"}
    | {"etag", "selfLink", "owner", "project"}
)
"""Properties that the service sets, whatever a request says of them."""

DEFAULTS: Json = {"location": "US", "locationType": "multi-region", "storageClass": "STANDARD"}
MAX_RETENTION_SECONDS = 3_155_760_000


def merged(properties: Json, changes: Mapping[str, Any]) -> Json:
    """The properties after a change: null removes, labels are merged key by key.

    Raises:
        Unsupported: a property has no effect here.
        Invalid: a property has no such value.
        Retained: the retention policy is locked.
    """
    unsupported.check_bucket(changes)
    _check_cors(changes.get("cors") or [])
    _check_flag("versioning.enabled", (_document(changes, "versioning")).get("enabled"))
    _check_flag("defaultEventBasedHold", changes.get("defaultEventBasedHold"))
    wanted = {key: value for key, value in changes.items() if key not in FIXED}
    result = {**properties, **{key: value for key, value in wanted.items() if key in unsupported.BUCKET}}
    if "retentionPolicy" in changes:
        result["retentionPolicy"] = _retention(properties.get("retentionPolicy"), changes)
    labels = changes.get("labels")
    if isinstance(labels, dict):
        found = {**properties.get("labels", {}), **labels}
        result["labels"] = {key: value for key, value in found.items() if value is not None}
    return {key: value for key, value in result.items() if value is not None}


def locked(properties: Json) -> Json:
    """The properties with a retention policy that can no longer be shortened. Raises Invalid without one."""
    policy = properties.get("retentionPolicy")
    if not policy:
        raise Invalid("The bucket has no retention policy to lock.")
    return {**properties, "retentionPolicy": {**policy, "isLocked": True}}


def _retention(before: Json | None, changes: Mapping[str, Any]) -> Json | None:
    policy = _document(changes, "retentionPolicy")
    seconds = number(policy, "retentionPeriod") or 0
    if before and before.get("isLocked") and seconds < int(before["retentionPeriod"]):
        raise Retained("The bucket's retention policy is locked: it can neither be removed nor shortened.")
    if not seconds:
        return None
    if not 0 < seconds <= MAX_RETENTION_SECONDS:
        raise Invalid(f"retentionPeriod must be between 1 and {MAX_RETENTION_SECONDS} seconds.")
    if before and seconds == int(before["retentionPeriod"]):
        return before
    is_locked = bool(before and before.get("isLocked"))
    return {"retentionPeriod": str(seconds), "effectiveTime": timestamp(), "isLocked": is_locked}


def _document(changes: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = changes.get(key) or {}
    if not isinstance(value, dict):
        raise Invalid(f"{key} must be an object.")
    return value


def _check_flag(name: str, value: Any) -> None:
    if value is not None and not isinstance(value, bool):
        raise Invalid(f"{name} must be true or false.")


def _check_cors(rules: Any) -> None:
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise Invalid("cors must be a list of rules.")
