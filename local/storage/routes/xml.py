"""The XML API's object addresses, ``/{bucket}/{object}``: what signed URLs lead to."""

from __future__ import annotations

import re

from starlette.responses import Response

from local.storage import names, properties
from local.storage.call import Call
from local.storage.digests import Expected
from local.storage.errors import Invalid
from local.storage.etags import check_etags
from local.storage.files import Body
from local.storage.objects import Change
from local.storage.preconditions import Preconditions, number
from local.storage.properties import HEADERS, Json
from local.storage.routes import downloads, uploads
from local.storage.signed import check_expiry, check_length
from local.storage.stored import StoredObject
from local.storage.ticket import Ticket

_META = "x-goog-meta-"
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # what HTTP allows in a header's name


async def read(call: Call) -> Response:
    stored = _find(call)
    Preconditions.of_headers(call.request.headers).check_read(stored)
    check_etags(call.request.headers, etag(stored).strip('"'))
    response = downloads.download(call, stored, etag=etag(stored))
    _override(call, response)
    for key, value in stored.said().get("metadata", {}).items():
        if _HEADER.fullmatch(key) and value.isprintable():
            response.raw_headers.append((f"{_META}{key}".lower().encode(), value.strip().encode()))
    return response


def _override(call: Call, response: Response) -> None:
    """A signed URL may name the headers that a download is to have."""
    for key, value in call.request.query_params.items():
        header = key.lower().removeprefix("response-")
        if key.lower().startswith("response-") and value.isascii() and value.isprintable():
            response.headers[header] = value


async def write(call: Call) -> Response:
    """One object, whole; or a chunk of a resumable upload."""
    if "upload_id" in call.request.query_params:
        return await uploads.resume(call)
    check_expiry(call.request.query_params)
    found = ticket(call)
    if "content-length" in call.request.headers:  # refused before it is read, where that is known
        check_length(call.request.headers, int(call.request.headers["content-length"]))
    with call.parts.files.incoming() as incoming:
        async for chunk in call.stream():
            await incoming.write(chunk)
        change = store(call, found, await incoming.finish())
    await call.tell(change)
    return Response(headers=headers_of(change.stored))


async def begin(call: Call) -> Response:
    """Opens a resumable upload, which is then reached without a signature."""
    check_expiry(call.request.query_params)
    if call.request.headers.get("x-goog-resumable") != "start":
        raise Invalid("A POST to an object needs the header x-goog-resumable: start.")
    found = ticket(call)
    found.preconditions.check_write(call.parts.objects.find(found.bucket, found.name))
    upload = call.parts.uploads.begin(found)
    path = call.request.scope["raw_path"].decode("ascii")
    location = f"{call.origin}{path}?upload_id={upload.id}"
    return Response(status_code=201, headers={"location": location})


async def delete(call: Call) -> Response:
    if "upload_id" in call.request.query_params:
        return await uploads.cancel(call)
    stored = _find(call)
    Preconditions.of_headers(call.request.headers).check_write(stored)
    named = "generation" in call.request.query_params
    await call.tell(call.parts.objects.delete(stored, for_good=named))
    return Response(status_code=204)


def _find(call: Call) -> StoredObject:
    check_expiry(call.request.query_params)
    generation = number(call.request.query_params, "generation")
    return call.parts.objects.read(call.names[0], call.names[1], generation)


def ticket(call: Call) -> Ticket:
    """What the headers say about the object. Raises BucketNotFound or Invalid."""
    headers = call.request.headers
    resource: Json = {key: headers[header] for key, header in HEADERS.items() if header in headers}
    if "x-goog-storage-class" in headers:
        resource["storageClass"] = headers["x-goog-storage-class"]
    resource["metadata"] = {
        key.removeprefix(_META): _utf8(value) for key, value in headers.items() if key.startswith(_META)
    }
    return Ticket(
        bucket=call.parts.buckets.read(call.names[0]).name,
        name=names.check_object(call.names[1]),
        properties=properties.created(resource),
        preconditions=Preconditions.of_headers(headers),
        expected=Expected.of({}, headers),
        origin=headers.get("origin", ""),
    )


def store(call: Call, promise: Ticket, body: Body) -> Change:
    """Makes the body an object. Raises BadDigest, PreconditionFailed and what a signed URL's limits raise."""
    check_length(call.request.headers, body.size)
    promise.expected.check(body.md5, body.crc32c)
    return call.parts.objects.insert(
        promise.bucket, promise.name, body, promise.properties, promise.preconditions
    )


def headers_of(stored: StoredObject) -> dict[str, str]:
    """What the answer to a write says about the object."""
    return {
        "etag": etag(stored),
        "x-goog-generation": str(stored.generation),
        "x-goog-metageneration": str(stored.metageneration),
        "x-goog-hash": stored.hashes,
        "x-goog-stored-content-encoding": "identity",
        "x-goog-stored-content-length": str(stored.size),
    }


def etag(stored: StoredObject) -> str:
    """The XML API quotes it, and takes the MD5 where there is one."""
    return f'"{stored.md5 or stored.etag}"'


def _utf8(value: str) -> str:
    """A header's text, which HTTP hands over as Latin-1."""
    return value.encode("latin-1").decode("utf-8", errors="replace")
