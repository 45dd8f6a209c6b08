"""Stored files: objects of the uploads bucket, each under its owner, with what is known of it as metadata.

A file is found by its owner alone. After its expiry it is not found either, and its bytes are removed when
they are next asked for, or by the rule of retention of `uploads/api/`.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..contract import ids, paths
from ..contract.document import now
from ..contract.errors import FileExists, NotFound, Overtaken
from ..contract.formats import CONTENT_TYPES
from ..contract.pictures.picture_format import format_of
from ..contract.request import ImageInput
from ..contract.storage.bucket import NEW, ObjectInfo
from ..contract.timestamps import format_time
from ..limits.allowance import take_bytes
from ..services import Services

LIFETIME = timedelta(hours=48)
MAX_FILE = 64 * 2**20  # bytes: as large as a batch's requests may be
FIRST_BYTES = 512  # of a file, which tell its type
_LONGEST_TEXT = 512  # characters of a name, a type or a purpose
_UPLOAD_ID = re.compile(r"up_[a-z2-7]{26}\Z")
_NAME, _TYPE, _PURPOSE, _GIVEN = "file-name", "file-type", "file-purpose", "file-given-name"
_SHA256, _EXPIRES = "file-sha256", "file-expires"
_NO_FILE = "There is no such file: it may have expired."
_NAME_IS_TAKEN = "There is a file of this name."
_UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True)
class FileLabels:
    """What a caller says of a file: none of it is believed of the bytes.

    ``name`` is shown and need not be unique. ``given_name`` is, among the owner's files, and leads to the
    file.
    """

    name: str = ""
    mime_type: str = _UNKNOWN_TYPE
    purpose: str = ""
    given_name: str = ""

    def metadata(self) -> dict[str, str]:
        """Returns the labels as metadata of an object."""
        texts = {_NAME: self.name, _TYPE: self.mime_type, _PURPOSE: self.purpose, _GIVEN: self.given_name}
        return {key: text[:_LONGEST_TEXT] for key, text in texts.items()}

    @classmethod
    def from_metadata(cls, known: Mapping[str, str]) -> FileLabels:
        """Returns the labels that ``metadata`` wrote."""
        return cls(*(known.get(key, "") for key in (_NAME, _TYPE, _PURPOSE, _GIVEN)))


@dataclass(frozen=True)
class StoredFile:
    """A file of an owner, without its content. ``sha256`` is in hexadecimal digits."""

    owner: str
    id: str  # up_…
    generation: int
    size: int  # bytes
    labels: FileLabels
    sha256: str
    created: datetime
    expires: datetime
    has_counted: bool = False  # to its owner's bytes a day, as it was stored

    @property
    def object_name(self) -> str:
        """Returns the name of the object of the uploads bucket that holds the file."""
        return paths.uploaded_picture(self.owner, self.id)


def new_file_id(owner: str, labels: FileLabels) -> str:
    """Returns the id of a file that is to be written: its given name's, or a random one."""
    return ids.upload_id_for_name(owner, labels.given_name) if labels.given_name else ids.new_upload_id()


def store_file(
    services: Services,
    owner: str,
    data: bytes,
    labels: FileLabels,
    lifetime: timedelta = LIFETIME,
    file_id: str | None = None,
) -> StoredFile:
    """Writes a file and returns it. Raises FileExists where the given name, or ``file_id``, is taken,
    LimitReached, and Transient.
    """
    file_id = file_id or new_file_id(owner, labels)
    metadata = file_metadata(labels, hashlib.sha256(data).hexdigest(), data[:FIRST_BYTES], lifetime)
    with suppress(NotFound):
        find_file(services, owner, file_id)
        raise FileExists(_NAME_IS_TAKEN, field="name")
    name = paths.uploaded_picture(owner, file_id)
    take_bytes(services, owner, f"{name}/{secrets.token_hex(8)}", len(data))
    try:
        generation = services.uploads.put(name, data, _UNKNOWN_TYPE, if_generation=NEW, metadata=metadata)
    except Overtaken:
        raise FileExists(_NAME_IS_TAKEN, field="name") from None
    return _file_of(owner, services.uploads.stat(name, generation))


def file_metadata(
    labels: FileLabels, sha256: str, start: bytes, lifetime: timedelta = LIFETIME
) -> dict[str, str]:
    """Returns the metadata that makes an object a file. ``start`` is its first bytes, which decide about the
    type.
    """
    known = {_TYPE: _type_of(start, labels.mime_type), _SHA256: sha256}
    return {**labels.metadata(), **known, _EXPIRES: format_time(now() + lifetime), paths.COUNTED: "yes"}


def _type_of(start: bytes, said: str) -> str:
    """Returns the type of a picture by its bytes; what was said otherwise, unless that is a picture."""
    found = format_of(start)
    if found:
        return CONTENT_TYPES.get(found, f"image/{found}")
    return _UNKNOWN_TYPE if said.startswith("image/") or not said else said


def remove_expired_file(services: Services, owner: str, file_id: str) -> None:
    """Removes the file of this id if its time is over, so that its name is free."""
    with suppress(NotFound):
        find_file(services, owner, file_id)


def find_file(services: Services, owner: str, file_id: str) -> StoredFile:
    """Returns the owner's file. Raises NotFound, also for another owner's file and an expired one."""
    if not _UPLOAD_ID.match(file_id):
        raise NotFound(_NO_FILE)
    name = paths.uploaded_picture(owner, file_id)
    try:
        found = services.uploads.stat(name)
    except NotFound:
        raise NotFound(_NO_FILE) from None
    if not _is_file(found):
        raise NotFound(_NO_FILE)
    file = _file_of(owner, found)
    if file.expires <= now():
        services.uploads.delete(name, file.generation)
        raise NotFound(_NO_FILE)
    return file


def list_files(services: Services, owner: str) -> list[StoredFile]:
    """Returns all files of the owner that have not expired, newest first."""
    listed = services.uploads.list(paths.uploads_prefix(owner))
    files = [file for found in listed if _is_file(found) and (file := _file_of(owner, found)).expires > now()]
    return sorted(files, key=lambda file: (file.created, file.id), reverse=True)


def read_file(services: Services, owner: str, file_id: str) -> bytes:
    """Returns the bytes of the owner's file. Raises NotFound."""
    file = find_file(services, owner, file_id)
    try:
        return services.uploads.get(file.object_name, file.generation).data
    except NotFound:
        raise NotFound(_NO_FILE) from None


def read_file_pieces(services: Services, file: StoredFile, piece: int) -> Iterator[bytes]:
    """Yields the bytes of a file, at most ``piece`` at once. Raises NotFound once it was deleted."""
    return services.uploads.read_pieces(file.object_name, file.generation, file.size, piece)


def open_file(services: Services, owner: str, file_id: str) -> ImageInput:
    """Returns the owner's file as a picture of a request. Raises NotFound."""
    return ImageInput(upload=find_file(services, owner, file_id).id)


def delete_file(services: Services, owner: str, file_id: str) -> None:
    """Deletes the owner's file. Raises NotFound."""
    file = find_file(services, owner, file_id)
    services.uploads.delete(file.object_name, file.generation)


def _is_file(found: ObjectInfo) -> bool:
    """Returns True for a file, and False for a picture that the caller uploaded for one request."""
    return _EXPIRES in found.metadata and _SHA256 in found.metadata


def _file_of(owner: str, found: ObjectInfo) -> StoredFile:
    return StoredFile(
        owner=owner,
        id=found.name.rpartition("/")[2],
        generation=found.generation,
        size=found.size,
        labels=FileLabels.from_metadata(found.metadata),
        sha256=found.metadata[_SHA256],
        created=found.created,
        expires=datetime.fromisoformat(found.metadata[_EXPIRES]),
        has_counted=paths.COUNTED in found.metadata,
    )
