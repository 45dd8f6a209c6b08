"""Holds a reminder until its delivery is due, then puts the delivery on the queue: to the second."""

from __future__ import annotations

from collections.abc import Callable
from time import sleep

from cloudevents.http import CloudEvent

from ..cloud_events import encode_event, parse_message
from ..contract.document import now
from ..contract.errors import InvalidRequest, NotFound, UnreadableMessage
from ..contract.telemetry import HEADER
from ..lifecycle.quarantine import quarantine
from ..notifications import deliveries
from ..notifications.delivery_queue import DeliveryMessage, enqueue_delivery
from ..notifications.open_marker import AHEAD
from ..services import Services
from ..tracing import traced_event


def on_reminder(services: Services, event: CloudEvent, wait: Callable[[float], None] = sleep) -> None:
    """Handles one reminder, for ``AHEAD`` at most. Raises Transient: it comes again.

    A reminder that is earlier than that is dropped: ``sweep`` sends another in time.
    """
    try:
        message = parse_message(event)
    except UnreadableMessage as error:
        quarantine(services, encode_event(event), error)
        return
    try:
        asked = DeliveryMessage.decode(message.data)
    except (UnreadableMessage, InvalidRequest) as error:
        quarantine(services, message.data, error, message.attributes)
        return
    left = (asked.due - now()).total_seconds() if asked.due else 0.0
    if left > AHEAD.total_seconds():
        return
    wait(max(0.0, left))
    with traced_event("remind", message.attributes.get(HEADER), job_id=asked.subject):
        _enqueue_if_due(services, asked.subject)


def _enqueue_if_due(services: Services, subject: str) -> None:
    try:
        delivery = deliveries.read_delivery(services, subject).record
    except NotFound:  # deleted
        return
    if delivery.is_due(now()):
        enqueue_delivery(services, delivery)
