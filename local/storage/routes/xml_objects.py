"""The XML API's object addresses, ``/{bucket}/{object}``: what signed URLs lead to."""

from __future__ import annotations

import re

from starlette.responses import Response

from local.storage import name_rules, object_properties
from local.storage.body_files import ObjectBody
from local.storage.digests import ExpectedDigests
from local.storage.errors import InvalidValue
from local.storage.etags import check_etags
from local.storage.object_properties import HEADER_OF_PROPERTY, Json
from local.storage.object_store import ObjectChange
from local.storage.preconditions import Preconditions, parse_number
from local.storage.request_context import RequestContext
from local.storage.routes import downloads, uploads
from local.storage.signed_urls import check_expiry, check_length
from local.storage.stored_object import StoredObject
from local.storage.upload_declaration import UploadDeclaration

_META = "x-goog-meta-"
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # what HTTP allows in a header's name


async def get_object(context: RequestContext) -> Response:
    stored = _find_object(context)
    Preconditions.parse_headers(context.request.headers).check_read(stored)
    check_etags(context.request.headers, quoted_etag(stored).strip('"'))
    response = downloads.download_object(context, stored, etag=quoted_etag(stored))
    _override_headers(context, response)
    for key, value in stored.read_properties().get("metadata", {}).items():
        if _HEADER.fullmatch(key) and value.isprintable():
            response.raw_headers.append((f"{_META}{key}".lower().encode(), value.strip().encode()))
    return response


def _override_headers(context: RequestContext, response: Response) -> None:
    """Sets the headers that a signed URL names for the download."""
    for key, value in context.request.query_params.items():
        header = key.lower().removeprefix("response-")
        if key.lower().startswith("response-") and value.isascii() and value.isprintable():
            response.headers[header] = value


async def put_object(context: RequestContext) -> Response:
    """Takes one whole object, or a chunk of a resumable upload."""
    if "upload_id" in context.request.query_params:
        return await uploads.resume_upload(context)
    check_expiry(context.request.query_params)
    found = read_declaration(context)
    if "content-length" in context.request.headers:  # refused before it is read, where that is known
        check_length(context.request.headers, int(context.request.headers["content-length"]))
    with context.services.files.new_incoming() as incoming:
        async for chunk in context.stream_body():
            await incoming.write(chunk)
        change = store_object(context, found, await incoming.finish())
    await context.finish_change(change)
    return Response(headers=stored_headers(change.stored))


async def start_resumable(context: RequestContext) -> Response:
    """Opens a resumable upload, which is then reached without a signature."""
    check_expiry(context.request.query_params)
    if context.request.headers.get("x-goog-resumable") != "start":
        raise InvalidValue("A POST to an object needs the header x-goog-resumable: start.")
    found = read_declaration(context)
    found.preconditions.check_write(context.services.objects.find_live(found.bucket, found.name))
    upload = context.services.uploads.begin(found)
    path = context.request.scope["raw_path"].decode("ascii")
    location = f"{context.origin}{path}?upload_id={upload.id}"
    return Response(status_code=201, headers={"location": location})


async def delete_object(context: RequestContext) -> Response:
    if "upload_id" in context.request.query_params:
        return await uploads.cancel_upload(context)
    stored = _find_object(context)
    Preconditions.parse_headers(context.request.headers).check_write(stored)
    named = "generation" in context.request.query_params
    await context.finish_change(context.services.objects.delete(stored, for_good=named))
    return Response(status_code=204)


def _find_object(context: RequestContext) -> StoredObject:
    check_expiry(context.request.query_params)
    generation = parse_number(context.request.query_params, "generation")
    return context.services.objects.read(context.path_names[0], context.path_names[1], generation)


def read_declaration(context: RequestContext) -> UploadDeclaration:
    """Returns what the headers say about the object. Raises BucketNotFound or InvalidValue."""
    headers = context.request.headers
    resource: Json = {key: headers[header] for key, header in HEADER_OF_PROPERTY.items() if header in headers}
    if "x-goog-storage-class" in headers:
        resource["storageClass"] = headers["x-goog-storage-class"]
    resource["metadata"] = {
        key.removeprefix(_META): _decode_header(value)
        for key, value in headers.items()
        if key.startswith(_META)
    }
    return UploadDeclaration(
        bucket=context.services.buckets.read(context.path_names[0]).name,
        name=name_rules.check_object_name(context.path_names[1]),
        properties=object_properties.new_properties(resource),
        preconditions=Preconditions.parse_headers(headers),
        expected=ExpectedDigests.parse({}, headers),
        origin=headers.get("origin", ""),
    )


def store_object(context: RequestContext, promise: UploadDeclaration, body: ObjectBody) -> ObjectChange:
    """Makes the body an object. Raises BadDigest, PreconditionFailed and what a signed URL's limits raise."""
    check_length(context.request.headers, body.size)
    promise.expected.check(body.md5, body.crc32c)
    return context.services.objects.insert(
        promise.bucket, promise.name, body, promise.properties, promise.preconditions
    )


def stored_headers(stored: StoredObject) -> dict[str, str]:
    """Returns the headers that describe a stored object in the answer to a write."""
    return {
        "etag": quoted_etag(stored),
        "x-goog-generation": str(stored.generation),
        "x-goog-metageneration": str(stored.metageneration),
        "x-goog-hash": stored.hashes,
        "x-goog-stored-content-encoding": "identity",
        "x-goog-stored-content-length": str(stored.size),
    }


def quoted_etag(stored: StoredObject) -> str:
    """Returns the XML API's ETag, in quotes: the MD5 where there is one."""
    return f'"{stored.md5 or stored.etag}"'


def _decode_header(value: str) -> str:
    """Returns a header's text, which HTTP gives as Latin-1."""
    return value.encode("latin-1").decode("utf-8", errors="replace")
