"""The record of a job: one JSON object in the jobs bucket, changed only by compare-and-set."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from pydantic import Field

from .document import Document, DocumentPart, Instant, now
from .errors import ErrorFacts, LeaseLost
from .request import JobRequest
from .states import State, check_transition

BEGUN = 0.02  # the progress of a job that was claimed just now: a bar shows that work has begun
# What a record says of a job's progress before anything was done for it, or when an attempt was lost.
NOTHING_DONE: dict[str, object] = {
    "stage": None,
    "step": None,
    "steps": None,
    "progress": 0.0,
    "preview": None,
}


class Lease(DocumentPart):
    """The right of one worker to work on the job for a while. The token grows with every claim; the largest
    is valid.
    """

    holder: str
    token: int
    expires: Instant

    def is_live(self, at: datetime | None = None) -> bool:
        """Returns True until the lease expires."""
        return self.expires > (at or now())


class HistoryEntry(DocumentPart):
    """One line of the job's history."""

    at: Instant
    state: State
    note: str | None = None


class JobRecord(Document):
    """Everything known of a job while it exists. ``request`` holds object names, never pixels."""

    kind: ClassVar[str] = "record"

    id: str
    owner: str
    request: JobRequest
    request_sha256: str
    model: str
    width: int
    height: int
    seed: int
    source: str | None = None  # the uploaded object that started the job
    traceparent: str | None = None

    state: State = State.QUEUED
    stage: str | None = None
    step: int | None = None
    steps: int | None = None
    progress: float = Field(default=0.0, ge=0, le=1)
    preview: str | None = None  # a small JPEG as a data: URL

    created: Instant
    updated: Instant
    deadline: Instant
    ended: Instant | None = None
    attempt: int = 0
    lease: Lease | None = None
    refused: Instant | None = None  # when the remote endpoint first refused it
    error: ErrorFacts | None = None
    images: tuple[str, ...] = ()
    history: tuple[HistoryEntry, ...] = ()
    nonce: str = ""  # of the last write: identifies our own write when its answer was lost

    def moved(self, state: State, note: str | None = None, **changes: object) -> JobRecord:
        """Returns a copy in another state. Raises IllegalTransition where the states do not allow it."""
        check_transition(self.state, state)
        at = now()
        step = HistoryEntry(at=at, state=state, note=note)
        ended = {"ended": at, "lease": None, "preview": None} if state.is_terminal else {}
        return self.model_copy(
            update={"state": state, "updated": at, "history": (*self.history, step), **ended, **changes}
        )

    def claimed(self, holder: str, seconds: float) -> JobRecord:
        """Returns a copy that ``holder`` leases for ``seconds``, under the next token."""
        token = self.lease.token + 1 if self.lease else self.attempt + 1
        lease = Lease(holder=holder, token=token, expires=now() + timedelta(seconds=seconds))
        fresh = {**NOTHING_DONE, "progress": BEGUN}
        return self.moved(State.RUNNING, holder, lease=lease, refused=None, attempt=self.attempt + 1, **fresh)

    def renewed(self, lease: Lease, seconds: float, **changes: object) -> JobRecord:
        """Returns a copy whose lease lasts ``seconds`` from now. Raises LeaseLost if another
        worker has it.
        """
        self.check_held(lease)
        at = now()
        longer = lease.model_copy(update={"expires": at + timedelta(seconds=seconds)})
        return self.model_copy(update={"lease": longer, "updated": at, **changes})

    def check_held(self, lease: Lease) -> None:
        """Raises LeaseLost unless ``lease`` is the record's lease."""
        if self.lease is None or self.lease.token != lease.token or self.lease.holder != lease.holder:
            raise LeaseLost("The job was taken over.")
