"""Parts of the XML API's multipart uploads: they come in any order, and outlive a restart of the server."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from local.storage.body_files import BodyFiles, ObjectBody
from local.storage.database import StorageDatabase
from local.storage.errors import InvalidPart, InvalidValue, PartTooSmall
from local.storage.timestamps import timestamp_now

MAX_PARTS = 10_000
LEAST_BYTES = 5 * 1024 * 1024
"""The smallest size of every part but the last (https://cloud.google.com/storage/quotas#requests)."""

PARTS_LIFETIME = 7 * 86_400
"""Seconds for which parts without a completion are kept."""


class UploadPart(NamedTuple):
    """One part, in the order of the table's columns.

    Attributes:
        number: from 1.
        file: the name of the file that has its bytes.
        md5: in hexadecimal digits; quoted, it is the part's ETag.
        written: RFC 3339.
    """

    number: int
    file: str
    size: int
    md5: str
    written: str


class UploadParts:
    """All parts that were uploaded and neither completed nor aborted."""

    def __init__(self, database: StorageDatabase, files: BodyFiles) -> None:
        self._database = database
        self._files = files
        database.execute(
            "DELETE FROM parts WHERE upload NOT IN (SELECT id FROM uploads WHERE started >= ?)",
            (time.time() - PARTS_LIFETIME,),
        )

    def file_names(self) -> list[str]:
        """Returns the names of the files that hold parts."""
        return [row[0] for row in self._database.execute("SELECT file FROM parts")]

    def list_parts(self, upload_id: str) -> list[UploadPart]:
        """Returns an upload's parts by number."""
        query = "SELECT number, file, size, md5, written FROM parts WHERE upload = ? ORDER BY number"
        return [UploadPart(*row) for row in self._database.execute(query, (upload_id,))]

    async def put(self, upload_id: str, number: int, body: ObjectBody) -> UploadPart:
        """Keeps a part, instead of an earlier one of its number. Raises InvalidValue."""
        if not 1 <= number <= MAX_PARTS:
            raise InvalidValue(f"partNumber must be between 1 and {MAX_PARTS}.")
        name = f"{upload_id}.{number}.{secrets.token_hex(4)}.part"
        await self._files.run_in_thread(_store_part_file, self._files.part_path(name), body)
        part = UploadPart(number, name, body.size, body.md5_hex, timestamp_now())
        former = [each.file for each in self.list_parts(upload_id) if each.number == number]
        self._database.execute("INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?, ?)", (upload_id, *part))
        for file in former:
            self._files.part_path(file).unlink(missing_ok=True)
        return part

    def select_listed(self, upload_id: str, listed: list[tuple[int, str]]) -> list[UploadPart]:
        """Returns the parts that a completion lists by number and ETag.

        Raises InvalidPart or PartTooSmall.
        """
        found = {part.number: part for part in self.list_parts(upload_id)}
        numbers = [number for number, _ in listed]
        if not listed or numbers != sorted(set(numbers)):
            raise InvalidPart("The parts must be listed in ascending order, each once.")
        for number, etag in listed:
            if number not in found or etag.strip('"') != found[number].md5:
                raise InvalidPart(f"Part {number} was not uploaded, or has another ETag.")
        for number in numbers[:-1]:
            if found[number].size < LEAST_BYTES:
                raise PartTooSmall(
                    f"Part {number} has {found[number].size} bytes; at least {LEAST_BYTES} are needed."
                )
        return [found[number] for number in numbers]

    async def read_chunks(self, parts: list[UploadPart]) -> AsyncIterator[bytes]:
        """Yields the bytes of the parts, one part after the other."""
        for part in parts:
            with self._files.part_path(part.file).open("rb") as file:
                async for chunk in self._files.read_chunks(file, 0, part.size):
                    yield chunk

    def delete_parts(self, upload_id: str) -> None:
        """Forgets an upload's parts."""
        parts = self.list_parts(upload_id)
        self._database.execute("DELETE FROM parts WHERE upload = ?", (upload_id,))
        for part in parts:
            self._files.part_path(part.file).unlink(missing_ok=True)


def without_md5(body: ObjectBody) -> ObjectBody:
    """Returns a body without its MD5: as in the real service, an object made of parts has none."""
    return replace(body, md5=None)


def _store_part_file(path: Path, body: ObjectBody) -> None:
    if body.path is not None:
        body.path.rename(path)
    else:
        path.write_bytes(body.data or b"")
