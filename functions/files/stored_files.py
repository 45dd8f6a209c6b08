"""Stored files: objects of the uploads bucket, each under its owner, with what is known of it as metadata.

A file is found by its owner alone. After its expiry it is not found either, and its bytes are removed when
they are next asked for, or by the rule of retention of `uploads/api/`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..contract import paths
from ..contract.document import now
from ..contract.errors import NotFound
from ..contract.request import ImageInput
from ..contract.storage.bucket import NEW, ObjectInfo
from ..contract.timestamps import format_time
from ..services import Services

LIFETIME = timedelta(hours=48)
_LONGEST_TEXT = 512  # characters of a name, a type or a purpose
_UPLOAD_ID = re.compile(r"up_[a-z2-7]{26}\Z")
_NAME, _TYPE, _PURPOSE = "file-name", "file-type", "file-purpose"
_SHA256, _EXPIRES = "file-sha256", "file-expires"
_NO_FILE = "There is no such file: it may have expired."


@dataclass(frozen=True)
class FileLabels:
    """What a caller says of a file: none of it is believed of the bytes."""

    name: str = ""
    mime_type: str = "application/octet-stream"
    purpose: str = ""


@dataclass(frozen=True)
class StoredFile:
    """A file of an owner, without its content. ``sha256`` is in hexadecimal digits."""

    id: str  # up_…
    generation: int
    size: int  # bytes
    labels: FileLabels
    sha256: str
    created: datetime
    expires: datetime


def store_file(
    services: Services, owner: str, data: bytes, labels: FileLabels, lifetime: timedelta = LIFETIME
) -> StoredFile:
    """Writes a file and returns it. Raises Transient."""
    upload = paths.new_upload_id()
    metadata = {
        _NAME: labels.name[:_LONGEST_TEXT],
        _TYPE: labels.mime_type[:_LONGEST_TEXT],
        _PURPOSE: labels.purpose[:_LONGEST_TEXT],
        _SHA256: hashlib.sha256(data).hexdigest(),
        _EXPIRES: format_time(now() + lifetime),
    }
    name = paths.uploaded_picture(owner, upload)
    generation = services.uploads.put(
        name, data, "application/octet-stream", if_generation=NEW, metadata=metadata
    )
    return _file_of(services.uploads.stat(name, generation))


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
    file = _file_of(found)
    if file.expires <= now():
        services.uploads.delete(name, file.generation)
        raise NotFound(_NO_FILE)
    return file


def list_files(services: Services, owner: str) -> list[StoredFile]:
    """Returns all files of the owner that have not expired, newest first."""
    listed = services.uploads.list(paths.uploads_prefix(owner))
    files = [file for found in listed if _is_file(found) and (file := _file_of(found)).expires > now()]
    return sorted(files, key=lambda file: (file.created, file.id), reverse=True)


def read_file(services: Services, owner: str, file_id: str) -> bytes:
    """Returns the bytes of the owner's file. Raises NotFound."""
    file = find_file(services, owner, file_id)
    try:
        return services.uploads.get(paths.uploaded_picture(owner, file.id), file.generation).data
    except NotFound:
        raise NotFound(_NO_FILE) from None


def open_file(services: Services, owner: str, file_id: str) -> ImageInput:
    """Returns the owner's file as a picture of a request. Raises NotFound."""
    return ImageInput(upload=find_file(services, owner, file_id).id)


def delete_file(services: Services, owner: str, file_id: str) -> None:
    """Deletes the owner's file. Raises NotFound."""
    file = find_file(services, owner, file_id)
    services.uploads.delete(paths.uploaded_picture(owner, file.id), file.generation)


def _is_file(found: ObjectInfo) -> bool:
    """Returns True for a file, and False for a picture that the caller uploaded for one request."""
    return _EXPIRES in found.metadata and _SHA256 in found.metadata


def _file_of(found: ObjectInfo) -> StoredFile:
    known = found.metadata
    return StoredFile(
        id=found.name.rpartition("/")[2],
        generation=found.generation,
        size=found.size,
        labels=FileLabels(known.get(_NAME, ""), known.get(_TYPE, ""), known.get(_PURPOSE, "")),
        sha256=known[_SHA256],
        created=found.created,
        expires=datetime.fromisoformat(known[_EXPIRES]),
    )
