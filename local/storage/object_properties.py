"""The properties of an object that a caller may set: content type and similar ones, and custom metadata."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from local.storage.errors import InvalidValue

Json = dict[str, Any]

HEADER_OF_PROPERTY = {
    "cacheControl": "cache-control",
    "contentDisposition": "content-disposition",
    "contentEncoding": "content-encoding",
    "contentLanguage": "content-language",
    "contentType": "content-type",
}
"""Properties that a download carries as headers."""

TEMPORARY_HOLD, EVENT_BASED_HOLD = "temporaryHold", "eventBasedHold"
HOLDS = (TEMPORARY_HOLD, EVENT_BASED_HOLD)
"""Properties that are true or false."""

PATCHED = (*HEADER_OF_PROPERTY, "customTime", *HOLDS)
SETTABLE = (*PATCHED, "storageClass")
MAX_METADATA = 8 * 1024
"""Bytes of custom metadata, keys and values, that one object may have."""

_DEFAULT_TYPE = "application/octet-stream"
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]|[^\x00-\xff]")


def new_properties(resource: Mapping[str, Any], content_type: str | None = None) -> Json:
    """Returns the properties of a new object. Raises InvalidValue."""
    properties: Json = {
        key: _check_value(key, resource[key]) for key in SETTABLE if resource.get(key) is not None
    }
    properties.setdefault("contentType", _check_text("contentType", content_type or _DEFAULT_TYPE))
    return _with_metadata(properties, _check_metadata(resource.get("metadata")))


def patch_properties(properties: Json, changes: Mapping[str, Any]) -> Json:
    """Returns the properties after a patch: null removes, custom metadata is merged by key.

    Raises InvalidValue.
    """
    result = dict(properties)
    for key in PATCHED:
        if key in changes:
            _set_property(result, key, changes[key])
    if "metadata" in changes:
        wanted = changes["metadata"]
        old = {} if wanted is None else result.get("metadata", {})
        return _with_metadata(result, {**old, **_check_metadata(wanted)})
    return result


def replace_properties(properties: Json, resource: Mapping[str, Any]) -> Json:
    """Returns the properties after an update: those not named are removed. Raises InvalidValue."""
    kept = {key: value for key, value in properties.items() if key == "storageClass"}
    named = {key: _check_value(key, resource[key]) for key in PATCHED if resource.get(key) is not None}
    return _with_metadata({**kept, **named}, _check_metadata(resource.get("metadata")))


def copy_properties(properties: Json, resource: Mapping[str, Any]) -> Json:
    """Returns the properties of a copy: the source's, unless the request has its own. Raises InvalidValue."""
    if any(key in resource for key in (*PATCHED, "metadata")):
        return new_properties(resource, properties.get("contentType"))
    own = {key: _check_value(key, resource[key]) for key in SETTABLE if resource.get(key) is not None}
    inherited = {key: value for key, value in properties.items() if key not in HOLDS}  # a copy is not held
    return {**inherited, **own}


def _set_property(properties: Json, key: str, value: Any) -> None:
    if value is None:
        properties.pop(key, None)
    else:
        properties[key] = _check_value(key, value)


def _check_value(key: str, value: Any) -> str | bool:
    return _check_flag(key, value) if key in HOLDS else _check_text(key, value)


def _check_flag(key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise InvalidValue(f"Invalid value for {key}: it must be true or false.")
    return value


def _check_text(key: str, value: Any) -> str:
    # They become headers of a download, where a line break would end the header.
    if not isinstance(value, str) or _CONTROL.search(value):
        raise InvalidValue(f"Invalid value for {key}: it must be text without control characters.")
    return value.strip()


def _check_metadata(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidValue("metadata must be an object of strings.")
    for key, each in value.items():
        if not key or isinstance(each, dict | list):
            raise InvalidValue(f"Invalid value for metadata {key!r}: it must be a string.")
    return {key: each if isinstance(each, str | None) else json.dumps(each) for key, each in value.items()}


def _with_metadata(properties: Json, metadata: Mapping[str, str | None]) -> Json:
    kept = {key: value for key, value in metadata.items() if value is not None}
    size = sum(
        len(key.encode(errors="replace")) + len(value.encode(errors="replace")) for key, value in kept.items()
    )
    if size > MAX_METADATA:
        raise InvalidValue(f"Custom metadata is at most {MAX_METADATA} bytes; this has {size}.")
    properties.pop("metadata", None)
    return {**properties, "metadata": kept} if kept else properties
