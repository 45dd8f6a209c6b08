"""Commits a batch's end: its items end as their jobs do, and the summary is written after the last item.

The summary is to a batch what the manifest is to a job: created once, and from then on the batch has ended.
"""

from __future__ import annotations

from contextlib import suppress

from .. import ids, paths
from ..batch import BatchManifest, BatchRecord, BatchState
from ..errors import UNREADABLE, ErrorFacts, NotFound, Overtaken
from ..manifest import Manifest
from ..telemetry.log import log
from .batch_items import BatchItems
from .batch_store import BatchStore
from .bucket import NEW, Bucket

_STATE_AFTER = {BatchState.RUNNING: BatchState.COMPLETED, BatchState.CANCELING: BatchState.CANCELED}


class BatchCommitter:
    """Commits summaries to the results bucket and brings batch records into line with them.

    Every method is safe to repeat and raises Transient when the storage does not answer.
    """

    def __init__(self, store: BatchStore, results: Bucket) -> None:
        self.store = store
        self.results = results

    def read_summary(self, batch_id: str) -> BatchManifest | None:
        """Returns the committed summary, or None while the batch has not ended.

        Raises DamagedDocument and UnsupportedVersion for one that cannot be read.
        """
        try:
            return BatchManifest.parse(self.results.get(paths.batch_manifest(batch_id)).data)
        except NotFound:
            return None

    def note_job_end(self, manifest: Manifest) -> None:
        """Notes the end of a batch's job on its line; does nothing for a job of no batch.

        The cost is the same for every job, however large the batch is.
        """
        found = ids.batch_of_source(manifest.origin.source)
        if found is None:
            return
        batch_id, line = found
        items = BatchItems(self.store.bucket, batch_id)
        item = items.find_open(line)
        if item is not None:  # else an earlier call noted it, and may have died before the next step
            items.end(item.ended_as(manifest))
        with suppress(*UNREADABLE):  # ``sweep`` reports the batch; the job has ended all the same
            self.end_if_complete(batch_id)

    def end_if_complete(self, batch_id: str) -> bool:
        """Writes the summary if every line was read and has ended. Returns True if the batch has ended.

        A batch that owes files of answers does not end yet: its record is touched, which triggers the step
        that writes them.
        """
        record = self.find_complete(batch_id)
        if record is None or record.state.is_terminal:
            return record is not None
        if record.owes_answers:
            self.store.change(batch_id, lambda found: found.changed() if found.owes_answers else None)
            return False
        self.end(record, _STATE_AFTER[record.state])
        return True

    def find_complete(self, batch_id: str) -> BatchRecord | None:
        """Returns a batch of which every line was read and has ended, or that has ended itself; else None."""
        if not BatchItems(self.store.bucket, batch_id).is_all_ended():
            return None
        try:
            record = self.store.read(batch_id).record
        except NotFound:  # deleted, or past its retention
            return None
        if record.state.is_terminal:
            return record
        if record.state is BatchState.CANCELING and not self._is_read_and_ended(batch_id):
            return None
        return record if record.state in _STATE_AFTER else None

    def _is_read_and_ended(self, batch_id: str) -> bool:
        # In this order: a reader puts its last items before it leaves the marker, and no other reader begins
        # after the cancel. The other way round an item could be put between the two looks.
        if self.store.is_being_read(batch_id):
            return False
        return BatchItems(self.store.bucket, batch_id).is_all_ended()

    def end(self, record: BatchRecord, state: BatchState, error: ErrorFacts | None = None) -> BatchManifest:
        """Commits the summary and settles the record. Returns the summary that was committed first."""
        items = tuple(BatchItems(self.store.bucket, record.id).ended())
        record = record.model_copy(update={"error": error or record.error})
        manifest = self._commit(BatchManifest.of(record, state, items))
        self.settle(manifest)
        return manifest

    def _commit(self, manifest: BatchManifest) -> BatchManifest:
        name = paths.batch_manifest(manifest.batch_id)
        try:
            metadata = {"state": str(manifest.state)}
            self.results.put(name, manifest.encode(), if_generation=NEW, metadata=metadata)
        except Overtaken:
            return BatchManifest.parse(self.results.get(name).data)
        log(
            "batch.ended",
            batch_id=manifest.batch_id,
            state=str(manifest.state),
            items=len(manifest.items),
            counts=manifest.counts,
            seconds=round((manifest.ended - manifest.created).total_seconds(), 3),
        )
        return manifest

    def settle(self, manifest: BatchManifest) -> None:
        """Brings the record and its index entry into line with the summary."""

        def follow(record: BatchRecord) -> BatchRecord | None:
            if record.state.is_terminal:
                return None
            return record.changed(
                state=manifest.state, ended=manifest.ended, counts=manifest.counts, error=manifest.error
            )

        with suppress(NotFound):
            self.store.put_in_index(self.store.change(manifest.batch_id, follow).record)
