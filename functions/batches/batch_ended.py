"""Telling of a batch's end, once its summary stands: the event is published, the delivery queued."""

from __future__ import annotations

from ..contract.batch import BatchEvent, BatchManifest
from ..contract.errors import NotFound
from ..contract.storage import paths
from ..contract.storage.batch_store import BatchStore
from ..lifecycle.job_ended import TOLD
from ..notifications import deliveries
from ..notifications.deliveries import StoredDelivery
from ..notifications.delivery_queue import hand_over
from ..services import Services
from .finalize import settle


def tell(services: Services, manifest: BatchManifest) -> None:
    """Publishes the event and queues the webhook's delivery; closes the batch when nothing is left to do.

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
    settle(services, manifest)  # before it is closed: whoever committed it may have died between the two
    stored = _recorded(services, manifest, event)  # it may be damaged
    if stored is not None and stored.delivery.state == "pending":
        hand_over(services, stored.delivery, store.mark)
    else:
        store.close(manifest.batch_id)


def _recorded(services: Services, manifest: BatchManifest, event: BatchEvent) -> StoredDelivery | None:
    """The webhook's delivery, where one is wanted."""
    webhook = manifest.webhook
    if webhook is None or (webhook.events is not None and event.type not in webhook.events):
        return None
    return deliveries.recorded(services, manifest.batch_id, manifest.owner, event, webhook.url)
