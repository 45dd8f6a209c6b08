"""A delivery once more, because a person asks for it; and the last one before what it tells of is deleted."""

from __future__ import annotations

from threading import BoundedSemaphore

from ..lifecycle.job_ended import TOLD
from ..lifecycle.stored_results import no_manifest
from ..services import Services
from ..triggers.deliver import Ending, deliver, ending_of
from . import deliveries
from .deliveries import Delivery
from .delivery_queue import hand_over

# Replays that call in this process at once: each holds a thread of the API for as long as its receiver hangs.
AT_ONCE = 8
_places = BoundedSemaphore(AT_ONCE)


def replay(services: Services, job_id: str) -> Delivery:
    """Delivers the job's event once more, at once, and on the schedule if that fails. Raises NotFound.

    Where ``AT_ONCE`` others are at it already, the queue delivers it.
    """
    ending = ending_of(services, job_id)
    if ending is None:
        raise no_manifest(services, services.store.read(job_id).record)
    deliveries.read(services, job_id)
    services.store.open(
        job_id, published="yes", **{TOLD: "yes"}
    )  # before it is due again: ``sweep`` sees to it
    due = deliveries.make_due(services, job_id).delivery
    if not _delivered_here(services, job_id, ending):
        hand_over(services, due, services.store.mark)
    return deliveries.read(services, job_id).delivery


def _delivered_here(services: Services, job_id: str, ending: Ending) -> bool:
    """Makes the attempt; False, and nothing is done, while as many others are made as there are places."""
    if not _places.acquire(blocking=False):
        return False
    try:
        deliver(services, job_id, ending, insist=True)
    finally:
        _places.release()
    return True


def deliver_before_deletion(services: Services, subject: str) -> None:
    """Makes the first attempt if the queue has not made it: afterwards there is nothing left to tell."""
    ending = ending_of(services, subject)
    if ending is not None:
        deliver(services, subject, ending)
