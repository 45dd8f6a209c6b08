"""A job that has ended, with its manifest and its pictures."""

from __future__ import annotations

from dataclasses import dataclass

from ..contract.errors import PlantainError, error_from_facts
from ..contract.job import JobRecord
from ..contract.manifest import ImageFacts, Manifest
from ..contract.states import State
from ..lifecycle.stored_results import expired_result_error, no_manifest_error
from ..services import Services
from .early_reads import EarlyReads


@dataclass(frozen=True)
class FinishedJob:
    """A job that succeeded."""

    record: JobRecord
    manifest: Manifest
    early: EarlyReads | None = None

    @property
    def pictures(self) -> tuple[ImageFacts, ...]:
        return self.manifest.images

    def read_picture(self, services: Services, n: int) -> bytes:
        """Returns the file of picture ``n``, from 0. Raises ExpiredResult once it was deleted."""
        name = self.pictures[n].name
        if self.early is not None and (data := self.early.take_picture(name)) is not None:
            return data
        try:
            return services.results.get(name).data
        except PlantainError as error:
            if error.status == 404:
                raise expired_result_error(services.settings, self.manifest.ended) from None
            raise


def finished_job(services: Services, record: JobRecord, early: EarlyReads | None = None) -> FinishedJob:
    """Returns the ended job; ``early`` has begun to read its results. Raises the job's own error if it did
    not succeed, and ExpiredResult if its manifest was deleted.
    """
    if record.state is not State.SUCCEEDED:
        raise job_error(record)
    manifest = (early and early.manifest()) or services.committer.read_manifest(record.id)
    if manifest is None:
        raise no_manifest_error(services, record)
    return FinishedJob(record, manifest, early)


def job_error(record: JobRecord) -> PlantainError:
    """Returns the error that ended the job, of its own class and with its own facts."""
    if record.error is None:
        return PlantainError(f"The job ended as {record.state}, and no reason was recorded.")
    return error_from_facts(record.error)
