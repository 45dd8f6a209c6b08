"""Takes a job of a remote model to its Vertex AI endpoint, and keeps its message until the job has ended.

| what happened                                        | the job                   | the message  |
|------------------------------------------------------|---------------------------|--------------|
| it has ended, now or before                          | ended                     | acknowledged |
| the job is leased: an earlier call timed out while   | left to that worker       | comes again  |
| the worker went on                                   |                           |              |
| the endpoint is busy, starting, away, or too slow    | unchanged                 | comes again  |
| the endpoint's worker does not understand it         | failed                    | acknowledged |
| the endpoint refuses our calls: no model, no role    | failed, 15 minutes after  | comes again, |
|                                                      | the first refusal         | then ends    |
| there is no endpoint                                 | failed                    | acknowledged |
| the message cannot be understood                     | –                         | quarantined  |

A message that comes again too often becomes a dead letter, like one that every worker gave back.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from cloudevents.http import CloudEvent

from .. import vertex_endpoint
from ..cloud_events import ReceivedMessage, encode_event, parse_message
from ..contract import paths
from ..contract.document import now
from ..contract.errors import (
    Deleted,
    InvalidRequest,
    ModelUnavailable,
    NotFound,
    PlantainError,
    Transient,
    UnreadableMessage,
)
from ..contract.job import JobRecord
from ..contract.message import JobMessage, traceparent_of
from ..contract.states import State
from ..contract.telemetry import traceparent
from ..contract.telemetry.log import log
from ..lifecycle.cancellation import is_leased
from ..lifecycle.quarantine import quarantine, quarantine_if_unreadable
from ..services import Services
from ..tracing import traced_event

# A role that was granted just now, or a model that is being deployed, takes minutes to be seen everywhere.
PATIENCE = timedelta(minutes=15)


def on_job(
    services: Services,
    event: CloudEvent,
    ask: vertex_endpoint.RunOnEndpoint = vertex_endpoint.run_on_endpoint,
) -> None:
    """Handles one message of the remote topic. Raises Transient: it comes again, later each time."""
    try:
        message = parse_message(event)
    except UnreadableMessage as error:
        quarantine(services, encode_event(event), error)
        return
    with traced_event("dispatch", traceparent_of(message.data)), quarantine_if_unreadable(services, event):
        record = _read_record(services, message)
        if record is not None and not record.state.is_terminal:
            _bring_to_endpoint(services, record, ask)


def _bring_to_endpoint(services: Services, record: JobRecord, ask: vertex_endpoint.RunOnEndpoint) -> None:
    if is_leased(record):
        raise Transient("A worker has the job in hand.")
    try:
        if services.settings.vertex_endpoint is None:
            raise ModelUnavailable("This deployment has no remote endpoint: set PLANTAIN_VERTEX_ENDPOINT.")
        _run_on_endpoint(services, record, ask)
    except (UnreadableMessage, ModelUnavailable) as error:
        _give_up(services, record.id, error)


def _read_record(services: Services, message: ReceivedMessage) -> JobRecord | None:
    """Returns the job that the message names; None when there is nothing to do for it."""
    try:
        return services.store.read(JobMessage.decode(message.data).job_id).record
    except Deleted:
        log("dispatch.job_was_deleted")
    except (UnreadableMessage, InvalidRequest, NotFound) as error:
        quarantine(services, message.data, error, message.attributes)
    return None


def _run_on_endpoint(services: Services, record: JobRecord, ask: vertex_endpoint.RunOnEndpoint) -> None:
    """Raises what ``ask`` raises; a refusal is Transient until it has lasted for ``PATIENCE``."""
    try:
        ask(services.settings, JobMessage(job_id=record.id, traceparent=traceparent()).encode())
        _check_ended(services, record.id)
    except ModelUnavailable as error:
        if now() - _refused_since(services, record) >= PATIENCE:
            raise
        log("dispatch.refused", "ERROR", job_id=record.id, reason=error.message)
        raise Transient(error.message) from error
    log("dispatch.done", job_id=record.id)


def _refused_since(services: Services, record: JobRecord) -> datetime:
    """Returns when the endpoint first refused the job, which may have waited long before that."""

    def noted(record: JobRecord) -> JobRecord | None:
        if record.refused is not None or record.state.is_terminal or is_leased(record):
            return None
        return record.model_copy(update={"refused": now()})

    return services.store.change(record.id, noted).record.refused or now()


def _check_ended(services: Services, job_id: str) -> None:
    """Raises ModelUnavailable unless the manifest exists: a worker with other buckets would lose the job."""
    try:
        services.results.stat(paths.manifest(job_id))
    except NotFound:
        raise ModelUnavailable(
            "The endpoint says that the job has ended, and its manifest is not in the results bucket."
        ) from None


def _give_up(services: Services, job_id: str, error: PlantainError) -> None:
    """Ends the job as failed, unless it is leased or has ended meanwhile."""
    record = services.store.read(job_id).record
    if record.state.is_terminal:
        return
    if is_leased(record):
        raise Transient("A worker has the job in hand.")
    failure = ModelUnavailable(error.message)
    services.committer.end(record, State.FAILED, failure.facts())
    log("dispatch.job_failed", "ERROR", job_id=job_id, code=error.code)
