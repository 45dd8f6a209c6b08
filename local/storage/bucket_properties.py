"""A bucket's properties: which values they may have, and what a change does to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.storage import unsupported_features
from local.storage.errors import InvalidValue, ObjectRetained
from local.storage.object_properties import Json
from local.storage.preconditions import parse_number
from local.storage.timestamps import timestamp_now

FIXED = frozenset(
    {"kind", "id", "name", "projectNumber", "timeCreated", "updated", "metageneration", "generation"}
    | {"etag", "selfLink", "owner", "project"}
)
"""Properties that the service sets, whatever a request says of them."""

DEFAULTS: Json = {"location": "US", "locationType": "multi-region", "storageClass": "STANDARD"}
MAX_RETENTION_SECONDS = 3_155_760_000


def merge_properties(properties: Json, changes: Mapping[str, Any]) -> Json:
    """Returns the properties after a change: null removes, labels are merged key by key.

    Raises:
        UnsupportedFeature: a property has no effect here.
        InvalidValue: a property cannot have this value.
        ObjectRetained: the retention policy is locked.
    """
    unsupported_features.check_bucket_properties(changes)
    _check_cors(changes.get("cors") or [])
    _check_flag("versioning.enabled", (_object_value(changes, "versioning")).get("enabled"))
    _check_flag("defaultEventBasedHold", changes.get("defaultEventBasedHold"))
    wanted = {key: value for key, value in changes.items() if key not in FIXED}
    result = {
        **properties,
        **{key: value for key, value in wanted.items() if key in unsupported_features.BUCKET_PROPERTIES},
    }
    if "retentionPolicy" in changes:
        result["retentionPolicy"] = _merge_retention(properties.get("retentionPolicy"), changes)
    labels = changes.get("labels")
    if isinstance(labels, dict):
        found = {**properties.get("labels", {}), **labels}
        result["labels"] = {key: value for key, value in found.items() if value is not None}
    return {key: value for key, value in result.items() if value is not None}


def lock_retention_policy(properties: Json) -> Json:
    """Returns the properties with a retention policy that can no longer be shortened. Raises InvalidValue."""
    policy = properties.get("retentionPolicy")
    if not policy:
        raise InvalidValue("The bucket has no retention policy to lock.")
    return {**properties, "retentionPolicy": {**policy, "isLocked": True}}


def _merge_retention(before: Json | None, changes: Mapping[str, Any]) -> Json | None:
    policy = _object_value(changes, "retentionPolicy")
    seconds = parse_number(policy, "retentionPeriod") or 0
    if before and before.get("isLocked") and seconds < int(before["retentionPeriod"]):
        raise ObjectRetained(
            "The bucket's retention policy is locked: it can neither be removed nor shortened."
        )
    if not seconds:
        return None
    if not 0 < seconds <= MAX_RETENTION_SECONDS:
        raise InvalidValue(f"retentionPeriod must be between 1 and {MAX_RETENTION_SECONDS} seconds.")
    if before and seconds == int(before["retentionPeriod"]):
        return before
    is_locked = bool(before and before.get("isLocked"))
    return {"retentionPeriod": str(seconds), "effectiveTime": timestamp_now(), "isLocked": is_locked}


def _object_value(changes: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = changes.get(key) or {}
    if not isinstance(value, dict):
        raise InvalidValue(f"{key} must be an object.")
    return value


def _check_flag(name: str, value: Any) -> None:
    if value is not None and not isinstance(value, bool):
        raise InvalidValue(f"{name} must be true or false.")


def _check_cors(rules: Any) -> None:
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise InvalidValue("cors must be a list of rules.")
