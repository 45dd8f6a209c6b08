"""A caller's own jobs: another owner's job and a job that does not exist have the same answer."""

from __future__ import annotations

from ..contract.errors import (
    UNREADABLE,
    DamagedDocument,
    Deleted,
    InvalidRequest,
    NotFound,
    PlantainError,
    UnsupportedVersion,
)
from ..contract.ids import JOB_ID, owner_hash
from ..contract.job import JobRecord
from ..contract.tombstone import Tombstone
from ..lifecycle.unreadable_records import is_job_of
from ..services import Services

_NO_JOB = "There is no such job."
_ADVICE = {
    DamagedDocument.code: "It is damaged: delete the job, or have the record restored.",
    UnsupportedVersion.code: "A newer Plantain wrote it, and can read it.",
}


def read_owned_job(services: Services, owner: str, job_id: str) -> JobRecord:
    """Returns the owner's job. Raises Deleted if it was deleted, and NotFound if it is nothing of theirs."""
    if JOB_ID.match(job_id):
        try:
            record = services.store.read(job_id).record
        except Deleted:
            read_owned_tombstone(services, owner, job_id)
            raise
        except UNREADABLE as error:
            return _read_manifest_instead(services, owner, job_id, error)
        if record.owner == owner:
            return record
    raise NotFound(_NO_JOB)


def _read_manifest_instead(services: Services, owner: str, job_id: str, error: PlantainError) -> JobRecord:
    """Returns the job as its manifest has it. Raises NotFound for another owner's job, and an error of the
    class of ``error`` for a job without a manifest.
    """
    if not is_job_of(services, job_id, owner_hash(owner)):
        raise NotFound(_NO_JOB) from None
    try:
        manifest = services.committer.read_manifest(job_id)
    except InvalidRequest:
        manifest = None
    if manifest is not None:
        return manifest.record()
    raise type(error)(f"The job's record cannot be read. {_ADVICE[error.code]}") from None


def read_owned_tombstone(services: Services, owner: str, job_id: str) -> Tombstone:
    """Returns the tombstone of the owner's deleted job. Raises NotFound."""
    tombstone, _ = services.store.read_tombstone(job_id)
    if tombstone.owner_hash != owner_hash(owner):
        raise NotFound(_NO_JOB)
    return tombstone
