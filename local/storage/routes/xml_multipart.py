"""The XML API's multipart uploads: https://cloud.google.com/storage/docs/multipart-uploads."""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from starlette.responses import Response

from local.storage.call import MAX_JSON, Call
from local.storage.digests import Expected
from local.storage.errors import BodyTooLarge, Invalid, Unreadable
from local.storage.parts import without_md5
from local.storage.preconditions import number
from local.storage.routes import xml
from local.storage.signed import check_expiry
from local.storage.uploads import Upload

_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_TAG = re.compile(r"\{[^}]*\}")


async def begin(call: Call) -> Response:
    check_expiry(call.request.query_params)
    upload = call.parts.uploads.begin(xml.ticket(call))
    return _document(call, "InitiateMultipartUploadResult", f"<UploadId>{upload.id}</UploadId>")


async def put_part(call: Call) -> Response:
    check_expiry(call.request.query_params)
    upload = _upload(call)
    part_number = number(call.request.query_params, "partNumber")
    if part_number is None:
        raise Invalid("A part needs a partNumber.")
    with call.parts.files.incoming() as incoming:
        async for chunk in call.stream():
            await incoming.write(chunk)
        body = await incoming.finish()
        Expected.of({}, call.request.headers).check(body.md5, body.crc32c)
        part = await call.parts.parts.put(upload.id, part_number, body)
    return Response(headers={"etag": f'"{part.md5}"', "x-goog-hash": f"crc32c={body.crc32c},md5={body.md5}"})


async def listing(call: Call) -> Response:
    parts = call.parts.parts.of(_upload(call).id)
    shown = "".join(
        f"<Part><PartNumber>{part.number}</PartNumber><LastModified>{part.written}</LastModified>"
        f'<ETag>"{part.md5}"</ETag><Size>{part.size}</Size></Part>'
        for part in parts
    )
    return _document(call, "ListPartsResult", f"<IsTruncated>false</IsTruncated>{shown}")


async def complete(call: Call) -> Response:
    upload = _upload(call)
    async with upload.turn:
        _upload(call)  # it may have been completed while this request waited
        listed = _listed(await _body(call))
        parts = call.parts.parts.choose(upload.id, listed)
        with call.parts.files.incoming() as incoming:
            async for chunk in call.parts.parts.join(parts):
                await incoming.write(chunk)
            body = without_md5(await incoming.finish())
            change = xml.store(call, upload.ticket, body)
        call.parts.uploads.cancel(upload)
        call.parts.parts.drop(upload.id)
    await call.tell(change)
    response = _document(call, "CompleteMultipartUploadResult", f"<ETag>{xml.etag(change.stored)}</ETag>")
    response.headers.update(xml.headers_of(change.stored))
    return response


async def abort(call: Call) -> Response:
    upload = _upload(call)
    async with upload.turn:
        call.parts.uploads.cancel(upload)
        call.parts.parts.drop(upload.id)
    return Response(status_code=204)


def _upload(call: Call) -> Upload:
    return call.parts.uploads.read(call.request.query_params["uploadId"])


async def _body(call: Call) -> bytes:
    body = bytearray()
    async for chunk in call.request.stream():
        body += chunk
        if len(body) > MAX_JSON:
            raise BodyTooLarge(f"The list of parts is at most {MAX_JSON} bytes.")
    return bytes(body)


def _listed(body: bytes) -> list[tuple[int, str]]:
    """Numbers and ETags of the parts. Raises Unreadable."""
    try:
        if b"<!" in body:  # a document type could define entities without end
            raise ElementTree.ParseError("a document type is not allowed")
        root = ElementTree.fromstring(body)  # noqa: S314 - without a document type it is plain
        found = [{_TAG.sub("", each.tag): each.text or "" for each in part} for part in root]
        return [(int(part["PartNumber"]), part["ETag"]) for part in found]
    except (ElementTree.ParseError, KeyError, ValueError) as error:
        raise Unreadable(f"The body is not a list of parts: {error}.") from None


def _document(call: Call, name: str, content: str) -> Response:
    bucket, key = (escape(each) for each in call.names)
    text = f"<Bucket>{bucket}</Bucket><Key>{key}</Key>{content}"
    body = f'<?xml version="1.0" encoding="UTF-8"?><{name} xmlns="{_NAMESPACE}">{text}</{name}>'
    return Response(body.encode(errors="replace"), media_type="application/xml")
