"""An object was uploaded: an image with an instruction becomes a job, one without a job that says why, and a
file of requests a batch. A batch's record tells of itself here as well: that is how its next part begins."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cloudevents.http import CloudEvent

from .admission import admit, request_hash
from .batches.beginning import begin_upload, is_batch
from .batches.driving import drive
from .contract import paths
from .contract.document import now
from .contract.ending import outcome
from .contract.errors import (
    Deleted,
    ImageTooLarge,
    ImageUnreadable,
    InvalidRequest,
    NoInstruction,
    NotFound,
    PlantainError,
    ScreeningRefused,
    StorageRefused,
    Transient,
    UnreadableMessage,
)
from .contract.job import JobRecord
from .contract.log import log
from .contract.paths import ObjectName, parse_uri
from .contract.pictures import inspect
from .contract.request import ImageInput, JobRequest
from .events import FinalizedObject, finalized_object
from .hop import hop
from .inputs import MAX_OBJECT
from .instructions import HOW, instruction, request_for
from .owners import owner_of_uploads
from .services import Services

_UNREADABLE_INSTRUCTION = "(the upload's instruction could not be read)"


@hop("uploads")
def on_upload(services: Services, event: CloudEvent) -> None:
    """Handles an object that was written to the uploads bucket, or a batch's record to the jobs bucket.

    Raises Transient: the event comes again.
    """
    try:
        uploaded = finalized_object(event)
        name = parse_uri(f"gs://{uploaded.bucket}/{uploaded.name}")
    except (UnreadableMessage, InvalidRequest) as error:
        log("uploads.ignored", "WARNING", reason=error.message)
        return
    batch_id = paths.batch_id_of_record(uploaded.name)
    if uploaded.bucket == services.settings.jobs_bucket and batch_id:
        drive(services, batch_id)
    elif uploaded.bucket != services.settings.uploads_bucket or _is_ours(uploaded):
        return
    elif is_batch(uploaded):
        begin_upload(services, uploaded, name)
    else:
        _take(services, uploaded, name)


def _is_ours(uploaded: FinalizedObject) -> bool:
    """Whether it waits for a request, tells of others, is a folder, or was made by Plantain itself."""
    kept_apart = uploaded.name.startswith((paths.UPLOADED_BY_API, paths.RECIPES))
    return kept_apart or uploaded.name.endswith("/") or paths.MADE_BY in uploaded.metadata


def _take(services: Services, uploaded: FinalizedObject, name: ObjectName) -> None:
    job_id = paths.job_id_for_upload(uploaded.bucket, uploaded.name, uploaded.generation)
    picture = ImageInput(uri=str(name), generation=uploaded.generation)
    request = JobRequest(task="edit", prompt=_UNREADABLE_INSTRUCTION, images=(picture,))
    try:
        fields = _instruction(services, uploaded)
        if fields is None:
            return
        request = request_for(fields, picture)
        admit(
            services,
            request,
            owner_of_uploads(services.settings),
            source=f"{name}#{uploaded.generation}",
            job_id=job_id,
        )
    except Deleted:
        log("uploads.ignored", job_id=job_id, reason="its job was deleted")
    except (Transient, StorageRefused, ScreeningRefused):  # not the upload's fault: the event comes again
        raise
    except PlantainError as error:
        _refuse(services, job_id, request, f"{name}#{uploaded.generation}", error)


def _instruction(services: Services, uploaded: FinalizedObject) -> dict[str, Any] | None:
    """What to do; None for what is neither instructed nor a picture. Raises NoInstruction for a picture."""
    fields = instruction(services.uploads, uploaded.name, uploaded.metadata)
    if fields is None and _is_picture(services, uploaded):
        raise NoInstruction(f"Nothing says what to do with the picture. {HOW}")
    if fields is None:
        log("uploads.ignored", generation=uploaded.generation, reason="not a picture")  # names are private
    return fields


def _is_picture(services: Services, uploaded: FinalizedObject) -> bool:
    try:
        found = services.uploads.stat(uploaded.name, uploaded.generation)
        if found.size > MAX_OBJECT:
            return (found.content_type or "").startswith("image/")
        inspect(services.uploads.get(uploaded.name, uploaded.generation).data)
    except (ImageUnreadable, NotFound):
        return False
    except (ImageTooLarge, InvalidRequest):  # a picture, though not one that would be taken
        return True
    return True


def _refuse(services: Services, job_id: str, request: JobRequest, source: str, error: PlantainError) -> None:
    """Records a job that has ended already, so that its owner learns why.

    The manifest goes first and the record is made from it: at no time is there a job that somebody might run.
    """
    if _has_ended(services, job_id):  # the event has come before
        return
    created = now()
    record = JobRecord(
        id=job_id,
        owner=owner_of_uploads(services.settings),
        request=request,
        request_sha256=request_hash(request),
        model=request.model or services.settings.default_model,
        width=0,
        height=0,
        seed=request.seed or 0,
        source=source,
        created=created,
        updated=created,
        deadline=created + timedelta(seconds=request.deadline_seconds),
    )
    services.store.open(job_id)
    services.endings.end(record, outcome(error), error.facts())
    log("uploads.refused", "WARNING", job_id=job_id, code=error.code)


def _has_ended(services: Services, job_id: str) -> bool:
    try:
        return services.endings.manifest(job_id) is not None
    except Deleted:
        return True
