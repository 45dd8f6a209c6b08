"""The XML API's object addresses, ``/{bucket}/{object}``: what signed URLs lead to."""

from __future__ import annotations

import re

from starlette.responses import Response

from .. import names, properties
from ..call import Call
from ..cors import allow, preflight
from ..digests import Expected
from ..errors import Invalid
from ..files import Body
from ..objects import Change
from ..preconditions import Preconditions
from ..properties import HEADERS, Json
from ..signed import check_expiry, check_length
from ..stored import StoredObject
from ..ticket import Ticket
from . import media, uploads

_META = "x-goog-meta-"
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # what HTTP allows in a header's name


async def read(call: Call) -> Response:
    stored = _find(call)
    Preconditions.of_headers(call.request.headers).check_read(stored)
    response = media.download(call, stored, etag=_etag(stored))
    for key, value in stored.said().get("metadata", {}).items():
        if _HEADER.fullmatch(key) and value.isprintable():
            response.raw_headers.append((f"{_META}{key}".lower().encode(), value.strip().encode()))
    return _allowed(call, response)


async def write(call: Call) -> Response:
    """One object, whole; or a chunk of a resumable upload."""
    if "upload_id" in call.request.query_params:
        return _allowed(call, await uploads.resume(call))
    check_expiry(call.request.query_params)
    ticket = _ticket(call)
    if "content-length" in call.request.headers:  # refused before it is read, where that is known
        check_length(call.request.headers, int(call.request.headers["content-length"]))
    with call.parts.files.incoming() as incoming:
        async for chunk in call.stream():
            await incoming.write(chunk)
        change = _store(call, ticket, await incoming.finish())
    await call.tell(change)
    return _allowed(call, Response(headers=_headers(change.stored)))


async def begin(call: Call) -> Response:
    """Opens a resumable upload, which is then reached without a signature."""
    check_expiry(call.request.query_params)
    if call.request.headers.get("x-goog-resumable") != "start":
        raise Invalid("A POST to an object needs the header x-goog-resumable: start.")
    ticket = _ticket(call)
    ticket.preconditions.check_write(call.parts.objects.find(ticket.bucket, ticket.name))
    upload = call.parts.uploads.begin(ticket)
    path = call.request.scope["raw_path"].decode("ascii")
    location = f"{call.origin}{path}?upload_id={upload.id}"
    return _allowed(call, Response(status_code=201, headers={"location": location}))


async def delete(call: Call) -> Response:
    if "upload_id" in call.request.query_params:
        return await uploads.cancel(call)
    stored = _find(call)
    Preconditions.of_headers(call.request.headers).check_write(stored)
    await call.tell(call.parts.objects.delete(stored))
    return _allowed(call, Response(status_code=204))


async def options(call: Call) -> Response:
    """What a browser asks before it sends."""
    return preflight(call.parts.buckets.read(call.names[0]), call.request.headers)


def _find(call: Call) -> StoredObject:
    check_expiry(call.request.query_params)
    return call.parts.objects.read(call.names[0], call.names[1])


def _ticket(call: Call) -> Ticket:
    headers = call.request.headers
    if "x-goog-copy-source" in headers:
        raise Invalid("x-goog-copy-source is not supported here; use the JSON API's rewrite.")
    resource: Json = {key: headers[header] for key, header in HEADERS.items() if header in headers}
    resource["metadata"] = {
        key.removeprefix(_META): _utf8(value) for key, value in headers.items() if key.startswith(_META)
    }
    return Ticket(
        bucket=call.parts.buckets.read(call.names[0]).name,
        name=names.check_object(call.names[1]),
        properties=properties.created(resource),
        preconditions=Preconditions.of_headers(headers),
        expected=Expected.of({}, headers),
    )


def _store(call: Call, ticket: Ticket, body: Body) -> Change:
    check_length(call.request.headers, body.size)
    ticket.expected.check(body.md5, body.crc32c)
    return call.parts.objects.insert(
        ticket.bucket, ticket.name, body, ticket.properties, ticket.preconditions
    )


def _headers(stored: StoredObject) -> dict[str, str]:
    return {
        "etag": _etag(stored),
        "x-goog-generation": str(stored.generation),
        "x-goog-metageneration": str(stored.metageneration),
        "x-goog-hash": stored.hashes,
        "x-goog-stored-content-encoding": "identity",
        "x-goog-stored-content-length": str(stored.size),
    }


def _allowed(call: Call, response: Response) -> Response:
    return allow(call.parts.buckets.read(call.names[0]), call.request, response)


def _etag(stored: StoredObject) -> str:
    """The XML API quotes it, and takes the MD5 where there is one."""
    return f'"{stored.md5 or stored.etag}"'


def _utf8(value: str) -> str:
    """A header's text, which HTTP hands over as Latin-1."""
    return value.encode("latin-1").decode("utf-8", errors="replace")
