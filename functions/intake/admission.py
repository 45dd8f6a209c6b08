"""Admits requests: a request is checked in full, and only then is anything written."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from ..contract import ids
from ..contract.document import now, sha256_of_json
from ..contract.errors import UNREADABLE, NotFound, Overtaken, Transient, UnknownModel
from ..contract.job import HistoryEntry, JobRecord
from ..contract.job_quota import JobQuota
from ..contract.message import JobMessage
from ..contract.proofs import check_provable_size
from ..contract.request import JobRequest
from ..contract.states import State
from ..contract.storage.open_markers import MarkerWriter
from ..contract.telemetry import JOB, publish_attributes, set_attributes, span, traceparent
from ..contract.telemetry.log import log
from ..limits.allowance import counts_jobs, take_job
from ..notifications.open_marker import NOTIFIED
from ..notifications.webhooks import check_webhook
from ..services import Services
from .earlier_job import EarlierJob, JobExists
from .input_pictures import RequestPictures, fetch_pictures, picture_fingerprint
from .model_capabilities import check_capabilities, count_paid_calls, with_correction_budget
from .output_size import output_size
from .queue_position import queue_facts, queue_position
from .region_size import check_region_sizes
from .stored_inputs import StoredInputs


@dataclass(frozen=True)
class AdmittedJob:
    """A job, and whether this call created it."""

    record: JobRecord
    created: bool  # False: the job existed before
    quota: JobQuota | None = None  # what the owner has left, where the job counts against a limit of jobs
    queue: dict[str, object] | None = None  # the new job's ``queue_position``, where it was asked for


@dataclass(frozen=True)
class JobPlan:
    """The job that a request leads to, before anything is written."""

    model: str
    width: int
    height: int
    inputs: RequestPictures
    paid_calls: int = 0  # calls that are billed, at most


def plan_job(services: Services, request: JobRequest, owner: str) -> JobPlan:
    """Checks everything that can be checked before a worker has the job. Raises an error that says what is
    wrong.
    """
    model = request.model or services.settings.default_model
    if model not in services.settings.models:
        raise UnknownModel(f"Ask for one of {', '.join(services.settings.models)}.", field="model")
    check_capabilities(request, model, services.settings)
    services.screener.admit(request.wanted, request.negative_prompt)
    if request.webhook:
        check_webhook(request.webhook, services.settings)
    inputs = fetch_pictures(services, request, owner)
    first = inputs.images[0].facts if inputs.images else None
    width, height = output_size(request, first)
    check_region_sizes(request, width, height)
    if request.picture_count:
        check_provable_size(width, height, services.settings.watermark_proof)
    bill = count_paid_calls(request, model, services.settings)
    return JobPlan(model, width, height, inputs, bill)


def admit_job(
    services: Services,
    request: JobRequest,
    owner: str,
    *,
    idempotency_key: str | None = None,
    is_new_key: bool = False,
    source: str | None = None,
    job_id: str | None = None,
    check_plan: Callable[[JobPlan], None] | None = None,
    asks_queue: bool = False,
) -> AdmittedJob:
    """Records and publishes a job, or finds the one that the same key (or ``job_id``) made before.

    When only the publishing fails, the job is admitted: ``sweep`` publishes it later. The current trace
    becomes the job's.

    ``is_new_key``: no other job has the key, so that none is looked for. ``check_plan`` may refuse a new job
    by raising, before anything is written. ``asks_queue``: a new job's place in its queue is looked up too,
    beside the last writes.

    Raises IdempotencyConflict, LimitReached for a new job, whatever ``plan_job`` raises, and Transient when
    the storage does not answer.
    """
    with span("admit", attributes={"plantain.task": request.task}) as admitting:
        admitted = _admit_in_span(
            services, request, owner, idempotency_key, is_new_key, source, job_id, check_plan, asks_queue
        )
        set_attributes(admitting, {JOB: admitted.record.id, "plantain.replayed": not admitted.created})
        return admitted


def _admit_in_span(
    services: Services,
    request: JobRequest,
    owner: str,
    idempotency_key: str | None,
    is_new_key: bool,
    source: str | None,
    job_id: str | None,
    check_plan: Callable[[JobPlan], None] | None,
    asks_queue: bool,
) -> AdmittedJob:
    may_exist = not is_new_key and (idempotency_key is not None or job_id is not None)
    if idempotency_key is not None:
        job_id = ids.job_id_for_key(owner, idempotency_key)
    earlier = EarlierJob(
        services.store,
        job_id or ids.new_job_id(),
        request_hash(request),
        by_key=idempotency_key is not None,
        is_ruled_out=not may_exist,
    )
    try:
        return _admit_new(services, request, owner, earlier, source, check_plan, asks_queue=asks_queue)
    except JobExists as found:
        return AdmittedJob(found.record, created=False)


def _admit_new(
    services: Services,
    request: JobRequest,
    owner: str,
    earlier: EarlierJob,
    source: str | None,
    check_plan: Callable[[JobPlan], None] | None,
    *,
    asks_queue: bool,
) -> AdmittedJob:
    """Raises JobExists where there is the ``earlier`` job."""
    job_id = earlier.job_id
    if request.images or request.mask:
        earlier.raise_if_exists()
    with earlier.comes_before_refusals():
        planned = plan_job(services, request, owner)
        if check_plan is not None:
            check_plan(planned)
        if counts_jobs(owner, services.settings):
            earlier.raise_if_exists()
        size = planned.inputs.named_size if ids.batch_of_source(source) else planned.inputs.size
        quota = take_job(services, owner, job_id, size)
    writer, inputs = _enter(services, earlier), StoredInputs(services.jobs, job_id)
    stored = with_correction_budget(inputs.store(request, planned.inputs), planned.model, services.settings)
    record = _new_record(job_id, owner, stored, planned, earlier.request_sha256)
    record = record.model_copy(update={"source": source, "traceparent": traceparent()})
    try:
        record = services.store.create(record).record
    except (Overtaken, NotFound, *UNREADABLE):  # an earlier job is there; it may be deleted by now
        inputs.withdraw(services.store)
        services.store.markers.leave(job_id, writer)
        earlier.look_again()
        raise Transient("The job of this key was removed just now: try again.") from None
    queue = _announce(services, record, writer, asks_queue=asks_queue)
    return AdmittedJob(record, created=True, quota=quota, queue=queue)


def _enter(services: Services, earlier: EarlierJob) -> MarkerWriter:
    """Enters the job's marker. Where there is one, the job may exist: then it is left as it is."""
    markers = services.store.markers
    writer = markers.make(earlier.job_id)
    if writer.created is None:
        earlier.look_again()
        writer = markers.join(earlier.job_id, writer)
    return writer


def request_hash(request: JobRequest) -> str:
    """Returns the SHA-256 of a request. Inline pictures count by their content, names by their spelling."""
    plain = request.model_dump(mode="json", exclude_none=True, exclude={"images", "mask", "dry_run"})
    pictures = [picture_fingerprint(image) for image in (*request.images, request.mask)]
    return sha256_of_json({**plain, "pictures": pictures})


def _new_record(
    job_id: str, owner: str, request: JobRequest, planned: JobPlan, request_sha256: str
) -> JobRecord:
    created = now()
    return JobRecord(
        id=job_id,
        owner=owner,
        request=request,
        request_sha256=request_sha256,
        model=planned.model,
        width=planned.width,
        height=planned.height,
        seed=secrets.randbits(32) if request.seed is None else request.seed,
        created=created,
        updated=created,
        deadline=created + timedelta(seconds=request.deadline_seconds),
        history=(HistoryEntry(at=created, state=State.QUEUED),),
    )


def _announce(
    services: Services, record: JobRecord, writer: MarkerWriter, *, asks_queue: bool
) -> dict[str, object] | None:
    """Publishes the job first, so that a worker can begin, and then writes its index entry.

    Returns the job's place in its queue, where it is asked for. It is looked up meanwhile.
    """
    facts = _publish_if_possible(services, record)
    queue = services.pool.submit(queue_position, services, record) if asks_queue else None
    try:
        services.store.put_in_index(record, unless_deleted=False)
        marker = services.store.markers.mark(record.id, **facts, **{writer.key: None})
        if marker is None or NOTIFIED in marker.metadata:
            # Else no deletion had begun when the entry was there: it first marks the job as NOTIFIED.
            services.store.remove_from_index_if_deleted(record)
    except Transient as error:
        log("job.announce_failed", "WARNING", job_id=record.id, reason=error.message)
        with suppress(Transient):  # else it counts as late after a while
            services.store.markers.mark(record.id, **{writer.key: None})
    return queue.result() if queue else None


def _publish_if_possible(services: Services, record: JobRecord) -> dict[str, str]:
    """Puts the job on the queue. Returns what its marker says then; nothing where no message was taken."""
    try:
        _publish_message(services, record)
    except Transient as error:
        log("job.announce_failed", "WARNING", job_id=record.id, reason=error.message)
        return {}
    return _published_facts(services, record)


def _published_facts(services: Services, record: JobRecord) -> dict[str, str]:
    return {"published": "yes", **queue_facts(record, services.settings)}


def publish_job(services: Services, record: JobRecord) -> None:
    """Puts the job on the queue and notes that on its marker. Raises Transient."""
    _publish_message(services, record)
    services.store.markers.mark(record.id, **_published_facts(services, record))


def _publish_message(services: Services, record: JobRecord) -> None:
    topic = services.settings.topic_for(record.model, record.request.priority)
    with span(
        "publish job", "producer", parent=record.traceparent, attributes=publish_attributes(topic, record.id)
    ):
        message = JobMessage(job_id=record.id, traceparent=traceparent())
        services.publish(topic, message.encode(), job_id=record.id)
