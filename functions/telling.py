"""Telling of a job's end, once its manifest stands: the event, the webhook, and then the job is closed."""

from __future__ import annotations

from collections.abc import Mapping

from . import deliveries
from .batches.closing import note_end
from .contract import paths
from .contract.document import now
from .contract.errors import NotFound
from .contract.manifest import Manifest
from .contract.message import Event
from .contract.objects import Listed
from .contract.telemetry import JOB, span, to_topic, traceparent
from .contract.timestamps import rfc3339
from .deliveries import Delivery
from .kept_results import no_manifest
from .services import Services

TOLD, DUE = "told", "due"  # on the job's marker, where ``sweep`` sees them


def tell(services: Services, manifest: Manifest) -> None:
    """Publishes the event, makes the webhook's due attempt, and closes the job when nothing is left to do.

    Safe to repeat, and to stop anywhere: the marker stays until all of it is done, and ``sweep`` comes back
    to it. A job without a marker was told of already. Raises Transient.
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
        seen = services.store.mark(manifest.job_id, **{TOLD: "yes"})
    pending = _deliver(services, manifest, event)
    services.endings.settle(manifest)  # before it is closed: a worker may have died between the two
    note_end(services, manifest)
    if pending is None:
        services.store.close(manifest.job_id, seen)
    else:
        services.store.mark(manifest.job_id, **{DUE: pending})


def _publish(services: Services, event: Event) -> None:
    topic = services.settings.events_topic
    with span("publish event", "producer", attributes=to_topic(topic, event.data.job_id)):
        services.publish(topic, event.encode(), event_id=event.id, type=event.type, job_id=event.data.job_id)


def _deliver(services: Services, manifest: Manifest, event: Event) -> str | None:
    """When the webhook is due next, or None when it needs nothing more."""
    url = deliveries.wanted(manifest)
    if url is None:
        return None
    delivery = deliveries.attempt_if_due(
        services, deliveries.recorded(services, manifest.job_id, event, url), event
    )
    return rfc3339(delivery.next_attempt) if delivery.next_attempt else None


def replay(services: Services, job_id: str) -> Delivery:
    """Delivers the job's event once more, at once, and on the schedule if that fails. Raises NotFound."""
    manifest = services.endings.manifest(job_id)
    if manifest is None:
        raise no_manifest(services, services.store.read(job_id).record)
    deliveries.read(services, job_id)
    services.store.open(job_id)  # before it is due again: from here on ``sweep`` sees to it
    services.store.mark(job_id, published="yes", told="yes")
    deliveries.replay(services, job_id)
    tell(services, manifest)
    return deliveries.read(services, job_id).delivery


def is_waiting(marker: Mapping[str, str]) -> bool:
    """Whether nothing can be done for this job before its webhook is due again."""
    return TOLD in marker and marker.get(DUE, "") > rfc3339(now())
