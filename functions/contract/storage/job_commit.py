"""Commits a job's end, in every process that ends one: the manifest is the commit, the record follows."""

from __future__ import annotations

from datetime import datetime

from .. import paths
from ..document import now
from ..errors import (
    Blocked,
    Canceled,
    DeadlineExceeded,
    Deleted,
    ErrorFacts,
    InvalidRequest,
    LeaseLost,
    NotFound,
    Overtaken,
    PlantainError,
)
from ..job import JobRecord
from ..manifest import Manifest
from ..states import State
from ..telemetry import traceparent
from ..telemetry.log import log
from ..tombstone import refuse_deleted
from .bucket import NEW, Bucket
from .job_store import JobStore, StoredJob


def state_after(error: PlantainError) -> State:
    """Returns the state that a job ends in because of an error."""
    match error:
        case Canceled():
            return State.CANCELED
        case DeadlineExceeded():
            return State.EXPIRED
        case Blocked():
            return State.BLOCKED
        case _:
            return State.FAILED


class JobCommitter:
    """Commits manifests to the results bucket and brings records into line with them."""

    def __init__(self, store: JobStore, results: Bucket) -> None:
        self.store = store
        self.results = results

    def read_manifest(self, job_id: str) -> Manifest | None:
        """Returns the committed manifest, or None while the job has not ended. Raises Deleted."""
        try:
            found = self.results.get(paths.manifest(job_id))
        except NotFound:
            return None
        return _parse_manifest(found.data)

    def commit(self, manifest: Manifest) -> Manifest:
        """Commits the manifest. Returns the one that stands: this one, or the one that was first.

        Raises LeaseLost when the job has ended and was deleted since: the worker's pictures are discarded.
        """
        name, data = paths.manifest(manifest.job_id), manifest.encode()
        try:
            self.results.put(name, data, if_generation=NEW, metadata={"state": str(manifest.state)})
        except Overtaken:
            return self._first(name)
        _log_end(manifest)
        return manifest

    def _first(self, name: str) -> Manifest:
        try:
            return _parse_manifest(self.results.get(name).data)
        except Deleted:
            raise LeaseLost("The job was taken over, has ended, and was deleted.") from None

    def settle(self, manifest: Manifest, known: StoredJob | None = None) -> JobRecord:
        """Brings the record and its index entry into line with the manifest.

        ``known`` is the record as the worker that committed the manifest last wrote it. Without it, files
        beside the manifest are removed first.
        """
        ended = manifest.record()
        try:
            return self._settled(manifest, ended, known)
        except Deleted:  # meanwhile: what was written for it since is removed too
            self.store.delete_side_objects(ended.id)
            self.store.remove_from_index(ended)
            return ended

    def _settled(self, manifest: Manifest, ended: JobRecord, known: StoredJob | None) -> JobRecord:
        if known is None:
            record = self._already_settled(manifest.job_id)
            if record:
                return record
            self.remove_unnamed_results(manifest)
        # The record comes last: until it is terminal, ``sweep`` repeats whatever is missing.
        self.store.put_in_index(ended, unless_deleted=False)  # the change below meets a tombstone

        def follow(record: JobRecord) -> JobRecord | None:
            if record.state.is_terminal:
                return None
            return record.moved(
                ended.state,
                ended=ended.ended,
                error=ended.error,
                images=ended.images,
                progress=max(record.progress, ended.progress),  # a failed job keeps how far it came
            )

        try:
            return self.store.change(manifest.job_id, follow, known).record
        except Deleted:
            raise
        except NotFound:  # lost: the manifest alone rebuilds it
            return self._rebuild(ended)

    def _already_settled(self, job_id: str) -> JobRecord | None:
        try:
            record = self.store.read(job_id).record
        except Deleted:
            raise
        except NotFound:
            return None
        return record if record.state.is_terminal else None

    def _rebuild(self, ended: JobRecord) -> JobRecord:
        try:
            return self.store.create(ended).record
        except Overtaken:  # another process rebuilt it from the same manifest
            return self.store.read(ended.id).record

    def end(self, record: JobRecord, state: State, error: ErrorFacts | None, **facts: object) -> Manifest:
        """Ends a job that delivers no pictures. Returns the manifest that stands, whichever was first."""
        manifest = self.commit(Manifest.of(record, state, now(), traceparent(), error=error, **facts))
        self.settle(manifest)
        return manifest

    def remove_unnamed_results(self, manifest: Manifest) -> None:
        """Removes the job's checkpoints, and all result files that the manifest does not name.

        A blocked job's stored input pictures are removed too: they may be the reason for the block.
        """
        job_id = manifest.job_id
        named = frozenset({paths.manifest(job_id), *(image.name for image in manifest.images)})
        self.results.delete_prefix(paths.results_prefix(job_id), keep=named)
        self.store.bucket.delete_prefix(paths.checkpoints_prefix(job_id))
        if manifest.state is State.BLOCKED:
            self.store.bucket.delete_prefix(paths.inputs_prefix(job_id))

    def remove_late_writes(self, job_id: str) -> None:
        """Removes what a worker that has lost its job may have written late."""
        try:
            manifest = self.read_manifest(job_id)
        except Deleted:
            self.results.delete_prefix(paths.results_prefix(job_id), keep=frozenset({paths.manifest(job_id)}))
            self.store.delete_side_objects(job_id)
            return
        if manifest:
            self.remove_unnamed_results(manifest)


def _log_end(manifest: Manifest) -> None:
    """Logs what the dashboard and the alerts count: one line for the job, one for each of its stages."""
    asked, claimed = manifest.origin.created, manifest.timings.get("claimed")
    log(
        "job.ended",
        job_id=manifest.job_id,
        state=str(manifest.state),
        task=manifest.origin.request.task,
        seconds=_seconds_between(asked, manifest.ended),
        queue_seconds=_seconds_between(asked, claimed) if claimed else None,
    )
    for stage in manifest.stages:
        log("stage.done", job_id=manifest.job_id, stage=stage.name, seconds=stage.seconds)


def _seconds_between(start: datetime, end: datetime) -> float:
    return round((end - start).total_seconds(), 3)


def _parse_manifest(data: bytes) -> Manifest:
    """Parses a manifest. Raises Deleted for a tombstone, UnsupportedVersion and InvalidRequest."""
    try:
        return Manifest.parse(data)
    except InvalidRequest:
        refuse_deleted(data)
        raise
