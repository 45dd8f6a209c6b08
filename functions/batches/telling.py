"""Telling of a batch's end, once its summary stands: the event, the webhook, and then the batch is closed."""

from __future__ import annotations

from .. import deliveries
from ..contract import paths
from ..contract.batch import BatchEvent, BatchManifest
from ..contract.errors import NotFound
from ..contract.timestamps import rfc3339
from ..services import Services
from ..telling import DUE, TOLD
from .closing import settle
from .store import BatchStore


def tell(services: Services, manifest: BatchManifest) -> None:
    """Publishes the event, makes the webhook's due attempt, and closes the batch when nothing is left to do.

    Safe to repeat, and to stop anywhere. A batch without a marker was told of already. Raises Transient.
    """
    try:
        marker = services.jobs.stat(paths.open_batch_marker(manifest.batch_id)).metadata
    except NotFound:
        return
    store = BatchStore(services.jobs)
    event = BatchEvent.of(manifest, services.settings.results_bucket)
    if TOLD not in marker:
        topic = services.settings.events_topic
        services.publish(
            topic, event.encode(), event_id=event.id, type=event.type, batch_id=manifest.batch_id
        )
        store.mark(manifest.batch_id, **{TOLD: "yes"})
    pending = _deliver(services, manifest, event)
    settle(services, manifest)  # before it is closed: whoever committed it may have died between the two
    if pending is None:
        store.close(manifest.batch_id)
    else:
        store.mark(manifest.batch_id, **{DUE: pending})


def _deliver(services: Services, manifest: BatchManifest, event: BatchEvent) -> str | None:
    """When the webhook is due next, or None when it needs nothing more."""
    webhook = manifest.webhook
    if webhook is None or (webhook.events is not None and event.type not in webhook.events):
        return None
    stored = deliveries.recorded(services, manifest.batch_id, event, webhook.url)
    delivery = deliveries.attempt_if_due(services, stored, event)
    return rfc3339(delivery.next_attempt) if delivery.next_attempt else None
