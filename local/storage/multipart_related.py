"""multipart/related: an object's resource and its bytes in one body, read as they come."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from email.parser import BytesHeaderParser
from functools import lru_cache

from local.storage.body_files import IncomingBody
from local.storage.errors import UnreadableBody

MAX_DOCUMENT = 1024 * 1024
"""Bytes before the object's own."""

MAX_AFTER = 64
"""Bytes of white space behind the closing line."""

_BOUNDARY = re.compile(r"""boundary=(?:"([^"]{1,200})"|'([^']{1,200})'|([^\s;"']{1,200}))""", re.IGNORECASE)


def find_boundary(content_type: str) -> bytes:
    """Returns the line that divides the parts. Raises UnreadableBody."""
    found = _BOUNDARY.search(content_type)
    if not found:
        raise UnreadableBody("A multipart body needs a boundary in its Content-Type.")
    return b"--" + str(found[1] or found[2] or found[3]).encode()


async def read_related(
    chunks: AsyncIterator[bytes], divider: bytes, incoming: IncomingBody
) -> tuple[bytes, str | None]:
    """Sends the second part to ``incoming``; returns the first part, and the second's content type.

    Lines may end with CRLF, as MIME has it, or with LF alone, as gcloud and gcsfs write them. Each part tells
    by its first line: where that ends with LF, a CR before the LF of the last divider is the object's own.

    Raises:
        UnreadableBody: the body is not two parts.
    """
    reader = _MultipartReader(chunks)
    await reader.until(divider)
    await reader.until(await reader.line_break() * 2)
    document = await reader.until(b"\n" + divider)
    line_break = await reader.line_break()
    headers = await reader.until(line_break * 2)
    await reader.rest(line_break + divider + b"--", incoming)
    return document, _content_type_of(headers)


@lru_cache(maxsize=16)  # a client writes the same few again and again
def _content_type_of(headers: bytes) -> str | None:
    return BytesHeaderParser().parsebytes(headers.lstrip(b"\r\n") + b"\r\n\r\n").get("content-type")


class _MultipartReader:
    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        self._buffer = bytearray()

    async def until(self, marker: bytes) -> bytes:
        """Returns the bytes before the marker and skips the marker."""
        at = await self._find(marker)
        found = bytes(self._buffer[:at])
        del self._buffer[: at + len(marker)]
        return found

    async def line_break(self) -> bytes:
        """Returns the characters that end the current line."""
        at = await self._find(b"\n")
        return b"\r\n" if self._buffer[:at].endswith(b"\r") else b"\n"

    async def _find(self, marker: bytes) -> int:
        searched = 0
        while (at := self._buffer.find(marker, max(0, searched - len(marker)))) < 0:
            searched = len(self._buffer)
            if searched > MAX_DOCUMENT:
                raise UnreadableBody("The object's resource is too long.")
            chunk = await anext(self._chunks, None)
            if chunk is None:
                raise UnreadableBody("The multipart body ends too early.")
            self._buffer += chunk
        return at

    async def rest(self, closing: bytes, incoming: IncomingBody) -> None:
        """Takes all up to the closing line, which is the last thing in the body."""
        kept_back = len(closing) + MAX_AFTER  # spaces and line breaks may follow
        async for chunk in self._chunks:
            self._buffer += chunk
            await incoming.write(bytes(self._buffer[:-kept_back]))
            del self._buffer[:-kept_back]
        tail = bytes(self._buffer).rstrip(b" \t\r\n")
        if not tail.endswith(closing):
            raise UnreadableBody("The multipart body ends without its closing line.")
        await incoming.write(tail.removesuffix(closing))
