"""Reads a job's results while its record is read: several calls of the storage in the time of one."""

from __future__ import annotations

from concurrent.futures import Future

from ..contract import paths
from ..contract.errors import PlantainError
from ..contract.job import JobRecord
from ..contract.manifest import Manifest
from ..services import Services


class EarlyReads:
    """The manifest of a job, and with ``with_picture`` its picture, where it makes a single one."""

    def __init__(self, services: Services, record: JobRecord, *, with_picture: bool) -> None:
        self._manifest: Future[Manifest | None] = services.pool.submit(
            services.committer.read_manifest, record.id
        )
        self._name, self._picture = "", None
        if with_picture and record.request.picture_count == 1:
            self._name = paths.result_picture(record.id, 0, record.request.format)
            self._picture = services.pool.submit(_read, services, self._name)

    def manifest(self) -> Manifest | None:
        """Returns the manifest. Raises what ``read_manifest`` raises."""
        return self._manifest.result()

    def take_picture(self, name: str) -> bytes | None:
        """Returns the picture's file once, so that nothing keeps it; None where it was not read."""
        if name != self._name or self._picture is None:
            return None
        reading, self._picture = self._picture, None
        return reading.result()


def _read(services: Services, name: str) -> bytes | None:
    """Returns the object; None where it is not there: a second read raises the reason."""
    try:
        return services.results.get(name).data
    except PlantainError:
        return None
