"""The tombstone of a job that its owner deleted: hashes, and nothing that was written or drawn.

It stands where the record stood, so that no message, upload or idempotency key makes the job again. It also
stands where the manifest stood, so that no worker that was thought lost commits the job again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from .document import Document, DocumentPart, Instant
from .errors import Deleted, InvalidRequest, NotFound
from .states import State


class DeletedImage(DocumentPart):
    """A picture that was delivered: enough to recognise it, not enough to rebuild it."""

    sha256: str
    bytes: int
    content_type: str
    watermark: str | None = None  # the payload, 16 hexadecimal digits


class StoredUpload(DocumentPart):
    """An object of the uploads bucket that was this job's input."""

    name: str
    generation: int | None = None


class RemainingObjects(DocumentPart):
    """The objects that are still to be removed, beside those that lie under the job's own prefixes."""

    index_entry: str | None = None  # None: the record could not be read, and its owner's index has none
    uploads: tuple[StoredUpload, ...] = ()


class Tombstone(Document):
    """The facts that remain of a deleted job, which ended as ``state``.

    ``remaining`` is None once everything is removed.
    """

    kind: ClassVar[str] = "tombstone"

    id: str
    owner_hash: str
    task: str
    state: State
    event_id: str
    created: Instant
    ended: Instant
    deleted: Instant
    request_sha256: str
    manifest_sha256: str | None = None
    images: tuple[DeletedImage, ...] = ()
    remaining: RemainingObjects | None = None

    def finished(self) -> Tombstone:
        """Returns a copy that has nothing left to remove."""
        return self.model_copy(update={"remaining": None})


def parse_tombstone(data: bytes) -> Tombstone | None:
    """Returns the tombstone that ``data`` holds; None for anything else."""
    try:
        return Tombstone.parse(data)
    except InvalidRequest:
        return None


def refuse_deleted(data: bytes) -> None:
    """Raises Deleted where ``data`` is a tombstone."""
    if parse_tombstone(data) is not None:
        raise Deleted("The job was deleted.")


def is_deleted(read: Callable[[str], object], id: str) -> bool:
    """Returns True if ``read`` finds a tombstone in the place of the record of ``id``."""
    try:
        read(id)
    except Deleted:
        return True
    except NotFound:
        return False
    return False
