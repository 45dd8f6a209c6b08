"""A message that every worker gave back: its job is brought to an end, or the message is set aside."""

from __future__ import annotations

from cloudevents.http import CloudEvent

from ..cloud_events import ReceivedMessage, encoded_event, received_message
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
from ..lifecycle.cancellation import is_held
from ..lifecycle.quarantine import set_aside
from ..services import Services
from ..tracing import hop


def on_dead_message(services: Services, event: CloudEvent) -> None:
    """Handles one message of the dead-letter topic. Raises Transient: the event comes again."""
    try:
        message = received_message(event)
    except UnreadableMessage as error:
        set_aside(services, encoded_event(event), error)
        return
    with hop("dead_letter", traceparent_of(message.data)):
        _bury(services, message)


def _bury(services: Services, message: ReceivedMessage) -> None:
    try:
        _end(services, JobMessage.decode(message.data).job_id)
    except (UnreadableMessage, InvalidRequest) as error:
        _keep(services, message, error)
    except Deleted:  # it had ended: the message came late
        log("dead_letter.job_was_deleted")
    except NotFound:
        _keep(services, message, NotFound("The message names a job that was never recorded."))


def _keep(services: Services, message: ReceivedMessage, why: PlantainError) -> None:
    set_aside(services, message.data, why, message.attributes)


def _end(services: Services, job_id: str) -> None:
    """Raises NotFound for a job without a record, and UnsupportedVersion for a newer one."""
    manifest = services.endings.manifest(job_id)
    if manifest is not None:
        services.endings.settle(manifest)
        return
    record = services.store.read(job_id).record
    if is_held(record):  # a worker is at it: it ends the job, or ``sweep`` does when the lease lapses
        log("dead_letter.job_is_held", job_id=job_id)
        return
    error = AttemptsExhausted(
        "Every attempt at the job was lost: submit it again, or look at the worker's log."
    )
    services.endings.end(record, State.FAILED, error.facts())
    log("dead_letter.job_failed", "ERROR", job_id=job_id, attempts=record.attempt)
