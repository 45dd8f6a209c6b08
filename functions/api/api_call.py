"""One call of the API, as a handler receives it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from flask import Request, Response

from ..callers import Caller
from ..contract.errors import (
    UNREADABLE,
    DamagedDocument,
    Deleted,
    InvalidRequest,
    NotFound,
    PlantainError,
    UnsupportedVersion,
)
from ..contract.job import JobRecord
from ..contract.paths import JOB_ID, owner_hash
from ..contract.tombstone import Tombstone
from ..lifecycle.unreadable_records import is_job_of
from ..services import Services

_ADVICE = {
    DamagedDocument.code: "It is damaged: delete the job, or have the record restored.",
    UnsupportedVersion.code: "A newer Plantain wrote it, and can read it.",
}


@dataclass(frozen=True)
class ApiCall:
    """A request, with the services and the caller."""

    request: Request
    services: Services
    caller: Caller
    dialect: str = "own"  # as functions/api/dialects.py names it
    arrived: float = field(default_factory=monotonic)  # when the call came, on the clock that limits waiting
    is_abandoned: Callable[[], bool] = lambda: False  # whether the client has closed the connection

    @property
    def owner(self) -> str:
        return self.caller.owner

    def record(self, job_id: str) -> JobRecord:
        """Returns the job if it is the caller's. Raises Deleted if it was, and NotFound otherwise.

        Another owner's job and a job that does not exist have the same answer.
        """
        if JOB_ID.match(job_id):
            try:
                record = self.services.store.read(job_id).record
            except Deleted:
                self.tombstone(job_id)
                raise
            except UNREADABLE as error:
                return self._unreadable(job_id, error)
            if record.owner == self.owner:
                return record
        raise NotFound("There is no such job.")

    def _unreadable(self, job_id: str, error: PlantainError) -> JobRecord:
        """Returns the job as its manifest has it. Raises NotFound for another owner's job, and an error of
        the class of ``error`` for a job without a manifest.
        """
        if not is_job_of(self.services, job_id, owner_hash(self.owner)):
            raise NotFound("There is no such job.") from None
        try:
            manifest = self.services.committer.read_manifest(job_id)
        except InvalidRequest:
            manifest = None
        if manifest is not None:
            return manifest.record()
        raise type(error)(f"The job's record cannot be read. {_ADVICE[error.code]}") from None

    def tombstone(self, job_id: str) -> Tombstone:
        """Returns the tombstone of the caller's deleted job. Raises NotFound."""
        tombstone, _ = self.services.store.read_tombstone(job_id)
        if tombstone.owner_hash != owner_hash(self.owner):
            raise NotFound("There is no such job.")
        return tombstone


Handler = Callable[..., Response]
Facts = dict[str, Any]
