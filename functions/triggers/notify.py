"""A manifest was written: the end of the job, or of the batch, is told to whoever waits for it."""

from __future__ import annotations

from cloudevents.http import CloudEvent

from ..batches.batch_ended import tell as tell_of_batch
from ..batches.finalize import summary
from ..cloud_events import finalized_object
from ..contract.errors import Deleted, InvalidRequest, UnreadableMessage
from ..contract.manifest import Manifest
from ..contract.storage import paths
from ..contract.telemetry.log import log
from ..lifecycle.job_ended import tell
from ..lifecycle.quarantine import set_aside, unreadable_set_aside
from ..services import Services
from ..tracing import called


@called()
def on_result(services: Services, event: CloudEvent) -> None:
    """Handles an object that was written to the results bucket. Raises Transient: the event comes again."""
    try:
        written = finalized_object(event)
    except UnreadableMessage as error:
        log("notify.ignored", "WARNING", reason=error.message)
        return
    if written.bucket != services.settings.results_bucket:
        return
    with unreadable_set_aside(services, event):
        if job_id := paths.job_id_of_manifest(written.name):
            manifest = standing_manifest(services, job_id)
            if manifest is not None:
                tell(services, manifest)
        elif batch_id := paths.batch_id_of_manifest(written.name):
            tell_summary(services, batch_id)


def tell_summary(services: Services, batch_id: str) -> None:
    """Of a batch, what ``tell`` does of a job. Raises Transient."""
    found = summary(services, batch_id)
    if found is not None:
        tell_of_batch(services, found)


def standing_manifest(services: Services, job_id: str) -> Manifest | None:
    """The job's manifest, unless it was deleted; one that this version cannot read is set aside."""
    try:
        return services.endings.manifest(job_id)
    except Deleted:
        return None
    except InvalidRequest as error:
        set_aside(services, services.results.get(paths.manifest(job_id)).data, error, {"job_id": job_id})
        return None
