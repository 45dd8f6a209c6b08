"""A batch: a file of requests, one a line, that becomes jobs and ends in one summary.

The record (jobs bucket, ``batches/{id}.json``, compare-and-set) says how far the file was read. Each line is
an item: an object of its own, ``open`` until its job has ended and then ``ended``, so that the record is not
written for every job. The summary (results bucket, ``batches/{id}/manifest.json``, create-only) names every
item.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from . import ids, paths
from .document import Document, DocumentPart, Instant, now
from .errors import ErrorFacts
from .manifest import Manifest
from .message import JobEvent
from .request_fields import AT_LEAST_ONE, Url
from .states import State
from .validation.messages import text_pattern

BatchBackend = Literal["queue", "vertex-batch"]
AnswerFiles = Literal["owed", "written"]
"""Files of answers in the results bucket, which are written after the last job and before the batch ends."""
BatchEventType = Literal["batch.completed", "batch.failed", "batch.canceled"]
CustomId = Annotated[
    str,
    text_pattern(r"^[^\x00-\x1f\x7f]+$", "text without control characters", max_length=128),
    Field(min_length=1),
]


class BatchState(StrEnum):
    READING = "reading"  # lines are still becoming jobs
    RUNNING = "running"  # every line was read
    CANCELING = "canceling"
    COMPLETED = "completed"  # every line has ended, however it did
    FAILED = "failed"  # the file could not be taken
    CANCELED = "canceled"

    @property
    def is_terminal(self) -> bool:
        return self in (BatchState.COMPLETED, BatchState.FAILED, BatchState.CANCELED)


class BatchWebhook(DocumentPart):
    """The webhook to which the batch's end is announced. ``events`` None means all of them."""

    url: Url
    events: Annotated[tuple[BatchEventType, ...], AT_LEAST_ONE] | None = None


class BatchDialect(DocumentPart):
    """The interface of another service through which a batch was created, and what its answers repeat."""

    name: str  # as functions/api/dialects.py names it
    facts: dict[str, Any] = Field(
        default_factory=dict
    )  # of the request; only the interface itself reads them


class LineFault(DocumentPart):
    """Why a file was refused: one of its lines, or without ``line`` the file itself."""

    line: int | None = Field(default=None, ge=1)  # counts from 1
    code: str  # in the words of the interface that the file is written for
    message: str
    field: str | None = None


class BatchItem(DocumentPart):
    """The outcome of one line. ``refused``: it never became a job, and ``error`` says why."""

    line: int = Field(ge=1)  # counts from 1
    state: State | Literal["refused"]
    custom_id: str | None = None
    job_id: str | None = None
    images: tuple[str, ...] = ()  # names in the results bucket
    error: ErrorFacts | None = None
    field: str | None = None  # of a refused line: the field at fault
    shared: bool = False  # the job was there before: its record names another source than this line
    echo: dict[str, Any] = Field(default_factory=dict)  # what the answer repeats, in the batch's dialect

    def ended(self, state: State, images: tuple[str, ...] = (), error: ErrorFacts | None = None) -> BatchItem:
        """Returns a copy whose job ended like this."""
        return self.model_copy(update={"state": state, "images": images, "error": error})

    def ended_as(self, manifest: Manifest) -> BatchItem:
        """Returns a copy of the item of a job that ended with this manifest."""
        return self.ended(manifest.state, tuple(image.name for image in manifest.images), manifest.error)


class BatchPrediction(DocumentPart):
    """The Vertex AI batch prediction job that runs a batch."""

    asked: Instant  # when its creation was claimed
    name: str | None = None  # projects/…/batchPredictionJobs/…
    state: str | None = None  # as Vertex AI spells it: JOB_STATE_RUNNING …


class BatchRecord(Document):
    """Everything known of a batch except its items."""

    kind: ClassVar[str] = "batch"

    id: str
    owner: str
    source: str  # gs://bucket/name of the file
    generation: int
    request_sha256: str
    lane: BatchBackend = "queue"
    webhook: BatchWebhook | None = None
    defaults: dict[str, Any] = Field(default_factory=dict)  # fields for lines that leave them out
    dialect: BatchDialect | None = None  # None: lines and answers are Plantain's own
    answer_files: AnswerFiles | None = None  # None: answers are composed when they are read

    state: BatchState = BatchState.READING
    line: int = 0  # how many lines of the file were read
    lines: int | None = None  # how many it has
    created: Instant
    updated: Instant
    canceled: Instant | None = None  # when that was asked for
    ended: Instant | None = None
    counts: dict[str, int] = Field(default_factory=dict)  # items by state, once it has ended
    prediction: BatchPrediction | None = None
    error: ErrorFacts | None = None
    faults: tuple[LineFault, ...] = ()  # of a file that was refused, in a dialect that names its lines
    nonce: str = ""  # of the last write: identifies our own write when its answer was lost

    @property
    def owes_answers(self) -> bool:
        """Returns True for an open batch whose files of answers are not written yet."""
        return self.answer_files == "owed" and not self.state.is_terminal

    def changed(self, **changes: object) -> BatchRecord:
        """Returns a copy with these changes, updated now."""
        return self.model_copy(update={"updated": now(), **changes})


class BatchTombstone(Document):
    """The facts that remain of a batch that its owner deleted. The tombstone stands where the record stood.

    ``source`` and ``index_entry`` are what is still to be removed; they are None once all is removed.
    """

    kind: ClassVar[str] = "batch tombstone"

    id: str
    owner_hash: str
    state: BatchState
    created: Instant
    ended: Instant
    deleted: Instant
    counts: dict[str, int] = Field(default_factory=dict)
    source: str | None = None
    generation: int | None = None
    index_entry: str | None = None

    @property
    def is_finished(self) -> bool:
        return self.index_entry is None

    def finished(self) -> BatchTombstone:
        """Returns a copy that has nothing left to remove."""
        return self.model_copy(update={"source": None, "generation": None, "index_entry": None})


class BatchManifest(Document):
    """The end of a batch: one entry for each line that is not blank."""

    kind: ClassVar[str] = "batch manifest"

    batch_id: str
    event_id: str
    state: BatchState
    owner: str
    source: str
    generation: int
    lane: BatchBackend
    created: Instant
    ended: Instant
    lines: int | None = None
    lines_read: int = 0
    counts: dict[str, int]
    items: tuple[BatchItem, ...] = ()
    prediction: BatchPrediction | None = None
    webhook: BatchWebhook | None = None
    error: ErrorFacts | None = None

    @classmethod
    def of(cls, record: BatchRecord, state: BatchState, items: tuple[BatchItem, ...]) -> BatchManifest:
        """Returns the summary that ends ``record`` in ``state``."""
        return cls(
            batch_id=record.id,
            event_id=ids.event_id(record.id),
            state=state,
            owner=record.owner,
            source=record.source,
            generation=record.generation,
            lane=record.lane,
            created=record.created,
            ended=now(),
            lines=record.lines,
            lines_read=record.line,
            counts=count_states(str(item.state) for item in items),
            items=items,
            prediction=record.prediction,
            webhook=record.webhook,
            error=record.error,
        )


class BatchEnded(DocumentPart, use_attribute_docstrings=True):
    """The facts of a batch's end, for a webhook's receiver and a subscriber of the events topic."""

    batch_id: str
    """The batch that has ended."""
    state: BatchState
    """How it ended: completed, failed or canceled."""
    manifest: str
    """The batch's summary, as a `gs://` name."""
    counts: dict[str, int]
    """How many lines came to each state."""
    error: ErrorFacts | None = None
    """Why the batch failed, where it did."""


class BatchEvent(Document, use_attribute_docstrings=True):
    """A Standard Webhooks payload, like that of a job's end."""

    kind: ClassVar[str] = "event"

    id: str
    """The event's id: the same in every attempt and on the topic, so it tells a repetition."""
    type: BatchEventType
    """Which end the batch came to."""
    timestamp: Instant
    """When the batch ended, in UTC (RFC 3339)."""
    data: BatchEnded
    """The batch that has ended."""

    @classmethod
    def of(cls, manifest: BatchManifest, results_bucket: str) -> BatchEvent:
        return cls.model_validate(
            {
                "id": manifest.event_id,
                "type": f"batch.{manifest.state}",
                "timestamp": manifest.ended,
                "data": BatchEnded(
                    batch_id=manifest.batch_id,
                    state=manifest.state,
                    manifest=f"gs://{results_bucket}/{paths.batch_manifest(manifest.batch_id)}",
                    counts=manifest.counts,
                    error=manifest.error,
                ),
            }
        )


AnyEvent = JobEvent | BatchEvent


def count_states(states: Iterable[str]) -> dict[str, int]:
    """Returns how often each state occurs, in the order of names."""
    return dict(sorted(Counter(states).items()))
