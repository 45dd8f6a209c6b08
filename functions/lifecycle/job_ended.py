"""Telling of a job's end, once its manifest stands: the event is published, the delivery queued."""

from __future__ import annotations

from ..batches.finalize import note_end
from ..contract.errors import NotFound
from ..contract.manifest import Manifest
from ..contract.message import Event
from ..contract.objective import judge_deadline, seconds_to_start
from ..contract.storage import paths
from ..contract.storage.bucket import Listed
from ..contract.telemetry import JOB, span, to_topic, traceparent
from ..contract.telemetry.log import log
from ..notifications import deliveries
from ..notifications.delivery_queue import hand_over
from ..services import Services

TOLD = "told"  # on the job's marker, where ``sweep`` sees it


def tell(services: Services, manifest: Manifest) -> None:
    """Publishes the event and queues the webhook's delivery; closes the job when nothing is left to do.

    No receiver is called here: one that hangs must hold up nobody else. Safe to repeat, and to stop anywhere:
    the marker stays until all of it is done, and ``sweep`` comes back to it. A job without a marker was told
    of already. Raises Transient.
    """
    try:
        marker = services.jobs.stat(paths.open_marker(manifest.job_id))
    except NotFound:
        return
    job = {JOB: manifest.job_id, "plantain.state": str(manifest.state)}
    with span("notify", "consumer", parent=manifest.traceparent, link=traceparent(), attributes=job):
        _tell(services, manifest, marker)


def _tell(services: Services, manifest: Manifest, marker: Listed) -> None:
    event = Event.of(manifest, services.settings.results_bucket)
    seen: Listed | None = marker
    if TOLD not in marker.metadata:
        _publish(services, event)
        _log_judgement(manifest)
        seen = services.store.mark(manifest.job_id, **{TOLD: "yes"})
    services.endings.settle(manifest)  # before it is closed: a worker may have died between the two
    note_end(services, manifest)
    url = deliveries.wanted(manifest)
    owner = manifest.origin.owner
    stored = url and deliveries.recorded(services, manifest.job_id, owner, event, url)  # it may be damaged
    if stored and stored.delivery.state == "pending":
        hand_over(services, stored.delivery, services.store.mark)
    else:
        services.store.close(manifest.job_id, seen)


def _publish(services: Services, event: Event) -> None:
    topic = services.settings.events_topic
    with span("publish event", "producer", attributes=to_topic(topic, event.data.job_id)):
        services.publish(topic, event.encode(), event_id=event.id, type=event.type, job_id=event.data.job_id)


def _log_judgement(manifest: Manifest) -> None:
    """Logs what the service level objectives count.

    A function does, and not the worker that ends the job: what a container on Vertex AI logs is in no metric,
    and a job that expires in the queue has no worker. A function that dies before the marker is written makes
    the next one repeat the line.
    """
    log(
        "job.judged",
        job_id=manifest.job_id,
        state=str(manifest.state),
        deadline=judge_deadline(manifest),
        priority=manifest.origin.request.priority,
        start_seconds=seconds_to_start(manifest),
    )
