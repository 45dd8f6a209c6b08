"""The quarantine: what cannot be understood is kept for an operator and reported, instead of looping."""

from __future__ import annotations

import base64
import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager

from cloudevents.http import CloudEvent

from ..cloud_events import encode_event
from ..contract import paths
from ..contract.document import now
from ..contract.errors import UNREADABLE, Deleted, InvalidRequest, Overtaken, PlantainError
from ..contract.manifest import Manifest
from ..contract.storage.bucket import NEW
from ..contract.telemetry.log import log
from ..contract.timestamps import format_time
from ..services import Services


def quarantine(
    services: Services, data: bytes, why: PlantainError, attributes: Mapping[str, str] | None = None
) -> bool:
    """Keeps ``data`` once, however often it comes. Returns True the first time. Raises Transient."""
    name = paths.quarantined(data)
    note = {
        "reason": why.code,
        "message": why.message,
        "at": format_time(now()),
        "attributes": dict(attributes or {}),
        "data": base64.b64encode(data).decode(),
    }
    try:
        services.jobs.put(name, json.dumps(note).encode(), if_generation=NEW)
    except Overtaken:
        return False
    log("set_aside", "ERROR", object=f"gs://{services.jobs.name}/{name}", reason=why.code)
    return True


def read_manifest_or_quarantine(services: Services, job_id: str) -> Manifest | None:
    """Returns the job's manifest; None if there is none, the job was deleted, or it cannot be read.

    A manifest that this version cannot read is quarantined. Raises Transient.
    """
    try:
        return services.committer.read_manifest(job_id)
    except Deleted:
        return None
    except InvalidRequest as error:
        quarantine(services, services.results.get(paths.manifest(job_id)).data, error, {"job_id": job_id})
        return None


@contextmanager
def quarantine_if_unreadable(services: Services, event: CloudEvent) -> Generator[None]:
    """Quarantines the event if it leads to a stored document that is damaged, or newer than this program.

    The document would be as unreadable the next time, so the event must not come again. Raises Transient.
    """
    try:
        yield
    except UNREADABLE as error:
        quarantine(services, encode_event(event), error)
