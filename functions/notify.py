"""A manifest was written: the job's end is told to whoever waits for it."""

from __future__ import annotations

from cloudevents.http import CloudEvent

from .contract import paths
from .contract.errors import Deleted, InvalidRequest, UnreadableMessage
from .contract.log import log
from .contract.manifest import Manifest
from .events import finalized_object
from .services import Services
from .set_aside import set_aside
from .telling import tell


def on_result(services: Services, event: CloudEvent) -> None:
    """Handles an object that was written to the results bucket. Raises Transient: the event comes again."""
    try:
        written = finalized_object(event)
    except UnreadableMessage as error:
        log("notify.unreadable_event", "ERROR", reason=error.message)
        return
    job_id = paths.job_id_of_manifest(written.name)
    if job_id is None or written.bucket != services.settings.results_bucket:
        return
    manifest = standing_manifest(services, job_id)
    if manifest is not None:
        tell(services, manifest)


def standing_manifest(services: Services, job_id: str) -> Manifest | None:
    """The job's manifest, unless it was deleted; one that this version cannot read is set aside."""
    try:
        return services.endings.manifest(job_id)
    except Deleted:
        return None
    except InvalidRequest as error:
        set_aside(services, services.results.get(paths.manifest(job_id)).data, error, {"job_id": job_id})
        return None
