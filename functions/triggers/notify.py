"""Announces the end of a job or a batch when its manifest was written."""

from __future__ import annotations

from cloudevents.http import CloudEvent

from ..cloud_events import parse_finalized_object
from ..contract import paths
from ..contract.errors import UnreadableMessage
from ..contract.telemetry.log import log
from ..lifecycle.quarantine import quarantine_if_unreadable, read_manifest_or_quarantine
from ..notifications.end_notifications import notify_batch_ended, notify_job_ended
from ..services import Services
from ..tracing import traced_sweep


@traced_sweep()
def on_result(services: Services, event: CloudEvent) -> None:
    """Handles an object that was written to the results bucket. Raises Transient: the event comes again."""
    try:
        written = parse_finalized_object(event)
    except UnreadableMessage as error:
        log("notify.ignored", "WARNING", reason=error.message)
        return
    if written.bucket != services.settings.results_bucket:
        return
    with quarantine_if_unreadable(services, event):
        if job_id := paths.job_id_of_manifest(written.name):
            manifest = read_manifest_or_quarantine(services, job_id)
            if manifest is not None:
                notify_job_ended(services, manifest)
        elif batch_id := paths.batch_id_of_manifest(written.name):
            summary = services.batch_committer.read_summary(batch_id)
            if summary is not None:
                notify_batch_ended(services, summary)
