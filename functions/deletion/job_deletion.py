"""Deletes a job: all that its caller wrote and all that was drawn. A tombstone stays.

The tombstone replaces the record first: from then on no caller sees the job, and the tombstone says what is
still to be removed. Every step may be repeated. After an interruption the next call goes on, or ``sweep``,
which finds the job's marker.
"""

from __future__ import annotations

import hashlib

from ..contract import ids, paths
from ..contract.document import now
from ..contract.errors import (
    UNREADABLE,
    Deleted,
    IllegalTransition,
    NotFound,
    Overtaken,
    PlantainError,
    UnsupportedVersion,
)
from ..contract.job import JobRecord
from ..contract.manifest import ImageFacts, Manifest
from ..contract.object_names import object_in_bucket
from ..contract.request import ImageInput
from ..contract.states import State
from ..contract.storage.bucket import NEW
from ..contract.storage.job_store import StoredJob
from ..contract.telemetry.log import log
from ..contract.tombstone import DeletedImage, RemainingObjects, StoredUpload, Tombstone, parse_tombstone
from ..lifecycle.unreadable_records import job_index_entry, salvage_job
from ..notifications.end_notifications import notify_job_ended
from ..notifications.open_marker import NOTIFIED
from ..notifications.redelivery import deliver_before_deletion
from ..services import Services


def delete_job(services: Services, job_id: str, owner_hash: str = "") -> Tombstone:
    """Deletes an ended job of this owner and returns its tombstone. Deleting twice has the effect of once.

    The job's end is announced before, if it was not yet; a webhook call that fails then is not repeated. A
    job whose record or manifest is damaged can be deleted too, with what is still known of it.

    Raises NotFound, Transient, and IllegalTransition for a job that has not ended.
    """
    while True:
        try:
            stored = _read_ended(services, job_id)
            services.store.markers.open(job_id, **{NOTIFIED: "yes"})
            services.store.put_tombstone(_tombstone_of(services, stored.record), stored.generation)
        except Overtaken:
            continue
        except Deleted:
            pass
        except UNREADABLE as error:
            if not _replace_unreadable(services, job_id, owner_hash, error):
                continue
        return finish_job_deletion(services, job_id)


def _read_ended(services: Services, job_id: str) -> StoredJob:
    """Returns the record of a job that has ended, after its end was announced."""
    manifest, is_unreadable = _read_manifest(services, job_id)
    if manifest is not None:
        services.committer.settle(manifest)
        notify_job_ended(services, manifest)
        deliver_before_deletion(services, job_id)
    stored = services.store.read(job_id)
    if not stored.record.state.is_terminal and not is_unreadable:
        raise IllegalTransition(f"The job has not ended, it is {stored.record.state}: cancel it first.")
    return stored


def _read_manifest(services: Services, job_id: str) -> tuple[Manifest | None, bool]:
    """Returns the manifest, and True if there is one that cannot be read: the job has ended then too."""
    try:
        return services.committer.read_manifest(job_id), False
    except UNREADABLE:
        return None, True


def _tombstone_of(services: Services, record: JobRecord) -> Tombstone:
    manifest, _ = _read_manifest(services, record.id)
    return Tombstone(
        id=record.id,
        owner_hash=ids.owner_hash(record.owner),
        task=record.request.task,
        state=record.state if record.state.is_terminal else State.FAILED,
        event_id=ids.event_id(record.id),
        created=record.created,
        ended=record.ended or record.updated,
        deleted=now(),
        request_sha256=record.request_sha256,
        manifest_sha256=hashlib.sha256(manifest.encode()).hexdigest() if manifest else None,
        images=tuple(_deleted_image(facts) for facts in manifest.images) if manifest else (),
        remaining=RemainingObjects(
            index_entry=paths.index_entry(record.owner, record.created, record.id),
            uploads=_uploads_of(services, record),
        ),
    )


def _deleted_image(facts: ImageFacts) -> DeletedImage:
    return DeletedImage(
        sha256=facts.sha256,
        bytes=facts.bytes,
        content_type=facts.content_type,
        watermark=facts.watermark.payload if facts.watermark else None,
    )


def _uploads_of(services: Services, record: JobRecord) -> tuple[StoredUpload, ...]:
    """Returns the objects of the uploads bucket that are this job's own: its source, and the caller's
    uploads.

    Pictures that a request names by their address may belong to others, and stay.
    """
    request = record.request
    inputs = [*request.images, *([request.mask] if request.mask else ())]
    names = [name for each in inputs if (name := _own_upload(services, each, record.owner))]
    return (*names, *_source_upload(services, record.source))


def _own_upload(services: Services, given: ImageInput, owner: str) -> StoredUpload | None:
    if given.upload is not None:  # only the record of a refused request still has an upload id
        return StoredUpload(name=paths.uploaded_picture(owner, given.upload))
    name = object_in_bucket(services.settings.uploads_bucket, given.uri or "")
    if name is None or not name.startswith(paths.uploads_prefix(owner)):
        return None
    return StoredUpload(name=name, generation=given.generation)


def _source_upload(services: Services, source: str | None) -> tuple[StoredUpload, ...]:
    """Returns the uploaded object that started the job, from its source: address, "#" and generation."""
    uri, mark, generation = (source or "").rpartition("#")
    name = object_in_bucket(services.settings.uploads_bucket, uri)
    if not mark or name is None or not _is_removable(name):
        return ()
    return (StoredUpload(name=name, generation=int(generation)),)


def _is_removable(name: str) -> bool:
    """Returns False for ".." and ".": a request to remove the object ".." would remove the bucket."""
    return name not in (".", "..")


def _replace_unreadable(services: Services, job_id: str, owner_hash: str, error: PlantainError) -> bool:
    """Puts a tombstone in the place of an unreadable record. Returns False if the record was written
    meanwhile.

    A record of a newer Plantain may be of a running job: without a manifest the deletion is refused.
    """
    found = services.jobs.get(paths.job_record(job_id))
    manifest, is_unreadable = _read_manifest(services, job_id)
    known = manifest.record() if manifest else salvage_job(services, job_id)
    is_newer = isinstance(error, UnsupportedVersion)
    if is_newer and not is_unreadable and not (known and known.state.is_terminal):
        raise IllegalTransition("The job has not ended, as far as this version can tell: cancel it first.")
    tombstone = _tombstone_of(services, known) if known else _bare_tombstone(services, job_id, owner_hash)
    services.store.markers.open(job_id, **{NOTIFIED: "yes"})
    try:
        services.store.put_tombstone(tombstone, found.generation)
    except Overtaken:
        return False
    log("job.unreadable_deleted", "WARNING", job_id=job_id, code=error.code)
    return True


def _bare_tombstone(services: Services, job_id: str, owner_hash: str) -> Tombstone:
    """Returns the tombstone of a job of which nothing is known but that its owner deleted it."""
    at = now()
    return Tombstone(
        id=job_id,
        owner_hash=owner_hash,
        task="unknown",
        state=State.FAILED,
        event_id=ids.event_id(job_id),
        created=at,
        ended=at,
        deleted=at,
        request_sha256="",
        remaining=RemainingObjects(index_entry=job_index_entry(services, job_id, owner_hash)),
    )


def finish_job_deletion(services: Services, job_id: str) -> Tombstone:
    """Removes what the tombstone still names. Safe to repeat and to stop anywhere. Raises Transient."""
    tombstone, generation = services.store.read_tombstone(job_id)
    if tombstone.remaining is not None:
        _replace_manifest(services, tombstone)
        _remove_objects(services, job_id, tombstone.remaining)
        try:
            services.store.put_tombstone(tombstone.finished(), generation)
        except Overtaken:  # another process finished it as well
            tombstone, _ = services.store.read_tombstone(job_id)
        log("job.deleted", job_id=job_id)
    services.store.markers.close(job_id)
    return tombstone.finished()


def _replace_manifest(services: Services, tombstone: Tombstone) -> None:
    """Puts the tombstone in the manifest's place: a worker that was thought lost can then no
    longer commit.
    """
    name, data = paths.manifest(tombstone.id), tombstone.finished().encode()
    try:
        generation = services.results.stat(name).generation
    except NotFound:  # the results' retention has ended
        generation = NEW
    try:
        services.results.put(name, data, if_generation=generation)
    except Overtaken:
        if parse_tombstone(services.results.get(name).data) is None:
            raise


def _remove_objects(services: Services, job_id: str, remaining: RemainingObjects) -> None:
    services.results.delete_prefix(paths.results_prefix(job_id), keep=frozenset({paths.manifest(job_id)}))
    services.store.delete_side_objects(job_id)
    for upload in remaining.uploads:
        services.uploads.delete(upload.name, if_generation=upload.generation)
    if remaining.index_entry is not None:
        services.jobs.delete(remaining.index_entry)
