"""The job that an earlier request with the same key, or of the same upload, may have made.

A request is nearly always the first of its key, so a look-up before everything else would be a round trip for
nothing. The job is looked for where the difference counts:

| when                                                | why                                              |
|-----------------------------------------------------|--------------------------------------------------|
| first, for a request with pictures                  | they take long to check and to store             |
| before a place among the owner's jobs is taken      | a repeat takes none                              |
| when the request would be refused                   | a repeat gets its job, whatever has changed since |
| when the job's marker is there already              | its job is open, or being admitted               |
| when the job's record is there already              | it is the answer                                 |
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from ..contract.errors import Deleted, IdempotencyConflict, NotFound, PlantainError
from ..contract.job import JobRecord
from ..contract.storage.job_store import JobStore


class JobExists(Exception):
    """The request's job exists: ``record`` is the answer."""

    def __init__(self, record: JobRecord) -> None:
        super().__init__(record.id)
        self.record = record


@dataclass
class EarlierJob:
    """Looks for the job ``job_id``. ``by_key``: the body must agree, since the caller chose the key; an
    upload's recipe may have changed since.
    """

    store: JobStore
    job_id: str
    request_sha256: str
    by_key: bool
    is_ruled_out: bool  # it is known that there is none: no job had the key before, or a look found none

    def raise_if_exists(self) -> None:
        """Raises JobExists, and what ``look_again`` raises. Looks once: later calls do nothing."""
        if not self.is_ruled_out:
            self.look_again()

    def look_again(self) -> None:
        """Raises JobExists, IdempotencyConflict, Deleted (a deleted job is never made again), and what the
        store's ``read`` raises. Returns where there is no job.
        """
        try:
            record = self.store.read(self.job_id).record
        except Deleted:
            raise Deleted("The job of this name was deleted: use another Idempotency-Key.") from None
        except NotFound:
            self.is_ruled_out = True
            return
        if self.by_key and record.request_sha256 != self.request_sha256:
            raise IdempotencyConflict("The Idempotency-Key was used with another body: use a new key.")
        raise JobExists(record)

    @contextmanager
    def comes_before_refusals(self) -> Generator[None]:
        """Raises JobExists in place of an error of the block's, where the job exists."""
        try:
            yield
        except PlantainError:
            self.raise_if_exists()
            raise
