"""Makes one attempt at the webhook delivery that a message of the queue names."""

from __future__ import annotations

from cloudevents.http import CloudEvent

from ..cloud_events import encode_event, parse_message
from ..contract.errors import InvalidRequest, UnreadableMessage
from ..contract.telemetry import HEADER
from ..lifecycle.quarantine import quarantine, quarantine_if_unreadable
from ..notifications.delivery_attempt import attempt_delivery
from ..notifications.delivery_queue import DeliveryMessage
from ..notifications.end_notice import read_end_notice
from ..services import Services
from ..tracing import traced_event


def on_delivery(services: Services, event: CloudEvent) -> None:
    """Handles a message of the deliveries' queue. Raises Transient: the message comes again."""
    try:
        message = parse_message(event)
    except UnreadableMessage as error:
        quarantine(services, encode_event(event), error)
        return
    try:
        subject = DeliveryMessage.decode(message.data).subject
    except (UnreadableMessage, InvalidRequest) as error:
        quarantine(services, message.data, error, message.attributes)
        return
    with quarantine_if_unreadable(services, event):
        notice = read_end_notice(services, subject)
        if notice is not None:
            trace = message.attributes.get(HEADER) or notice.traceparent
            with traced_event("deliver", trace, job_id=subject):
                attempt_delivery(services, notice)
