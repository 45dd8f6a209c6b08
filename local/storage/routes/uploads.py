"""Uploads: simple, multipart and resumable."""

from __future__ import annotations

import json

from starlette.responses import Response

from local.storage import multipart, names, properties, unsupported
from local.storage.call import Call, answer, read_json
from local.storage.content_range import ContentRange
from local.storage.digests import Expected
from local.storage.errors import Invalid
from local.storage.files import Body
from local.storage.preconditions import Preconditions
from local.storage.properties import Json
from local.storage.ticket import Ticket
from local.storage.uploads import Upload


async def begin(call: Call) -> Response:
    """Takes an object at once, or opens a resumable upload."""
    call.parts.buckets.read(call.names[0])
    query = call.request.query_params
    if "upload_id" in query:
        return await resume(call)
    kinds = {"media": _simple, "multipart": _multipart, "resumable": _begin_resumable}
    kind = kinds.get(query.get("uploadType", ""))
    if kind is None:
        raise Invalid(f"uploadType must be one of {', '.join(kinds)}.")
    return await kind(call)


async def _simple(call: Call) -> Response:
    ticket = _ticket(call, {}, call.request.headers.get("content-type"))
    with call.parts.files.incoming() as incoming:
        async for chunk in call.stream():
            await incoming.write(chunk)
        return await _store(call, ticket, await incoming.finish())


async def _multipart(call: Call) -> Response:
    divider = multipart.boundary(call.request.headers.get("content-type", ""))
    with call.parts.files.incoming() as incoming:
        document, content_type = await multipart.read_related(call.stream(), divider, incoming)
        ticket = _ticket(call, read_json(document), content_type)
        return await _store(call, ticket, await incoming.finish())


async def _begin_resumable(call: Call) -> Response:
    resource = await call.document()
    ticket = _ticket(call, resource, call.request.headers.get("x-upload-content-type"))
    ticket.preconditions.check_write(call.parts.objects.find(ticket.bucket, ticket.name))
    upload = call.parts.uploads.begin(ticket)
    path = f"/upload/storage/v1/b/{ticket.bucket}/o?uploadType=resumable&upload_id={upload.id}"
    headers = {"location": call.origin + path, "x-guploader-uploadid": upload.id}
    return Response(status_code=200, headers=headers)


async def resume(call: Call) -> Response:
    """A chunk of a resumable upload, or the question how much has come."""
    upload = call.parts.uploads.read(call.request.query_params.get("upload_id", ""))
    async with upload.turn:  # a sender may come back before the server has noticed that it was gone
        if upload.result is not None:
            return answer(json.loads(upload.result))
        return await _take(call, upload)


async def cancel(call: Call) -> Response:
    upload = call.parts.uploads.read(call.request.query_params.get("upload_id", ""))
    async with upload.turn:
        call.parts.uploads.cancel(upload)
    return Response(status_code=499)  # the status that Cloud Storage confirms a cancelation with


async def _take(call: Call, upload: Upload) -> Response:
    header = call.request.headers.get("content-range")
    extent = ContentRange.of(header) if header else None
    if extent is not None and extent.first is None:
        received = upload.received()
    else:
        received = await call.parts.uploads.append(upload, call.stream(), extent)
    if extent is None or extent.completes(received):
        return await _finish(call, upload)
    headers = {"range": f"bytes=0-{received - 1}"} if received else {}
    return Response(status_code=308, headers=headers)


async def _finish(call: Call, upload: Upload) -> Response:
    body = await call.parts.uploads.body(upload)
    Expected.of({}, call.request.headers).check(body.md5, body.crc32c)
    return await _store(call, upload.ticket, body, upload)


async def _store(call: Call, ticket: Ticket, body: Body, upload: Upload | None = None) -> Response:
    ticket.expected.check(body.md5, body.crc32c)
    change = call.parts.objects.insert(
        ticket.bucket, ticket.name, body, ticket.properties, ticket.preconditions
    )
    resource = call.resource(change.stored)
    if upload is not None:
        call.parts.uploads.finish(upload, json.dumps(resource))
    await call.tell(change)
    return answer(resource)


def _ticket(call: Call, resource: Json, content_type: str | None) -> Ticket:
    query = call.request.query_params
    unsupported.check_object(resource)
    _check_bucket(call, resource)
    if "contentEncoding" in query:
        resource = {"contentEncoding": query["contentEncoding"], **resource}
    return Ticket(
        bucket=call.names[0],
        name=names.check_object(query.get("name") or resource.get("name")),
        properties=properties.created(resource, content_type),
        preconditions=Preconditions.of(query),
        expected=Expected.of(resource, call.request.headers),
        origin=call.request.headers.get("origin", ""),
    )


def _check_bucket(call: Call, resource: Json) -> None:
    if resource.get("bucket") not in (None, call.names[0]):
        raise Invalid(f"The resource names another bucket than the address: {resource['bucket']!r}.")
