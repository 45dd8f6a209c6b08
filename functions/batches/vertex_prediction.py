"""A batch on Vertex AI: its jobs are recorded, and a batch prediction job runs them in its containers.

The container is the worker (``python -m worker.vertex_container``), which writes manifests as always. The
prediction job's own output is not used: it arrives when all has ended, and holds ids and states alone. Jobs
that the prediction job never ran end with a typed failure.

https://cloud.google.com/vertex-ai/docs/predictions/get-batch-predictions
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING

from ..contract import paths
from ..contract.batch import BatchItem, BatchPrediction, BatchRecord, BatchState
from ..contract.document import now
from ..contract.errors import (
    UNREADABLE,
    Canceled,
    ModelUnavailable,
    NotFound,
    Overtaken,
    PlantainError,
    Transient,
)
from ..contract.message import JobMessage
from ..contract.states import State
from ..contract.storage.batch_items import BatchItems
from ..contract.storage.batch_store import StoredBatch
from ..contract.telemetry.log import log
from ..lifecycle.cancellation import is_leased
from ..services import Services
from .vertex_client import connect_client, not_found_error, typed_errors

if TYPE_CHECKING:
    from google.cloud.aiplatform_v1 import BatchPredictionJob

_ENDED = frozenset(
    {
        "JOB_STATE_SUCCEEDED",
        "JOB_STATE_FAILED",
        "JOB_STATE_CANCELLED",
        "JOB_STATE_EXPIRED",
        "JOB_STATE_PARTIALLY_SUCCEEDED",
    }
)
_REFUSED = "REFUSED"  # ours: Vertex AI did not take it
_CLAIM = timedelta(minutes=2)  # a creation that has not returned by then was interrupted
_SECONDS = 30.0  # for an answer
_INSTANCES = 4  # jobs in one request to the container: as many as a worker keeps in flight
_CHUNK = 64
_HANDS = 8


def advance_prediction(services: Services, stored: StoredBatch, seconds: float) -> bool:
    """Creates the prediction job, or refreshes its state. Once it has ended, ends the jobs that it never ran.

    Returns True when everything that follows from its end is done. Raises Transient.
    """
    record = stored.record
    prediction = record.prediction
    if prediction is None or prediction.state is None:
        if prediction is None or now() - prediction.asked > _CLAIM:
            _create_once(services, stored)
        return False
    if prediction.state not in _ENDED and prediction.state != _REFUSED:
        prediction = _refresh(services, record, prediction)
    if prediction.state in _ENDED or prediction.state == _REFUSED:
        return _end_what_never_ran(services, record, prediction, seconds)
    return False


# Creating it. ------------------------------------------------------------------------------------------


def _create_once(services: Services, stored: StoredBatch) -> None:
    """Creates the prediction job once: a claim in the record first, then a look for a job of the
    batch's name.
    """
    store = services.batch_store
    try:
        record = store.write(
            stored.record.changed(prediction=BatchPrediction(asked=now())), stored.generation
        ).record
    except Overtaken:
        return
    try:
        job = _found_or_created(services, record)
    except ModelUnavailable as error:
        log("batch.prediction_refused", "ERROR", batch_id=record.id, reason=error.message)
        _note_prediction(services, record.id, BatchPrediction(asked=now(), state=_REFUSED), error)
        return
    log("batch.prediction_created", batch_id=record.id, prediction=job.name)
    prediction = BatchPrediction(asked=now(), name=job.name, state=job.state.name)
    if not _is_wanted(services, record.id, prediction):
        cancel_prediction(services, prediction)


def _is_wanted(services: Services, batch_id: str, prediction: BatchPrediction) -> bool:
    """Records the prediction job. Returns False for a batch that was canceled meanwhile, or deleted."""
    try:
        return _note_prediction(services, batch_id, prediction).state is BatchState.RUNNING
    except NotFound:
        return False


def _note_prediction(
    services: Services, batch_id: str, prediction: BatchPrediction, error: PlantainError | None = None
) -> BatchRecord:
    def noted(record: BatchRecord) -> BatchRecord | None:
        if record.state.is_terminal:
            return None
        facts = error.facts() if error else record.error
        return record.changed(prediction=prediction, error=facts)

    return services.batch_store.change(batch_id, noted).record


def _found_or_created(services: Services, record: BatchRecord) -> BatchPredictionJob:
    """Returns the batch's prediction job. Raises ModelUnavailable when Vertex AI refuses it,
    and Transient.
    """
    settings = services.settings
    parent = (settings.vertex_model or "").partition("/models/")[0]
    client = connect_client(settings)
    with typed_errors(record):
        wanted = {"parent": parent, "filter": f'display_name="{record.id}"'}
        for found in client.list_batch_prediction_jobs(wanted, timeout=_SECONDS):
            return found
    instances = _write_instances(services, record.id)
    with typed_errors(record):
        return client.create_batch_prediction_job(
            parent=parent,
            batch_prediction_job=_prediction_job(services, record, instances),
            timeout=_SECONDS,
        )


def _write_instances(services: Services, batch_id: str) -> str:
    """Writes the file that the prediction job reads, one job's message on each line, and returns its URI."""
    items = BatchItems(services.jobs, batch_id)
    jobs = [item.job_id for item in items.open() if item.job_id and not item.shared]
    name = f"{paths.predictions_prefix(batch_id)}instances.jsonl"
    data = b"".join(JobMessage(job_id=job).encode() + b"\n" for job in jobs)
    services.jobs.put(name, data, "application/jsonl")
    return f"gs://{services.jobs.name}/{name}"


def _prediction_job(services: Services, record: BatchRecord, instances: str) -> BatchPredictionJob:
    from google.cloud.aiplatform_v1 import BatchPredictionJob

    settings = services.settings
    machine: dict[str, object] = {"machine_type": settings.vertex_batch_machine}
    if settings.vertex_batch_accelerator:
        machine |= {"accelerator_type": settings.vertex_batch_accelerator, "accelerator_count": 1}
    output = f"gs://{services.jobs.name}/{paths.predictions_prefix(record.id)}output"
    return BatchPredictionJob(
        {
            "display_name": record.id,
            "model": settings.vertex_model,
            "input_config": {"instances_format": "jsonl", "gcs_source": {"uris": [instances]}},
            "output_config": {
                "predictions_format": "jsonl",
                "gcs_destination": {"output_uri_prefix": output},
            },
            "dedicated_resources": {
                "machine_spec": machine,
                "starting_replica_count": settings.vertex_batch_replicas,
                "max_replica_count": settings.vertex_batch_replicas,
            },
            "manual_batch_tuning_parameters": {"batch_size": _INSTANCES},
            "model_parameters": {"brief": True},  # its output outlives the batch: no prompts in it
            "service_account": settings.vertex_batch_account or "",
        }
    )


# Looking after it. -------------------------------------------------------------------------------------


def _refresh(services: Services, record: BatchRecord, known: BatchPrediction) -> BatchPrediction:
    """Returns the prediction job's current state. Writes the record only when the state has changed."""
    with typed_errors(record):
        try:
            job = connect_client(services.settings).get_batch_prediction_job(
                name=known.name, timeout=_SECONDS
            )
        except not_found_error():
            state = "JOB_STATE_CANCELLED"  # removed by hand
        else:
            state = job.state.name
    prediction = known.model_copy(update={"state": state})
    if state != known.state:
        _note_prediction(services, record.id, prediction)
        log("batch.prediction_moved", batch_id=record.id, state=state)
    return prediction


def _end_what_never_ran(
    services: Services, record: BatchRecord, prediction: BatchPrediction, seconds: float
) -> bool:
    """Ends open items for about ``seconds``. Returns True if it reached all of them."""
    services.jobs.delete_prefix(paths.predictions_prefix(record.id))
    ends, opened = monotonic() + seconds, BatchItems(services.jobs, record.id).open()
    with ThreadPoolExecutor(_HANDS, "prediction") as hands:
        while chunk := list(islice(opened, _CHUNK)):
            list(hands.map(partial(_end_one, services, prediction), chunk))
            if monotonic() > ends and next(opened, None) is not None:
                _note_prediction(services, record.id, prediction)  # the write calls again
                return False
    return True


def _end_one(services: Services, prediction: BatchPrediction, item: BatchItem) -> None:
    """Ends one job that never ran. A leased job is left to its container, and looked at again
    after the lease.
    """
    if item.shared or item.job_id is None:
        return
    try:
        job = services.store.read(item.job_id).record
    except (NotFound, *UNREADABLE):
        return
    if job.state.is_terminal or is_leased(job) or services.committer.read_manifest(job.id) is not None:
        return
    if prediction.state == "JOB_STATE_CANCELLED":
        canceled = Canceled("The batch prediction job was canceled before it ran this line.")
        services.committer.end(job, State.CANCELED, canceled.facts())
        return
    error = ModelUnavailable(
        f"The batch prediction job ended as {prediction.state} and never ran this line: look at its page."
    )
    services.committer.end(job, State.FAILED, error.facts())


def cancel_prediction(services: Services, prediction: BatchPrediction) -> None:
    """Cancels the prediction job. Does nothing for one that has ended or is gone. Raises Transient."""
    from google.api_core import exceptions as google

    if prediction.name is None or prediction.state in _ENDED:
        return
    try:
        connect_client(services.settings).cancel_batch_prediction_job(name=prediction.name, timeout=_SECONDS)
    except (google.NotFound, google.FailedPrecondition, google.BadRequest):
        return
    except google.GoogleAPIError as error:
        raise Transient(f"Vertex AI did not cancel: {type(error).__name__}.") from error
