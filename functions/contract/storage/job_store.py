"""The store of jobs: what ``RecordStore`` needs to know of them."""

from __future__ import annotations

from collections.abc import Mapping

from .. import ids, paths
from ..job import JobRecord
from ..states import State
from ..tombstone import Tombstone
from .bucket import Bucket
from .record_store import IndexPage, RecordKind, RecordStore, VersionedRecord

StoredJob = VersionedRecord[JobRecord]
LABEL = "label."  # before a label's key in the metadata of an index entry


def _index_facts(record: JobRecord) -> dict[str, str]:
    labels = {LABEL + key: value for key, value in record.request.labels.items()}
    return {**labels, "task": record.request.task}


_JOBS = RecordKind(
    noun="job",
    record=JobRecord,
    tombstone=Tombstone,
    id_pattern=ids.JOB_ID,
    markers=paths.OPEN,
    record_name=paths.job_record,
    marker_name=paths.open_marker,
    index_prefix=paths.index_prefix,
    index_entry=paths.index_entry,
    open_states=frozenset(str(state) for state in State if not state.is_terminal),
    index_facts=_index_facts,
)


class JobStore(RecordStore[JobRecord, Tombstone]):
    """The records of jobs, in the jobs bucket."""

    def __init__(self, jobs: Bucket) -> None:
        super().__init__(jobs, _JOBS)

    def list_jobs(
        self,
        owner: str,
        *,
        state: State | None = None,
        labels: Mapping[str, str] | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> IndexPage:
        """Lists the owner's jobs in ``state`` that carry all of ``labels``: see ``list_index``."""
        wanted = {LABEL + key: value for key, value in (labels or {}).items()}
        if state is not None:
            wanted["state"] = str(state)
        return self.list_index(owner, wanted=wanted, limit=limit, cursor=cursor)

    def delete_side_objects(self, job_id: str) -> None:
        """Removes what is stored for a job beside its record: inputs, checkpoints and webhook deliveries."""
        for prefix in (paths.inputs_prefix, paths.checkpoints_prefix, paths.deliveries_prefix):
            self.bucket.delete_prefix(prefix(job_id))
