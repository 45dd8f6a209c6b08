"""What cannot be understood is kept for a person to look at, and reported, instead of looping."""

from __future__ import annotations

import base64
import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager

from cloudevents.http import CloudEvent

from ..cloud_events import encoded_event
from ..contract.document import now
from ..contract.errors import DamagedDocument, Overtaken, PlantainError, UnsupportedVersion
from ..contract.storage import paths
from ..contract.storage.bucket import NEW
from ..contract.telemetry.log import log
from ..contract.timestamps import rfc3339
from ..services import Services


def set_aside(
    services: Services, data: bytes, why: PlantainError, attributes: Mapping[str, str] | None = None
) -> bool:
    """Keeps ``data`` once, however often it comes; True the first time. Raises Transient."""
    name = paths.set_aside(data)
    note = {
        "reason": why.code,
        "message": why.message,
        "at": rfc3339(now()),
        "attributes": dict(attributes or {}),
        "data": base64.b64encode(data).decode(),
    }
    try:
        services.jobs.put(name, json.dumps(note).encode(), if_generation=NEW)
    except Overtaken:
        return False
    log("set_aside", "ERROR", object=f"gs://{services.jobs.bucket}/{name}", reason=why.code)
    return True


@contextmanager
def unreadable_set_aside(services: Services, event: CloudEvent) -> Generator[None]:
    """Sets the event aside where a stored document that it leads to is damaged, or newer than this program.

    It would be as unreadable the next time, so the event must not come again. Raises Transient.
    """
    try:
        yield
    except (DamagedDocument, UnsupportedVersion) as error:
        set_aside(services, encoded_event(event), error)
