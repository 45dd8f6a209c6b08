"""A batch as a test goes through it: events that a bucket's notifications would bring are brought by hand."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from functions.contract import ids, paths
from functions.contract.batch import BatchItem, BatchManifest, BatchRecord
from functions.contract.storage.batch_items import BatchItems
from functions.contract.storage.batch_store import BatchStore
from functions.triggers.notify import on_result
from functions.triggers.uploads import on_upload
from tests.integration.functions.deployment import Deployment

BOAT = {"task": "generate", "prompt": "a red boat on the sea", "size": "512"}


def jsonl(*lines: Any) -> bytes:
    """A file of these lines: bytes as they are, anything else as JSON."""
    return b"".join(
        (line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines
    )


@dataclass(frozen=True)
class Batch:
    deployment: Deployment
    id: str

    @classmethod
    def begin(cls, deployment: Deployment, data: bytes, name: str = "boats.jsonl", **metadata: str) -> Batch:
        """The batch of a file that was put into the uploads bucket, and nothing of it read."""
        named = {key.replace("_", "-"): value for key, value in metadata.items()}
        on_upload(deployment.services, deployment.upload(name, data, named))
        return cls.of(deployment, name)

    @classmethod
    def of(cls, deployment: Deployment, name: str) -> Batch:
        """That of the file as it is now."""
        generation = deployment.services.uploads.stat(name).generation
        return cls(deployment, ids.batch_id_for_upload(deployment.settings.uploads_bucket, name, generation))

    @classmethod
    def upload(cls, deployment: Deployment, data: bytes, name: str = "boats.jsonl", **metadata: str) -> Batch:
        """The batch of a file, read as far as it goes."""
        return cls.begin(deployment, data, name, **metadata).driven()

    def driven(self) -> Batch:
        """Brings the event of each of the record's writes, until it is not written any more."""
        generation = 0
        while (found := self.generation) != generation:
            generation = found
            self.drive()
        return self

    def drive(self) -> None:
        settings = self.deployment.settings
        on_upload(
            self.deployment.services,
            self.deployment.finalized(settings.jobs_bucket, paths.batch_record(self.id)),
        )

    @property
    def generation(self) -> int:
        return BatchStore(self.deployment.services.jobs).read(self.id).generation

    @property
    def record(self) -> BatchRecord:
        return BatchStore(self.deployment.services.jobs).read(self.id).record

    @property
    def items(self) -> list[BatchItem]:
        return list(BatchItems(self.deployment.services.jobs, self.id).all())

    @property
    def jobs(self) -> list[str]:
        return [item.job_id for item in self.items if item.job_id]

    @property
    def summary(self) -> BatchManifest | None:
        return self.deployment.services.batch_committer.read_summary(self.id)

    @property
    def ended(self) -> BatchManifest:
        found = self.summary
        assert found is not None
        return found

    def succeed(self, jobs: Iterable[str] | None = None) -> None:
        """What workers and the events of their manifests do."""
        for job_id in self.jobs if jobs is None else jobs:
            self.deployment.claim(job_id)
            self.deployment.succeed(job_id)
            self.told(job_id)

    def told(self, job_id: str) -> None:
        on_result(self.deployment.services, self.deployment.manifest_event(job_id))

    def tell(self) -> None:
        """The event of the summary."""
        name = paths.batch_manifest(self.id)
        settings = self.deployment.settings
        on_result(self.deployment.services, self.deployment.finalized(settings.results_bucket, name))

    def refused(self) -> dict[int, str]:
        return {item.line: item.error.code for item in self.items if item.error and item.state == "refused"}
