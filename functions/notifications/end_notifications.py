"""Announcing an end, once the manifest or the summary stands: the event is published, the delivery queued.

| step                                  | what a crash after it leaves                                    |
|---------------------------------------|-----------------------------------------------------------------|
| the event is published                | it is published once more, with the same event id               |
| the marker is NOTIFIED                | the rest is done by the next call                               |
| the record follows the manifest       | the same                                                        |
| the delivery is recorded and queued   | ``sweep`` finds an attempt that is late                          |
| or the marker is removed              | nothing: it was the last step                                   |

The marker stays until all steps are done, and ``sweep`` calls again for each marker that it finds. No
receiver is called here: one that hangs must not delay any other.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ..contract.batch import BatchManifest
from ..contract.errors import NotFound
from ..contract.manifest import Manifest
from ..contract.objective import judge_deadline, seconds_to_start
from ..contract.storage.bucket import ObjectInfo
from ..contract.storage.open_markers import OpenMarkers
from ..contract.telemetry import JOB, publish_attributes, span, traceparent
from ..contract.telemetry.log import log
from ..services import Services
from .deliveries import record_delivery
from .delivery_queue import schedule_attempt
from .end_notice import EndNotice, is_batch
from .failure_notes import note_failure
from .open_marker import NOTIFIED


def notify_job_ended(services: Services, manifest: Manifest) -> None:
    """Announces the job's end and removes its marker when nothing is left to do.

    Safe to repeat and to stop anywhere. Without a marker the end was announced already. Raises Transient.
    """
    markers = services.store.markers
    marker = _find_marker(markers, manifest.job_id)
    if marker is None:
        return

    def settle() -> None:
        note_failure(services, manifest)
        services.committer.settle(manifest)
        services.batch_committer.note_job_end(manifest)

    notice = EndNotice.of_job(manifest, services.settings.results_bucket)
    facts = {JOB: manifest.job_id, "plantain.state": str(manifest.state)}
    with span("notify", "consumer", parent=manifest.traceparent, link=traceparent(), attributes=facts):
        _notify_end(services, notice, markers, marker, settle, on_first=partial(_log_judgement, manifest))


def notify_batch_ended(services: Services, summary: BatchManifest) -> None:
    """Announces the batch's end: see ``notify_job_ended``."""
    markers = services.batch_store.markers
    marker = _find_marker(markers, summary.batch_id)
    if marker is not None:
        notice = EndNotice.of_batch(summary, services.settings.results_bucket)
        _notify_end(services, notice, markers, marker, lambda: services.batch_committer.settle(summary))


def _find_marker(markers: OpenMarkers, subject: str) -> ObjectInfo | None:
    try:
        return markers.find(subject)
    except NotFound:
        return None


def _notify_end(
    services: Services,
    notice: EndNotice,
    markers: OpenMarkers,
    marker: ObjectInfo,
    settle: Callable[[], None],
    on_first: Callable[[], None] = lambda: None,
) -> None:
    seen: ObjectInfo | None = marker
    if NOTIFIED not in marker.metadata:
        _publish_event(services, notice)
        on_first()
        seen = markers.mark(notice.subject, **{NOTIFIED: "yes"})
    # Before the marker is removed: the process that committed may have died before the record followed.
    settle()
    stored = notice.webhook and record_delivery(services, notice, notice.webhook)
    if stored and stored.record.state == "pending":
        schedule_attempt(services, stored.record, markers)
    else:
        markers.close(notice.subject, seen)


def _publish_event(services: Services, notice: EndNotice) -> None:
    topic, event = services.settings.events_topic, notice.event
    if is_batch(notice.subject):
        services.publish(topic, event.encode(), event_id=event.id, type=event.type, batch_id=notice.subject)
        return
    with span("publish event", "producer", attributes=publish_attributes(topic, notice.subject)):
        services.publish(topic, event.encode(), event_id=event.id, type=event.type, job_id=notice.subject)


def _log_judgement(manifest: Manifest) -> None:
    """Logs what the service level objectives count.

    A function does, and not the worker that ends the job: what a container on Vertex AI logs is in no metric,
    and a job that expires in the queue has no worker. If the function dies before the marker is written, the
    next call logs the line again.
    """
    log(
        "job.judged",
        job_id=manifest.job_id,
        state=str(manifest.state),
        deadline=judge_deadline(manifest),
        priority=manifest.origin.request.priority,
        start_seconds=seconds_to_start(manifest),
    )
