"""One attempt at a webhook's delivery. Then the marker is removed, or the next attempt scheduled."""

from __future__ import annotations

from datetime import timedelta
from time import perf_counter

from ..contract.document import now
from ..contract.errors import NotFound, Overtaken, PlantainError
from ..contract.storage.open_markers import OpenMarkers
from ..contract.telemetry import JOB, record_failure, set_attributes, span
from ..contract.telemetry.log import log
from ..services import Services
from . import deliveries
from .circuit_breaker import CircuitOpen, ReceiverCircuit
from .deliveries import DeliveryAttempt, StoredDelivery, WebhookDelivery
from .delivery_queue import schedule_attempt, schedule_reminder
from .end_notice import EndNotice, is_batch
from .webhooks import SECONDS, call_webhook, receiver_of

_LONGEST_CALL = timedelta(seconds=2 * SECONDS)  # the look-up of the name included


def attempt_delivery(services: Services, notice: EndNotice, *, insist: bool = False) -> None:
    """Makes the attempt that is due, if one is and no other process makes it. Raises Transient.

    ``insist`` calls a receiver whose circuit is open as well: a person asked for the call.
    """
    try:
        stored = deliveries.read_delivery(services, notice.subject)
    except NotFound:  # deleted
        return
    if not stored.record.is_due(now()):
        _watch_claim(services, stored.record)
        return
    try:
        begun = deliveries.begin_attempt(services, stored)
    except Overtaken:
        return
    attempt = _make_attempt(services, begun, notice, insist=insist)
    ended = deliveries.end_attempt(services, begun, attempt)
    if ended is not None:
        _log_attempt(ended, attempt)
        _follow_up(services, ended)


def _watch_claim(services: Services, delivery: WebhookDelivery) -> None:
    # The sender of an attempt under way may have died: the delivery is due again when the claim has lapsed.
    if delivery.is_under_way and delivery.next_attempt is not None and delivery.next_attempt > now():
        schedule_reminder(services, delivery.job_id, delivery.next_attempt)


def _make_attempt(
    services: Services, begun: StoredDelivery, notice: EndNotice, *, insist: bool
) -> DeliveryAttempt:
    began, clock = now(), perf_counter()
    try:
        status, error = _call_receiver(services, begun.record, notice, insist=insist), None
    except PlantainError as failure:
        status, error = None, f"{failure.code}: {failure.message}"
    return DeliveryAttempt(at=began, seconds=round(perf_counter() - clock, 3), status=status, error=error)


def _call_receiver(services: Services, delivery: WebhookDelivery, notice: EndNotice, *, insist: bool) -> int:
    """Returns the answer's status. Raises CircuitOpen, and what ``call_webhook`` raises."""
    circuit = ReceiverCircuit(services.jobs, receiver_of(notice.owner, delivery.url))
    facts = {
        JOB: delivery.job_id,
        "plantain.event.id": delivery.event_id,
        "plantain.attempt": delivery.tried,
    }
    with span("webhook", "client", attributes=facts) as calling:
        try:
            circuit.admit(_LONGEST_CALL, insist=insist)
            status = call_webhook(services, delivery.url, notice.event, notice.owner)
        except PlantainError as failure:
            record_failure(calling, failure)
            if failure.retryable and not isinstance(failure, CircuitOpen):
                circuit.note(None)
            raise
        set_attributes(calling, {"http.response.status_code": status})
        circuit.note(status)
        return status


def _log_attempt(delivery: WebhookDelivery, attempt: DeliveryAttempt) -> None:
    log(
        "webhook.attempted",
        job_id=delivery.job_id,
        event_id=delivery.event_id,
        attempt=delivery.tried,
        status=attempt.status,
        error=attempt.error and attempt.error.partition(":")[0],  # what follows may name the host
        state=delivery.state,
    )


def _follow_up(services: Services, delivery: WebhookDelivery) -> None:
    markers = _markers_of(services, delivery.job_id)
    if delivery.next_attempt is None:
        markers.close(delivery.job_id)
    else:
        schedule_attempt(services, delivery, markers)


def _markers_of(services: Services, subject: str) -> OpenMarkers:
    return services.batch_store.markers if is_batch(subject) else services.store.markers
