"""The queue of webhook deliveries, and the reminders that put a delivery on it at its time.

The queue is ordered by receiver: Pub/Sub has one message of an ordering key under way at a time. A receiver
that hangs therefore delays no other, and is called ``LANES`` times at once at most. A reminder is a message
too: the function ``remind`` holds it until the delivery is due. docs/decisions/0018.
"""

from __future__ import annotations

import zlib
from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import StringConstraints

from ..contract.document import Instant, now
from ..contract.message import QueueMessage
from ..contract.storage.open_markers import OpenMarkers
from ..contract.timestamps import format_time
from ..services import Services
from .deliveries import WebhookDelivery
from .open_marker import AHEAD, DUE, REMINDED

LANES = 4  # calls of one receiver at a time


class DeliveryMessage(QueueMessage):
    """Names the job or the batch whose delivery is due, now or at ``due``."""

    kind: ClassVar[str] = "delivery message"

    subject: Annotated[str, StringConstraints(pattern=r"^(job|batch)_[a-z2-7]{26}$")]
    due: Instant | None = None


def enqueue_delivery(services: Services, delivery: WebhookDelivery) -> None:
    """Puts the delivery on the queue, now. Raises Transient."""
    subject = delivery.job_id
    lane = zlib.crc32(subject.encode()) % LANES
    services.publish(
        services.settings.webhooks_topic,
        DeliveryMessage(subject=subject).encode(),
        ordering_key=f"{delivery.receiver}-{lane}",
    )


def schedule_reminder(services: Services, subject: str, due: datetime) -> None:
    """Has the delivery put on the queue when it is due. Raises Transient."""
    message = DeliveryMessage(subject=subject, due=due)
    services.publish(services.settings.reminders_topic, message.encode())


def schedule_attempt(services: Services, delivery: WebhookDelivery, markers: OpenMarkers) -> None:
    """Schedules the next attempt of a pending delivery and marks when it is due. Raises Transient."""
    subject, due = delivery.job_id, delivery.next_attempt
    if due is None:
        return
    if due <= now():
        # The marker comes first: if this process dies in between, ``sweep`` finds an attempt that is late.
        markers.mark(subject, **{DUE: format_time(now())})
        enqueue_delivery(services, delivery)
    elif due - now() <= AHEAD:
        schedule_reminder(services, subject, due)
        markers.mark(subject, **{DUE: format_time(due), REMINDED: format_time(due)})
    else:
        markers.mark(subject, **{DUE: format_time(due)})
