"""Resumable uploads: they outlive a lost connection, and a restart of the server."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from local.storage.body_files import CHUNK, INLINE, BodyFiles, ObjectBody
from local.storage.content_range import ContentRange
from local.storage.database import StorageDatabase
from local.storage.digests import BodyDigest
from local.storage.errors import AddressNotFound, InvalidValue
from local.storage.upload_declaration import UploadDeclaration

GRANULE = 256 * 1024
"""A chunk that is not the last counts only up to a multiple of this."""

LIFETIME = 7 * 86_400
"""Seconds for which an upload can be resumed."""


@dataclass(slots=True)
class ResumableUpload:
    """One upload. Its file's length is how much has come.

    Attributes:
        result: the object's resource once it is finished, as JSON.
        turn: buffered while bytes are taken.
    """

    id: str
    declaration: UploadDeclaration
    path: Path
    result: str | None
    turn: asyncio.Lock

    def received(self) -> int:
        """Returns the number of bytes received."""
        return self.path.stat().st_size if self.path.exists() else 0


class ResumableUploads:
    """All uploads that have begun and were neither canceled nor forgotten."""

    def __init__(self, database: StorageDatabase, files: BodyFiles) -> None:
        self._database = database
        self._files = files
        database.execute("DELETE FROM uploads WHERE started < ?", (time.time() - LIFETIME,))
        self._uploads = {
            row[0]: ResumableUpload(
                row[0], UploadDeclaration.decode(row[1]), files.upload_path(row[0]), row[2], asyncio.Lock()
            )
            for row in database.execute("SELECT id, ticket, result FROM uploads")
        }

    def ids(self) -> list[str]:
        return list(self._uploads)

    def begin(self, declaration: UploadDeclaration) -> ResumableUpload:
        upload_id = secrets.token_urlsafe(24)
        statement = "INSERT INTO uploads VALUES (?, ?, ?, NULL)"
        self._database.execute(statement, (upload_id, time.time(), declaration.encode()))
        upload = ResumableUpload(
            upload_id, declaration, self._files.upload_path(upload_id), None, asyncio.Lock()
        )
        self._uploads[upload_id] = upload
        return upload

    def read(self, upload_id: str) -> ResumableUpload:
        """Raises AddressNotFound."""
        found = self._uploads.get(upload_id)
        if found is None:
            raise AddressNotFound(
                "There is no such upload: it was canceled, or is older than a week. Begin again."
            )
        return found

    def cancel(self, upload: ResumableUpload) -> None:
        self._database.execute("DELETE FROM uploads WHERE id = ?", (upload.id,))
        del self._uploads[upload.id]
        upload.path.unlink(missing_ok=True)

    def finish(self, upload: ResumableUpload, result: str) -> None:
        """Remembers the answer, for a sender that did not get it."""
        self._database.execute("UPDATE uploads SET result = ? WHERE id = ?", (result, upload.id))
        upload.result = result
        upload.path.unlink(missing_ok=True)

    async def append(
        self, upload: ResumableUpload, chunks: AsyncIterator[bytes], range_: ContentRange | None
    ) -> int:
        """Takes a chunk; returns the bytes received so far. Raises InvalidValue when it does not follow them.

        Without a range the body is the whole object. When the connection is lost, the part of the chunk that
        arrived is kept, in whole granules.
        """
        received = upload.received()
        first = 0 if range_ is None else range_.first or 0
        if first > received:
            raise InvalidValue(f"The chunk begins at byte {first}, and only {received} have come so far.")
        chunk = _Chunk.expected(received - first, range_)
        keep: int | None = None
        file = await self._files.run_in_thread(_open_at, upload.path, received)
        try:
            await self._write_chunk(file, chunk, chunks)
            end = max(received, first + chunk.size)
            if range_ is None or range_.completes_at(end):
                keep = end
            else:
                _check_granule(chunk.size)
                keep = max(received, _whole_granules(end))
            return keep
        except InvalidValue:
            keep = received
            raise
        finally:
            await self._files.run_in_thread(_close_file, file, keep)

    async def _write_chunk(self, file: BinaryIO, chunk: _Chunk, stream: AsyncIterator[bytes]) -> None:
        pending: list[bytes] = []
        buffered = 0
        try:
            async for data in stream:
                pending.append(chunk.take(data))
                buffered += len(data)
                if buffered >= CHUNK:
                    await self._files.run_in_thread(file.writelines, pending)
                    pending, buffered = [], 0
        finally:  # what came before a connection was lost counts
            await self._files.run_in_thread(file.writelines, pending)
        chunk.check()

    async def body(self, upload: ResumableUpload) -> ObjectBody:
        """Returns everything that was received as a body."""
        return await self._files.run_in_thread(_read_body, upload.path)


@dataclass(slots=True)
class _Chunk:
    """A chunk that is being received.

    Attributes:
        skip: bytes of it that arrived before.
        least: bytes that it must have.
        most: bytes that it may have; None for any number.
        size: bytes that have arrived.
    """

    skip: int
    least: int
    most: int | None
    size: int = 0

    @classmethod
    def expected(cls, skip: int, range_: ContentRange | None) -> _Chunk:
        return cls(skip, 0, None) if range_ is None else cls(skip, range_.length or 0, range_.longest)

    def take(self, data: bytes) -> bytes:
        """Returns the part of the data that is new."""
        new = data[max(0, self.skip - self.size) :]
        self.size += len(data)
        if self.most is not None and self.size > self.most:
            raise InvalidValue(f"The body is longer than the {self.most} bytes of its Content-Range.")
        return new

    def check(self) -> None:
        if self.size < self.least:
            raise InvalidValue(f"The body has {self.size} bytes, and its Content-Range says {self.least}.")


def _check_granule(size: int) -> None:
    if size < GRANULE:
        raise InvalidValue(
            f"Invalid request. The number of bytes uploaded is required to be equal or greater than {GRANULE}"
            f" except for the final request. The received request contained {size} bytes."
        )


def _whole_granules(size: int) -> int:
    return size // GRANULE * GRANULE


def _open_at(path: Path, position: int) -> BinaryIO:
    path.touch()
    file = path.open("r+b")
    file.seek(position)
    return file


def _close_file(file: BinaryIO, keep: int | None) -> None:
    """Cuts the file to ``keep`` bytes; None keeps whole granules of what arrived."""
    with file:
        file.truncate(_whole_granules(file.tell()) if keep is None else keep)


def _read_body(path: Path) -> ObjectBody:
    digest = BodyDigest()
    size = 0
    path.touch()  # an upload may end without a byte
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    if size > INLINE:
        return ObjectBody(size, digest.crc32c, digest.md5, path=path)
    return ObjectBody(size, digest.crc32c, digest.md5, data=path.read_bytes())
