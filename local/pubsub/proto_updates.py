"""Updates of configurations by field masks."""

from __future__ import annotations

from google.protobuf import field_mask_pb2

from local.pubsub.errors import InvalidArgument
from local.pubsub.protobufs import Proto


def copy_proto(message: Proto) -> Proto:
    """Returns a copy that shares nothing with the original."""
    copy = type(message)()
    copy.CopyFrom(message)
    return copy


def apply_field_mask(
    config: Proto, update: Proto, mask: field_mask_pb2.FieldMask, mutable: frozenset[str]
) -> Proto:
    """Returns a copy of a configuration with the fields that the mask names. Raises InvalidArgument."""
    if not mask.paths:
        raise InvalidArgument("The update_mask in the request must be set and must not be empty.")
    for path in mask.paths:
        if path.split(".")[0] not in mutable:
            raise InvalidArgument(f"Invalid update_mask provided in the request: {path!r} cannot be changed.")
    merged = copy_proto(config)
    try:
        mask.MergeMessage(update, merged, True, True)
    except ValueError as error:
        raise InvalidArgument(f"Invalid update_mask provided in the request: {error}.") from error
    return merged
