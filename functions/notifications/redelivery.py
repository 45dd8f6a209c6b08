"""Delivers once more when a person asks for it, and a last time before a job or a batch is deleted."""

from __future__ import annotations

from threading import BoundedSemaphore

from ..lifecycle.stored_results import no_manifest_error
from ..services import Services
from .deliveries import WebhookDelivery, read_delivery, restart_delivery
from .delivery_attempt import attempt_delivery
from .delivery_queue import schedule_attempt
from .end_notice import EndNotice, read_end_notice
from .open_marker import NOTIFIED

# Replays that call in this process at once: each holds a thread of the API for as long as its receiver hangs.
AT_ONCE = 8
_places = BoundedSemaphore(AT_ONCE)


def replay_delivery(services: Services, job_id: str) -> WebhookDelivery:
    """Delivers the job's event once more, at once, and on the schedule if that fails. Raises NotFound.

    While ``AT_ONCE`` other replays are calling, the queue delivers it.
    """
    notice = read_end_notice(services, job_id)
    if notice is None:
        raise no_manifest_error(services, services.store.read(job_id).record)
    read_delivery(services, job_id)
    # The marker comes first: if this process dies, ``sweep`` finds the delivery that is due.
    services.store.markers.open(job_id, published="yes", **{NOTIFIED: "yes"})
    due = restart_delivery(services, job_id).record
    if not _attempt_if_free(services, notice):
        schedule_attempt(services, due, services.store.markers)
    return read_delivery(services, job_id).record


def _attempt_if_free(services: Services, notice: EndNotice) -> bool:
    """Makes the attempt and returns True; returns False at once while all places are taken."""
    if not _places.acquire(blocking=False):
        return False
    try:
        attempt_delivery(services, notice, insist=True)
    finally:
        _places.release()
    return True


def deliver_before_deletion(services: Services, subject: str) -> None:
    """Makes the first attempt if the queue has not made it: after the deletion there is nothing to send."""
    notice = read_end_notice(services, subject)
    if notice is not None:
        attempt_delivery(services, notice)
