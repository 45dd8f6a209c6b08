"""How a job ends, whoever ends it: the manifest first (that is the commit), then the record follows."""

from __future__ import annotations

from . import paths
from .document import now
from .errors import (
    Canceled,
    DeadlineExceeded,
    ErrorFacts,
    ImageBlocked,
    NotFound,
    Overtaken,
    PlantainError,
    PromptBlocked,
)
from .job import JobRecord
from .manifest import Manifest
from .objects import NEW, Objects
from .states import State
from .store import JobStore, Stored


def outcome(error: PlantainError) -> State:
    """The state that a job ends in because of an error."""
    match error:
        case Canceled():
            return State.CANCELED
        case DeadlineExceeded():
            return State.EXPIRED
        case PromptBlocked() | ImageBlocked():
            return State.BLOCKED
        case _:
            return State.FAILED


class Endings:
    """Commits manifests to the results bucket and brings records into line with them."""

    def __init__(self, store: JobStore, results: Objects) -> None:
        self.store = store
        self.results = results

    def manifest(self, job_id: str) -> Manifest | None:
        """The manifest that stands, if the job has ended."""
        try:
            return Manifest.parse(self.results.get(paths.manifest(job_id)).data)
        except NotFound:
            return None

    def commit(self, manifest: Manifest) -> Manifest:
        """The manifest that stands: this one, or the one that was there first."""
        name, data = paths.manifest(manifest.job_id), manifest.encode()
        try:
            self.results.put(name, data, if_generation=NEW, metadata={"state": str(manifest.state)})
        except Overtaken:
            return Manifest.parse(self.results.get(name).data)
        return manifest

    def settle(self, manifest: Manifest, known: Stored | None = None) -> JobRecord:
        """Brings the record and its index entry into line with the manifest.

        ``known`` is the record as the worker that committed the manifest last wrote it; whoever else settles
        tidies first. The record comes last: until it has ended, somebody comes back and does the rest.
        """
        if known is None:
            record = self._already_settled(manifest.job_id)
            if record:
                return record
            self.tidy(manifest)
        ended = manifest.record()
        self.store.index(ended)

        def follow(record: JobRecord) -> JobRecord | None:
            if record.state.is_terminal:
                return None
            return record.moved(
                ended.state,
                ended=ended.ended,
                error=ended.error,
                images=ended.images,
                progress=ended.progress,
            )

        try:
            return self.store.change(manifest.job_id, follow, known).record
        except NotFound:  # lost: the manifest alone rebuilds it
            return self._rebuild(ended)

    def _already_settled(self, job_id: str) -> JobRecord | None:
        try:
            record = self.store.read(job_id).record
        except NotFound:
            return None
        return record if record.state.is_terminal else None

    def _rebuild(self, ended: JobRecord) -> JobRecord:
        try:
            return self.store.create(ended).record
        except Overtaken:  # rebuilt by somebody else, from the same manifest
            return self.store.read(ended.id).record

    def end(self, record: JobRecord, state: State, error: ErrorFacts | None, **facts: object) -> Manifest:
        """Ends a job that delivers no pictures; returns the manifest that stands, whoever wrote it."""
        manifest = self.commit(Manifest.of(record, state, now(), error=error, **facts))
        self.settle(manifest)
        return manifest

    def tidy(self, manifest: Manifest) -> None:
        """Removes whatever lies beside the manifest and is not named in it, and the job's checkpoints."""
        named = frozenset({paths.manifest(manifest.job_id), *(image.name for image in manifest.images)})
        self.results.delete_prefix(paths.results_prefix(manifest.job_id), keep=named)
        self.store.objects.delete_prefix(paths.checkpoints_prefix(manifest.job_id))
