"""What is left of a job that its owner had deleted: hashes, and nothing that anybody wrote or drew.

It stands where the record stood, so that no message, upload or idempotency key makes the job again; and where
the manifest stood, so that no worker that was thought lost commits it again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from .document import Document, DocumentPart, Instant
from .errors import Deleted, InvalidRequest, NotFound
from .states import State


class DeletedImage(DocumentPart):
    """A picture that was delivered once: enough to recognise it, not to make it."""

    sha256: str
    bytes: int
    content_type: str
    watermark: str | None = None  # the payload, 16 hexadecimal digits


class StoredUpload(DocumentPart):
    """An object of the uploads bucket that was this job's input."""

    name: str
    generation: int | None = None


class RemainingObjects(DocumentPart):
    """What the deletion has still to remove beside what lies under the job's own prefixes."""

    index_entry: str | None = None  # None: the record could not be read, and its owner's index has none
    uploads: tuple[StoredUpload, ...] = ()


class Tombstone(Document):
    """``state`` is how the job ended: that never changes. ``remaining`` is gone once all of it is done."""

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
        """A copy that has nothing left to do."""
        return self.model_copy(update={"remaining": None})


def parse_tombstone(data: bytes) -> Tombstone | None:
    """The tombstone that ``data`` holds, if it is one."""
    try:
        return Tombstone.parse(data)
    except InvalidRequest:
        return None


def refuse_deleted(data: bytes) -> None:
    """Raises Deleted where ``data``, which is not what it should be, is a tombstone."""
    if parse_tombstone(data) is not None:
        raise Deleted("The job was deleted.")


def is_deleted(read: Callable[[str], object], id: str) -> bool:
    """Whether ``read`` finds a tombstone in the place of the record of ``id``."""
    try:
        read(id)
    except Deleted:
        return True
    except NotFound:
        return False
    return False
