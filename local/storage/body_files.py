"""Bodies: bytes on their way in, and the files that hold those too large for the database."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, ParamSpec, TypeVar

from local.storage.digests import BodyDigest
from local.storage.errors import ConnectionDropped, ObjectDamaged

INLINE = 64 * 1024
"""The largest body in bytes that is kept in the database; larger ones are files."""

CHUNK = 1024 * 1024
"""Bytes that are read or written at a time."""

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ObjectBody:
    """A complete body that is not an object yet: its bytes, or the file that has them.

    Attributes:
        size: bytes.
        md5: base64; None for a composite.
        components: how many uploads a composite is made of; None for a single upload.
    """

    size: int
    crc32c: str
    md5: str | None
    data: bytes | None = None
    path: Path | None = None
    components: int | None = None

    @property
    def md5_hex(self) -> str:
        """Returns the MD5 as ETags have it."""
        return base64.b64decode(self.md5 or "").hex()


class IncomingBody:
    """Takes a body chunk by chunk, in memory while it is small, then in a file.

    An unfinished body is deleted.
    """

    def __init__(self, files: BodyFiles, path: Path) -> None:
        self._files = files
        self._path = path
        self._digest = BodyDigest()
        self._pending: list[bytes] = []
        self._buffered = 0
        self._size = 0
        self._file: BinaryIO | None = None

    async def write(self, chunk: bytes) -> None:
        self._pending.append(chunk)
        self._buffered += len(chunk)
        self._size += len(chunk)
        if self._buffered >= CHUNK:
            await self._files.run_in_thread(self._write_pending)

    def _write_pending(self) -> None:
        if self._file is None:
            self._file = self._path.open("xb")
        for chunk in self._pending:
            self._digest.update(chunk)
            self._file.write(chunk)
        self._pending.clear()
        self._buffered = 0

    async def finish(self, components: int | None = None) -> ObjectBody:
        if self._size <= INLINE and self._file is None:
            data = b"".join(self._pending)
            self._digest.update(data)
            return self._body(components, data=data)
        await self._files.run_in_thread(self._write_pending)
        self._close()
        return self._body(components, path=self._path)

    def _body(
        self, components: int | None, data: bytes | None = None, path: Path | None = None
    ) -> ObjectBody:
        md5 = self._digest.md5 if components is None else None
        return ObjectBody(self._size, self._digest.crc32c, md5, data, path, components)

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()

    def __enter__(self) -> IncomingBody:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._close()
            self._path.unlink(missing_ok=True)


class BodyFiles:
    """Files named by generation, so that no caller's name ever becomes a path."""

    def __init__(self, directory: Path) -> None:
        self._objects = directory / "objects"
        self._incoming = directory / "incoming"
        self._count = 0
        self._objects.mkdir(parents=True, exist_ok=True)
        self._incoming.mkdir(exist_ok=True)
        # A pool of its own: the loop's default threads may all be waiting for an answer of this server.
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="storage")

    async def run_in_thread(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs a blocking function in a thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: function(*args, **kwargs))

    def new_incoming(self) -> IncomingBody:
        self._count += 1
        return IncomingBody(self, self._incoming / f"{self._count}.part")

    def upload_path(self, upload_id: str) -> Path:
        """Returns the file that collects the bytes of a resumable upload."""
        return self._incoming / f"{upload_id}.upload"

    def part_path(self, name: str) -> Path:
        """Returns the file of a part of a multipart upload."""
        return self._incoming / name

    def adopt(self, path: Path, generation: int) -> None:
        """Makes a complete file the body of an object."""
        path.rename(self._object_path(generation))

    def link(self, source: int, generation: int) -> None:
        """Gives a second object the same body: bodies never change."""
        os.link(self._object_path(source), self._object_path(generation))

    def open(self, generation: int, size: int) -> BinaryIO:
        """Opens the file of a body of ``size`` bytes.

        Raises ObjectDamaged when it is missing or has another size.
        """
        try:
            file = self._object_path(generation).open("rb")
        except OSError:
            raise ObjectDamaged(size) from None
        if os.fstat(file.fileno()).st_size != size:
            file.close()
            raise ObjectDamaged(size)
        return file

    async def read_chunks(self, file: BinaryIO, start: int, length: int) -> AsyncIterator[bytes]:
        """Yields bytes [start, start + length) of a file.

        Raises ConnectionDropped where the file ends before.
        """
        file.seek(start)
        while length:
            chunk = await self.run_in_thread(file.read, min(CHUNK, length))
            if not chunk:
                raise ConnectionDropped
            length -= len(chunk)
            yield chunk

    async def remove(self, generation: int) -> None:
        await self.run_in_thread(self._object_path(generation).unlink, missing_ok=True)

    def delete_orphans(
        self, generations: Iterable[int], uploads: Iterable[str], parts: Iterable[str]
    ) -> None:
        """Deletes what a killed process left: files that no object and no upload has."""
        kept = {self._object_path(generation) for generation in generations}
        kept |= {self.upload_path(name) for name in uploads} | {self.part_path(name) for name in parts}
        for folder in (self._objects, self._incoming):
            for path in folder.iterdir():
                if path not in kept:
                    path.unlink()

    def close(self) -> None:
        self._threads.shutdown()

    def _object_path(self, generation: int) -> Path:
        return self._objects / f"{generation:x}"
