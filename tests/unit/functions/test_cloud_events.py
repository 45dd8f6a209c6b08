"""What an event says, in either form: as Eventarc sends it, and as a notification that a bucket pushed."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cloudevents.http import CloudEvent

from functions.cloud_events import FinalizedObject, parse_finalized_object
from functions.contract.errors import UnreadableMessage

OBJECT = {"bucket": "uploads", "name": "a/b.png", "generation": "7", "metadata": {"plantain-prompt": "snow"}}
FOUND = FinalizedObject("uploads", "a/b.png", 7, {"plantain-prompt": "snow"})


def eventarc(data: object) -> CloudEvent:
    return CloudEvent({"type": "google.cloud.storage.object.v1.finalized", "source": "s"}, data)


def pushed(data: bytes, **attributes: str) -> CloudEvent:
    message: dict[str, Any] = {"data": base64.b64encode(data).decode(), "attributes": attributes}
    return CloudEvent(
        {"type": "google.cloud.pubsub.topic.v1.messagePublished", "source": "s"}, {"message": message}
    )


def test_both_forms_say_the_same() -> None:
    notification = pushed(json.dumps(OBJECT).encode(), eventType="OBJECT_FINALIZE")
    assert parse_finalized_object(eventarc(OBJECT)) == parse_finalized_object(notification) == FOUND


@pytest.mark.parametrize("kind", ["OBJECT_DELETE", "OBJECT_METADATA_UPDATE", ""])
def test_a_notification_of_something_else_is_not_about_a_new_object(kind: str) -> None:
    with pytest.raises(UnreadableMessage):
        parse_finalized_object(pushed(json.dumps(OBJECT).encode(), eventType=kind))


@pytest.mark.parametrize("data", [b"", b"no json", b"[]", b"{}", b"[" * 100_000])
def test_a_notification_that_names_no_object_is_unreadable(data: bytes) -> None:
    with pytest.raises(UnreadableMessage):
        parse_finalized_object(pushed(data, eventType="OBJECT_FINALIZE"))
