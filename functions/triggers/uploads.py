"""An object was uploaded: a picture with an instruction becomes a job, a file of requests becomes a batch.

| the object                                           | own instruction   | only a recipe | neither      |
|------------------------------------------------------|-------------------|---------------|--------------|
| a picture                                            | a job             | a job         | a failed job |
| made by Plantain: a copy of a result                 | a job             | left alone    | left alone   |
| no picture by name and type, or empty                | a failed job      | left alone    | left alone   |
| a recipe, a folder, of ``api/``, part of an upload   | left alone        | left alone    | left alone   |
| requests that are written for Google's interface     | left alone        | left alone    | left alone   |

The write of a batch's record arrives here as well, and triggers the batch's next step.

A result that is copied back with an instruction is edited again: edits are chained through buckets. No loop
can arise. The results bucket is another bucket, Plantain writes nothing into the uploads bucket, and no
result carries an instruction that a copy could keep.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cloudevents.http import CloudEvent

from ..api.batch_interfaces import BATCH_INTERFACES
from ..batches.create import create_from_upload, is_batch_file, is_for_another_interface
from ..batches.state_machine import advance_batch
from ..cloud_events import FinalizedObject, parse_finalized_object
from ..contract import ids, paths
from ..contract.document import now
from ..contract.errors import (
    DamagedDocument,
    Deleted,
    NoInstruction,
    NotFound,
    PlantainError,
    ScreeningRefused,
    StorageRefused,
    Transient,
    UnreadableMessage,
    UnsupportedVersion,
)
from ..contract.job import JobRecord
from ..contract.request import ImageInput, JobRequest
from ..contract.storage.job_commit import state_after
from ..contract.telemetry.log import log
from ..intake.admission import admit_job, request_hash
from ..intake.upload_filter import PictureFile, is_named_as_picture, is_placeholder, is_upload_part
from ..intake.upload_recipes import (
    HOW,
    instruction_in_metadata,
    is_made_by_plantain,
    recipe_of_folder,
    request_for_upload,
)
from ..lifecycle.quarantine import quarantine_if_unreadable
from ..owners import owner_of_upload
from ..services import Services
from ..tracing import traced_event

_UNREADABLE_INSTRUCTION = "(the upload's instruction could not be read)"


@traced_event("uploads")
def on_upload(services: Services, event: CloudEvent) -> None:
    """Handles an object that was written to the uploads bucket, or a batch's record in the jobs bucket.

    Raises Transient: the event comes again.
    """
    try:
        uploaded = parse_finalized_object(event)
    except UnreadableMessage as error:
        log("uploads.ignored", "WARNING", reason=error.message)
        return
    with quarantine_if_unreadable(services, event):
        batch_id = paths.batch_id_of_record(uploaded.name)
        if uploaded.bucket == services.settings.jobs_bucket and batch_id:
            advance_batch(services, batch_id, interfaces=BATCH_INTERFACES)
        elif uploaded.bucket == services.settings.uploads_bucket:
            _handle_upload(services, uploaded)


def _handle_upload(services: Services, uploaded: FinalizedObject) -> None:
    if reason := _reason_to_leave(uploaded):
        _log_ignored(uploaded, reason)
    elif is_batch_file(uploaded):
        _handle_batch_file(services, uploaded)
    else:
        _handle_picture(services, uploaded)


def _handle_batch_file(services: Services, uploaded: FinalizedObject) -> None:
    if is_for_another_interface(services, uploaded):
        _log_ignored(uploaded, "its lines wait for a batch prediction job that names the file")
    else:
        create_from_upload(services, uploaded)


def _reason_to_leave(uploaded: FinalizedObject) -> str | None:
    """Returns why the object is ignored whatever its instruction says; None for any other object."""
    if uploaded.name.startswith(paths.UPLOADED_BY_API):
        return "it waits for a request of the API"
    if uploaded.name.startswith(paths.RECIPES):
        return "it is a recipe"
    if uploaded.name.endswith("/"):
        return "it is a folder"
    if is_upload_part(uploaded.name):
        return "it is a part of a composite upload"
    if is_made_by_plantain(uploaded.metadata) and not _is_instructed(uploaded):
        return "Plantain made it, and it has no instruction of its own"
    return None


def _is_instructed(uploaded: FinalizedObject) -> bool:
    """Returns True if the object's own metadata has an instruction, valid or not."""
    try:
        return bool(instruction_in_metadata(uploaded.metadata))
    except PlantainError:
        return True


def _log_ignored(uploaded: FinalizedObject, reason: str) -> None:
    log("uploads.ignored", generation=uploaded.generation, reason=reason)  # without the name: it is private


def _handle_picture(services: Services, uploaded: FinalizedObject) -> None:
    job_id = ids.job_id_for_upload(uploaded.bucket, uploaded.name, uploaded.generation)
    picture = ImageInput(uri=uploaded.uri, generation=uploaded.generation)
    owner = owner_of_upload(services.settings, uploaded.name)
    request = JobRequest(task="edit", prompt=_UNREADABLE_INSTRUCTION, images=(picture,))
    try:
        uploaded.check_name()
        fields = _find_instruction(services, uploaded)
        if fields is None:
            return
        request = request_for_upload(fields, picture)
        source = f"{uploaded.uri}#{uploaded.generation}"
        admit_job(services, request, owner, source=source, job_id=job_id)
    except Deleted:
        log("uploads.ignored", job_id=job_id, reason="its job was deleted")
    except (Transient, StorageRefused, ScreeningRefused):  # a later try can help: the event comes again
        raise
    except (DamagedDocument, UnsupportedVersion):  # the existing job's document: it must not be ended here
        raise
    except PlantainError as error:
        _record_refusal(services, job_id, owner, request, uploaded, error)


def _find_instruction(services: Services, uploaded: FinalizedObject) -> dict[str, Any] | None:
    """Returns what to do; None for what is left alone. Raises NoInstruction for a picture without
    instruction.
    """
    if fields := instruction_in_metadata(uploaded.metadata):
        return fields
    if reason := _no_picture(services, uploaded):
        return _log_ignored(uploaded, reason)
    return recipe_of_folder(services.uploads, uploaded.name) or _none_given(services, uploaded)


def _no_picture(services: Services, uploaded: FinalizedObject) -> str | None:
    """Returns why a recipe is not meant for the object; None for a picture."""
    if is_placeholder(uploaded.name):
        return "its name is a placeholder's"
    try:
        file = PictureFile.of(services.uploads, uploaded.name, uploaded.generation)
        if file.size == 0:
            return "it is empty"
        return None if file.is_meant_as_picture(services.uploads) else "not a picture"
    except NotFound:  # replaced or removed: the owner of a picture learns of it
        return None if is_named_as_picture(uploaded.name) else "it is gone"


def _none_given(services: Services, uploaded: FinalizedObject) -> None:
    """Raises NoInstruction if the bytes are a picture's."""
    try:
        file = PictureFile.of(services.uploads, uploaded.name, uploaded.generation)
        is_picture = file.begins_as_picture(services.uploads)
    except NotFound:
        return _log_ignored(uploaded, "it is gone")
    if is_picture:
        raise NoInstruction(f"Nothing says what to do with the picture. {HOW}")
    return _log_ignored(uploaded, "not a picture")


def _record_refusal(
    services: Services,
    job_id: str,
    owner: str,
    request: JobRequest,
    uploaded: FinalizedObject,
    error: PlantainError,
) -> None:
    """Records a job that has ended already, so that its owner learns why."""
    if _has_ended(services, job_id):  # the event has come before
        return
    created = now()
    record = JobRecord(
        id=job_id,
        owner=owner,
        request=request,
        request_sha256=request_hash(request),
        model=request.model or services.settings.default_model,
        width=0,
        height=0,
        seed=request.seed or 0,
        source=f"{uploaded.uri}#{uploaded.generation}",
        created=created,
        updated=created,
        deadline=created + timedelta(seconds=request.deadline_seconds),
    )
    services.store.markers.open(job_id)
    # The manifest is committed first and the record made from it: at no time could a worker run the job.
    services.committer.end(record, state_after(error), error.facts())
    log("uploads.refused", "WARNING", job_id=job_id, code=error.code)


def _has_ended(services: Services, job_id: str) -> bool:
    try:
        return services.committer.read_manifest(job_id) is not None
    except Deleted:
        return True
