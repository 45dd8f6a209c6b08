"""A delivery once more, because a person asks for it; and the last one before what it tells of is deleted."""

from __future__ import annotations

from . import deliveries
from .deliver import deliver, ending_of
from .deliveries import Delivery
from .kept_results import no_manifest
from .services import Services
from .telling import TOLD


def replay(services: Services, job_id: str) -> Delivery:
    """Delivers the job's event once more, at once, and on the schedule if that fails. Raises NotFound."""
    ending = ending_of(services, job_id)
    if ending is None:
        raise no_manifest(services, services.store.read(job_id).record)
    deliveries.read(services, job_id)
    services.store.open(
        job_id, published="yes", **{TOLD: "yes"}
    )  # before it is due again: ``sweep`` sees to it
    deliveries.make_due(services, job_id)
    deliver(services, job_id, ending, insist=True)
    return deliveries.read(services, job_id).delivery


def deliver_before_deletion(services: Services, subject: str) -> None:
    """Makes the first attempt if the queue has not made it: afterwards there is nothing left to tell."""
    ending = ending_of(services, subject)
    if ending is not None:
        deliver(services, subject, ending)
