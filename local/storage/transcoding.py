"""Decompressive transcoding: objects stored gzip-compressed, for clients that do not take gzip.

https://cloud.google.com/storage/docs/transcoding
"""

from __future__ import annotations

import re
import zlib
from collections.abc import AsyncIterator, Mapping

from local.storage.body_files import CHUNK
from local.storage.errors import ConnectionDropped
from local.storage.stored_object import StoredObject

_GZIP = 16 + zlib.MAX_WBITS
_NO_GZIP = re.compile(r"(?:gzip|\*)\s*;\s*q=0(?:\.0{0,3})?")


def must_decompress(stored: StoredObject, headers: Mapping[str, str]) -> bool:
    """Tells whether the object is stored as gzip and the request does not take gzip."""
    properties = stored.read_properties()
    if properties.get("contentEncoding") != "gzip" or "no-transform" in properties.get("cacheControl", ""):
        return False
    codings = [each.strip() for each in headers.get("accept-encoding", "").lower().split(",")]
    return not any(each.startswith(("gzip", "*")) and not _NO_GZIP.fullmatch(each) for each in codings)


async def decompress_chunks(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yields the decompressed bytes, at most 1 MiB at a time.

    Raises ConnectionDropped where they are no gzip.
    """
    decoder = zlib.decompressobj(_GZIP)
    async for chunk in chunks:
        data = chunk
        while data:
            try:
                plain = decoder.decompress(data, CHUNK)
            except zlib.error:
                raise ConnectionDropped from None
            if plain:
                yield plain
            if decoder.eof:  # a gzip file may be several, one after the other
                data, decoder = decoder.unused_data, zlib.decompressobj(_GZIP)
            else:
                data = decoder.unconsumed_tail
