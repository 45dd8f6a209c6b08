"""A job that has ended, with its manifest and its pictures."""

from __future__ import annotations

from dataclasses import dataclass

from ..contract.errors import PlantainError, error_from_facts
from ..contract.job import JobRecord
from ..contract.manifest import ImageFacts, Manifest
from ..contract.states import State
from ..lifecycle.stored_results import expired_result_error, no_manifest_error
from ..services import Services


@dataclass(frozen=True)
class FinishedJob:
    """A job that succeeded."""

    record: JobRecord
    manifest: Manifest

    @property
    def pictures(self) -> tuple[ImageFacts, ...]:
        return self.manifest.images

    def read_picture(self, services: Services, n: int) -> bytes:
        """Returns the file of picture ``n``, from 0. Raises ExpiredResult once it was deleted."""
        try:
            return services.results.get(self.pictures[n].name).data
        except PlantainError as error:
            if error.status == 404:
                raise expired_result_error(services.settings, self.manifest.ended) from None
            raise


def finished_job(services: Services, record: JobRecord, manifest: Manifest | None = None) -> FinishedJob:
    """Returns the ended job, whose ``manifest`` may have been read before. Raises the job's own error if it
    did not succeed, and ExpiredResult if its manifest was deleted.
    """
    if record.state is not State.SUCCEEDED:
        raise job_error(record)
    manifest = manifest or services.committer.read_manifest(record.id)
    if manifest is None:
        raise no_manifest_error(services, record)
    return FinishedJob(record, manifest)


def job_error(record: JobRecord) -> PlantainError:
    """Returns the error that ended the job, of its own class and with its own facts."""
    if record.error is None:
        return PlantainError(f"The job ended as {record.state}, and no reason was recorded.")
    return error_from_facts(record.error)
