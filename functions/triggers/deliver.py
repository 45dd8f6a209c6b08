"""One attempt at a webhook's delivery, and what follows: the marker closed, or the next attempt seen to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter

from cloudevents.http import CloudEvent

from ..batches.finalize import summary
from ..cloud_events import encoded_event, received_message
from ..contract.batch import AnyEvent, BatchEvent
from ..contract.document import now
from ..contract.errors import InvalidRequest, NotFound, Overtaken, PlantainError, UnreadableMessage
from ..contract.message import Event
from ..contract.storage import paths
from ..contract.storage.batch_store import BatchStore
from ..contract.storage.job_store import JobStore
from ..contract.telemetry import HEADER, JOB, fail, note, span
from ..contract.telemetry.log import log
from ..lifecycle.quarantine import set_aside, unreadable_set_aside
from ..notifications import deliveries
from ..notifications.circuit_breaker import CircuitOpen, Receiver
from ..notifications.deliveries import Attempt, Delivery, StoredDelivery
from ..notifications.delivery_queue import DeliveryMessage, hand_over, remind
from ..notifications.webhooks import SECONDS, call, receiver_of
from ..services import Services
from ..tracing import hop
from .notify import standing_manifest

_CALL = timedelta(seconds=2 * SECONDS)  # that a call may take, the look-up of its name included


@dataclass(frozen=True)
class Ending:
    """What a delivery says: the event, whose it is, and the trace that it belongs to."""

    event: AnyEvent
    owner: str
    traceparent: str | None


def on_delivery(services: Services, event: CloudEvent) -> None:
    """Handles a message of the deliveries' queue. Raises Transient: it comes again."""
    try:
        message = received_message(event)
    except UnreadableMessage as error:
        set_aside(services, encoded_event(event), error)
        return
    try:
        subject = DeliveryMessage.decode(message.data).subject
    except (UnreadableMessage, InvalidRequest) as error:
        set_aside(services, message.data, error, message.attributes)
        return
    with unreadable_set_aside(services, event):
        ending = ending_of(services, subject)
        if ending is not None:
            with hop("deliver", message.attributes.get(HEADER) or ending.traceparent, job_id=subject):
                deliver(services, subject, ending)


def ending_of(services: Services, subject: str) -> Ending | None:
    """What the delivery of a job or a batch says; None once that was deleted. Raises Transient."""
    results = services.settings.results_bucket
    if paths.BATCH_ID.match(subject):
        try:
            batch = summary(services, subject)
        except InvalidRequest as error:
            log("delivery.unreadable_summary", "ERROR", batch_id=subject, code=error.code)
            return None
        return batch and Ending(BatchEvent.of(batch, results), batch.owner, None)
    job = standing_manifest(services, subject)
    return job and Ending(Event.of(job, results), job.origin.owner, job.traceparent)


def deliver(services: Services, subject: str, ending: Ending, *, insist: bool = False) -> None:
    """Makes the attempt that is due, if one is and nobody else makes it. Raises Transient.

    ``insist`` calls a receiver that is left alone as well: a person asked for it.
    """
    try:
        stored = deliveries.read(services, subject)
    except NotFound:  # deleted
        return
    if not stored.delivery.is_due(now()):
        _watch(services, stored.delivery)
        return
    try:
        begun = deliveries.begin_attempt(services, stored)
    except Overtaken:
        return
    attempt = _attempt(services, begun, ending, insist=insist)
    ended = deliveries.end_attempt(services, begun, attempt)
    if ended is not None:
        _log_attempt(ended, attempt)
        _follow_up(services, ended)


def _watch(services: Services, delivery: Delivery) -> None:
    """An attempt that is under way may have lost its sender: then it is due when the claim has lapsed."""
    if delivery.is_under_way and delivery.next_attempt is not None and delivery.next_attempt > now():
        remind(services, delivery.job_id, delivery.next_attempt)


def _attempt(services: Services, begun: StoredDelivery, ending: Ending, *, insist: bool) -> Attempt:
    began, clock = now(), perf_counter()
    try:
        status, error = _call(services, begun.delivery, ending, insist=insist), None
    except PlantainError as failure:
        status, error = None, f"{failure.code}: {failure.message}"
    return Attempt(at=began, seconds=round(perf_counter() - clock, 3), status=status, error=error)


def _call(services: Services, delivery: Delivery, ending: Ending, *, insist: bool) -> int:
    """The status of the answer. Raises CircuitOpen, InvalidWebhook, and what else ``webhooks.call`` does."""
    receiver = Receiver(services.jobs, receiver_of(ending.owner, delivery.url))
    said = {JOB: delivery.job_id, "plantain.event.id": delivery.event_id, "plantain.attempt": delivery.tried}
    with span("webhook", "client", attributes=said) as calling:
        try:
            receiver.admit(_CALL, insist=insist)
            status = call(services, delivery.url, ending.event, ending.owner)
        except PlantainError as failure:
            fail(calling, failure)
            if failure.retryable and not isinstance(failure, CircuitOpen):
                receiver.note(None)
            raise
        note(calling, {"http.response.status_code": status})
        receiver.note(status)
        return status


def _log_attempt(delivery: Delivery, attempt: Attempt) -> None:
    log(
        "webhook.attempted",
        job_id=delivery.job_id,
        event_id=delivery.event_id,
        attempt=delivery.tried,
        status=attempt.status,
        error=attempt.error and attempt.error.partition(":")[0],  # what follows may name the host
        state=delivery.state,
    )


def _follow_up(services: Services, delivery: Delivery) -> None:
    """Closes the marker when nothing is left to do, and else sees to the next attempt."""
    is_batch = paths.BATCH_ID.match(delivery.job_id)
    store: BatchStore | JobStore = BatchStore(services.jobs) if is_batch else services.store
    if delivery.next_attempt is None:
        store.close(delivery.job_id)
    else:
        hand_over(services, delivery, store.mark)
