"""The store of batches: what ``RecordStore`` needs to know of them, and who reads a batch's file.

Every write of a record publishes a notification, which triggers the batch's next step: see
``functions/batches/state_machine.py``.
"""

from __future__ import annotations

from datetime import timedelta

from .. import ids, paths
from ..batch import BatchRecord, BatchState, BatchTombstone
from ..errors import NotFound
from .bucket import Bucket
from .open_markers import late_writers, writers_on
from .record_store import RecordKind, RecordStore, VersionedRecord

StoredBatch = VersionedRecord[BatchRecord]
LONGEST_PART = timedelta(minutes=5)  # a function that reads a part for longer is taken for dead


def _index_facts(record: BatchRecord) -> dict[str, str]:
    facts = {"lane": record.lane}
    return {**facts, "dialect": record.dialect.name} if record.dialect else facts


_BATCHES = RecordKind(
    noun="batch",
    record=BatchRecord,
    tombstone=BatchTombstone,
    id_pattern=ids.BATCH_ID,
    markers=paths.OPEN_BATCHES,
    record_name=paths.batch_record,
    marker_name=paths.open_batch_marker,
    index_prefix=paths.batch_index_prefix,
    index_entry=paths.batch_index_entry,
    open_states=frozenset(str(state) for state in BatchState if not state.is_terminal),
    index_facts=_index_facts,
)


class BatchStore(RecordStore[BatchRecord, BatchTombstone]):
    """The records of batches, in the jobs bucket."""

    def __init__(self, jobs: Bucket) -> None:
        super().__init__(jobs, _BATCHES)

    def is_being_read(self, batch_id: str) -> bool:
        """Returns True while a part of the file is being read, so that further lines may become jobs."""
        try:
            marker = self.bucket.stat(paths.open_batch_marker(batch_id))
        except NotFound:
            return False
        return len(writers_on(marker)) > len(late_writers(marker, LONGEST_PART))
