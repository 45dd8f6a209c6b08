"""The queue of webhook deliveries, and the reminders that put a delivery on it at its time.

The queue is ordered by receiver: Pub/Sub has one message of an ordering key under way at a time, so a
receiver that hangs holds up no other and is called ``LANES`` times at once at most. A reminder is a message
too: the function ``remind`` holds it until the delivery is due. docs/decisions/0018.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, ClassVar

from pydantic import StringConstraints

from ..contract.document import Instant, now
from ..contract.message import QueueMessage
from ..contract.timestamps import moment_of, rfc3339
from ..services import Services
from .deliveries import Delivery

LANES = 4  # calls of one receiver at a time
LATE = timedelta(minutes=2)  # after its time, and still not delivered: the message was lost
AHEAD = timedelta(seconds=90)  # how long before its time a delivery is reminded of: sweep comes each minute

DUE, REMINDED = "due", "reminded"  # on the marker of the job or batch, where ``sweep`` sees them


class DeliveryMessage(QueueMessage):
    """Names the job or the batch whose delivery is due, now or at ``due``."""

    kind: ClassVar[str] = "delivery message"

    subject: Annotated[str, StringConstraints(pattern=r"^(job|batch)_[a-z2-7]{26}$")]
    due: Instant | None = None


def enqueue(services: Services, delivery: Delivery) -> None:
    """Puts the delivery on the queue, now. Raises Transient."""
    subject = delivery.job_id
    lane = zlib.crc32(subject.encode()) % LANES
    services.publish(
        services.settings.webhooks_topic,
        DeliveryMessage(subject=subject).encode(),
        ordering_key=f"{delivery.receiver}-{lane}",
    )


def remind(services: Services, subject: str, due: datetime) -> None:
    """Has the delivery put on the queue when it is due. Raises Transient."""
    message = DeliveryMessage(subject=subject, due=due)
    services.publish(services.settings.reminders_topic, message.encode())


def hand_over(services: Services, delivery: Delivery, mark: Callable[..., object]) -> None:
    """Sees to the next attempt of a pending delivery, whenever it is due, and marks when. Raises Transient.

    The marker is written before what is due goes on the queue: should this process die in between, ``sweep``
    finds an attempt that is late.
    """
    subject, due = delivery.job_id, delivery.next_attempt
    if due is None:
        return
    if due <= now():
        mark(subject, due=rfc3339(now()))
        enqueue(services, delivery)
    elif due - now() <= AHEAD:
        remind(services, subject, due)
        mark(subject, due=rfc3339(due), reminded=rfc3339(due))
    else:
        mark(subject, due=rfc3339(due))


def is_waiting(facts: Mapping[str, str]) -> bool:
    """True if nothing is to be done yet for a marker with these facts: its delivery is far off, or seen to.

    What was due just now is on the queue; only if it stays undone for ``LATE`` was its message lost.
    """
    due = moment_of(facts.get(DUE, ""))
    if due is None:
        return False
    is_reminded = facts.get(REMINDED) == facts[DUE]
    return due - now() > AHEAD or (due > now() - LATE and (is_reminded or due <= now()))
