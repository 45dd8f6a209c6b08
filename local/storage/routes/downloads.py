"""Downloads."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import BinaryIO

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from local.storage import transcoding
from local.storage.errors import UnsatisfiableRange
from local.storage.object_properties import HEADER_OF_PROPERTY
from local.storage.request_context import RequestContext
from local.storage.stored_object import StoredObject

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def download_object(context: RequestContext, stored: StoredObject, etag: str | None = None) -> Response:
    """Returns the bytes, or the part that Range asks for. Raises UnsatisfiableRange or ObjectDamaged."""
    if transcoding.must_decompress(stored, context.request.headers):
        return _decompressed_response(context, stored, etag or stored.etag)
    start, length, headers = _requested_range(context.request, stored.size)
    headers |= _object_headers(stored, etag or stored.etag)
    status = 206 if "content-range" in headers else 200
    headers["content-length"] = str(length)
    if context.request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    body = context.services.objects.open(stored)
    if isinstance(body, bytes):
        return Response(body[start : start + length], status, headers)
    return _FileResponse(body, context.services.files.read_chunks(body, start, length), status, headers)


def _decompressed_response(context: RequestContext, stored: StoredObject, etag: str) -> Response:
    """Returns the whole body, whatever Range asks for: its length is unknown until it has been read."""
    headers = _object_headers(stored, etag)
    del headers["content-encoding"]
    headers |= {"warning": "214 UploadServer gunzipped", "vary": "Accept-Encoding"}
    if context.request.method == "HEAD":
        response = Response(headers=headers)
        del response.headers["content-length"]  # it would be that of this empty body, not of a GET's
        return response
    body = context.services.objects.open(stored)
    if isinstance(body, bytes):
        return StreamingResponse(transcoding.decompress_chunks(_one_chunk(body)), headers=headers)
    chunks = context.services.files.read_chunks(body, 0, stored.size)
    return _FileResponse(body, transcoding.decompress_chunks(chunks), 200, headers)


async def _one_chunk(body: bytes) -> AsyncIterator[bytes]:
    yield body


class _FileResponse(StreamingResponse):
    """Closes the file even when the bytes are never read."""

    def __init__(
        self, file: BinaryIO, chunks: AsyncIterator[bytes], status: int, headers: dict[str, str]
    ) -> None:
        super().__init__(chunks, status, headers)
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._file:
            await super().__call__(scope, receive, send)


def _requested_range(request: Request, size: int) -> tuple[int, int, dict[str, str]]:
    """Returns the first byte, the length, and the headers of a partial answer."""
    found = _RANGE.fullmatch(request.headers.get("range", "").strip())
    if not found or not (found[1] or found[2]):
        return 0, size, {}  # several ranges, and headers that make no sense, are ignored, as RFC 9110 allows
    if found[1]:
        first, last = int(found[1]), int(found[2] or size)
    else:
        first, last = max(0, size - int(found[2])), size
    last = min(last, size - 1)
    if last < first:
        raise UnsatisfiableRange(size)
    return first, last - first + 1, {"content-range": f"bytes {first}-{last}/{size}"}


def _object_headers(stored: StoredObject, etag: str) -> dict[str, str]:
    properties = stored.read_properties()
    headers = {header: properties[key] for key, header in HEADER_OF_PROPERTY.items() if key in properties}
    return {
        **headers,
        "accept-ranges": "bytes",
        "etag": etag,
        "x-goog-generation": str(stored.generation),
        "x-goog-metageneration": str(stored.metageneration),
        "x-goog-hash": stored.hashes,
        "x-goog-storage-class": properties.get("storageClass", "STANDARD"),
        "x-goog-stored-content-encoding": properties.get("contentEncoding", "identity"),
        "x-goog-stored-content-length": str(stored.size),
    }
