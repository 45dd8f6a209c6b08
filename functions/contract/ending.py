"""How a job ends, whoever ends it: the manifest first (that is the commit), then the record follows."""

from __future__ import annotations

from . import paths
from .document import now
from .errors import ErrorFacts, NotFound, Overtaken
from .job import JobRecord
from .manifest import Manifest
from .objects import NEW, Objects
from .states import State
from .store import JobStore


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

    def settle(self, manifest: Manifest) -> JobRecord:
        """Brings the record to where the manifest says it is, and its index entry with it."""
        ended = manifest.record()

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
            record = self.store.change(manifest.job_id, follow).record
        except NotFound:  # lost: the manifest alone rebuilds it
            record = self.store.create(ended).record
        self.store.index(record)
        return record

    def end(self, record: JobRecord, state: State, error: ErrorFacts | None, **facts: object) -> Manifest:
        """Ends a job that delivers no pictures, and removes what an earlier attempt may have left."""
        manifest = self.commit(Manifest.of(record, state, now(), error=error, **facts))
        self.settle(manifest)
        self.discard_strays(manifest)
        return manifest

    def discard_strays(self, manifest: Manifest) -> None:
        """Removes whatever lies beside the manifest and is not named in it, and the job's checkpoints."""
        named = frozenset({paths.manifest(manifest.job_id), *(image.name for image in manifest.images)})
        self.results.delete_prefix(paths.results_prefix(manifest.job_id), keep=named)
        self.store.objects.delete_prefix(f"checkpoints/{manifest.job_id}/")
