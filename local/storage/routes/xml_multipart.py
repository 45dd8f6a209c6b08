"""The XML API's multipart uploads: https://cloud.google.com/storage/docs/multipart-uploads."""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from starlette.responses import Response

from local.storage.digests import ExpectedDigests
from local.storage.errors import BodyTooLarge, InvalidValue, UnreadableBody
from local.storage.preconditions import parse_number
from local.storage.request_context import MAX_JSON, RequestContext
from local.storage.resumable_uploads import ResumableUpload
from local.storage.routes import xml_objects
from local.storage.signed_urls import check_expiry
from local.storage.upload_parts import without_md5

_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_TAG = re.compile(r"\{[^}]*\}")


async def start_multipart(context: RequestContext) -> Response:
    check_expiry(context.request.query_params)
    upload = context.services.uploads.begin(xml_objects.read_declaration(context))
    return _xml_response(context, "InitiateMultipartUploadResult", f"<UploadId>{upload.id}</UploadId>")


async def put_part(context: RequestContext) -> Response:
    check_expiry(context.request.query_params)
    upload = _find_upload(context)
    part_number = parse_number(context.request.query_params, "partNumber")
    if part_number is None:
        raise InvalidValue("A part needs a partNumber.")
    with context.services.files.new_incoming() as incoming:
        async for chunk in context.stream_body():
            await incoming.write(chunk)
        body = await incoming.finish()
        ExpectedDigests.parse({}, context.request.headers).check(body.md5, body.crc32c)
        part = await context.services.upload_parts.put(upload.id, part_number, body)
    return Response(headers={"etag": f'"{part.md5}"', "x-goog-hash": f"crc32c={body.crc32c},md5={body.md5}"})


async def list_parts(context: RequestContext) -> Response:
    parts = context.services.upload_parts.list_parts(_find_upload(context).id)
    shown = "".join(
        f"<Part><PartNumber>{part.number}</PartNumber><LastModified>{part.written}</LastModified>"
        f'<ETag>"{part.md5}"</ETag><Size>{part.size}</Size></Part>'
        for part in parts
    )
    return _xml_response(context, "ListPartsResult", f"<IsTruncated>false</IsTruncated>{shown}")


async def complete_multipart(context: RequestContext) -> Response:
    upload = _find_upload(context)
    async with upload.turn:
        _find_upload(context)  # it may have been completed while this request waited
        listed = _parse_part_list(await _read_body(context))
        parts = context.services.upload_parts.select_listed(upload.id, listed)
        with context.services.files.new_incoming() as incoming:
            async for chunk in context.services.upload_parts.read_chunks(parts):
                await incoming.write(chunk)
            body = without_md5(await incoming.finish())
            change = xml_objects.store_object(context, upload.declaration, body)
        context.services.uploads.cancel(upload)
        context.services.upload_parts.delete_parts(upload.id)
    await context.finish_change(change)
    response = _xml_response(
        context, "CompleteMultipartUploadResult", f"<ETag>{xml_objects.quoted_etag(change.stored)}</ETag>"
    )
    response.headers.update(xml_objects.stored_headers(change.stored))
    return response


async def abort_multipart(context: RequestContext) -> Response:
    upload = _find_upload(context)
    async with upload.turn:
        context.services.uploads.cancel(upload)
        context.services.upload_parts.delete_parts(upload.id)
    return Response(status_code=204)


def _find_upload(context: RequestContext) -> ResumableUpload:
    return context.services.uploads.read(context.request.query_params["uploadId"])


async def _read_body(context: RequestContext) -> bytes:
    body = bytearray()
    async for chunk in context.request.stream():
        body += chunk
        if len(body) > MAX_JSON:
            raise BodyTooLarge(f"The list of parts is at most {MAX_JSON} bytes.")
    return bytes(body)


def _parse_part_list(body: bytes) -> list[tuple[int, str]]:
    """Returns numbers and ETags of the parts. Raises UnreadableBody."""
    try:
        if b"<!" in body:  # a document type could define entities without end
            raise ElementTree.ParseError("a document type is not allowed")
        root = ElementTree.fromstring(body)  # noqa: S314 - without a document type it is plain
        found = [{_TAG.sub("", each.tag): each.text or "" for each in part} for part in root]
        return [(int(part["PartNumber"]), part["ETag"]) for part in found]
    except (ElementTree.ParseError, KeyError, ValueError) as error:
        raise UnreadableBody(f"The body is not a list of parts: {error}.") from None


def _xml_response(context: RequestContext, name: str, content: str) -> Response:
    bucket, key = (escape(each) for each in context.path_names)
    text = f"<Bucket>{bucket}</Bucket><Key>{key}</Key>{content}"
    body = f'<?xml version="1.0" encoding="UTF-8"?><{name} xmlns="{_NAMESPACE}">{text}</{name}>'
    return Response(body.encode(errors="replace"), media_type="application/xml")
