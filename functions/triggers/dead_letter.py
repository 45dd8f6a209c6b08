"""Handles a message that every worker gave back: ends its job, or quarantines the message."""

from __future__ import annotations

from cloudevents.http import CloudEvent

from ..cloud_events import ReceivedMessage, encode_event, parse_message
from ..contract.errors import (
    AttemptsExhausted,
    Deleted,
    InvalidRequest,
    NotFound,
    PlantainError,
    UnreadableMessage,
)
from ..contract.message import JobMessage, traceparent_of
from ..contract.states import State
from ..contract.telemetry.log import log
from ..lifecycle.cancellation import is_leased
from ..lifecycle.quarantine import quarantine
from ..services import Services
from ..tracing import traced_event


def on_dead_message(services: Services, event: CloudEvent) -> None:
    """Handles one message of the dead-letter topic. Raises Transient: the event comes again."""
    try:
        message = parse_message(event)
    except UnreadableMessage as error:
        quarantine(services, encode_event(event), error)
        return
    with traced_event("dead_letter", traceparent_of(message.data)):
        _end_or_quarantine(services, message)


def _end_or_quarantine(services: Services, message: ReceivedMessage) -> None:
    try:
        _end_job(services, JobMessage.decode(message.data).job_id)
    except (UnreadableMessage, InvalidRequest) as error:
        _quarantine_message(services, message, error)
    except Deleted:  # it had ended: the message came late
        log("dead_letter.job_was_deleted")
    except NotFound:
        _quarantine_message(services, message, NotFound("The message names a job that was never recorded."))


def _quarantine_message(services: Services, message: ReceivedMessage, why: PlantainError) -> None:
    quarantine(services, message.data, why, message.attributes)


def _end_job(services: Services, job_id: str) -> None:
    """Ends the job as failed. Raises NotFound for a job without a record, and UnsupportedVersion."""
    manifest = services.committer.read_manifest(job_id)
    if manifest is not None:
        services.committer.settle(manifest)
        return
    record = services.store.read(job_id).record
    if is_leased(record):  # its worker ends the job, or ``sweep`` does when the lease lapses
        log("dead_letter.job_is_held", job_id=job_id)
        return
    error = AttemptsExhausted(
        "Every attempt at the job was lost: submit it again, or look at the worker's log."
    )
    services.committer.end(record, State.FAILED, error.facts())
    log("dead_letter.job_failed", "ERROR", job_id=job_id, attempts=record.attempt)
