"""Uploads: simple, multipart and resumable."""

from __future__ import annotations

import json

from starlette.responses import Response

from local.storage import multipart_related, name_rules, object_properties, unsupported_features
from local.storage.body_files import ObjectBody
from local.storage.content_range import ContentRange
from local.storage.digests import ExpectedDigests
from local.storage.errors import InvalidValue
from local.storage.object_properties import Json
from local.storage.preconditions import Preconditions
from local.storage.request_context import RequestContext, json_response, parse_json_object
from local.storage.resumable_uploads import ResumableUpload
from local.storage.upload_declaration import UploadDeclaration


async def start_upload(context: RequestContext) -> Response:
    """Takes an object at once, or opens a resumable upload."""
    context.services.buckets.read(context.path_names[0])
    query = context.request.query_params
    if "upload_id" in query:
        return await resume_upload(context)
    kinds = {"media": _upload_simple, "multipart": _upload_multipart, "resumable": _start_resumable}
    kind = kinds.get(query.get("uploadType", ""))
    if kind is None:
        raise InvalidValue(f"uploadType must be one of {', '.join(kinds)}.")
    return await kind(context)


async def _upload_simple(context: RequestContext) -> Response:
    declaration = _declaration(context, {}, context.request.headers.get("content-type"))
    with context.services.files.new_incoming() as incoming:
        async for chunk in context.stream_body():
            await incoming.write(chunk)
        return await _store_object(context, declaration, await incoming.finish())


async def _upload_multipart(context: RequestContext) -> Response:
    divider = multipart_related.find_boundary(context.request.headers.get("content-type", ""))
    with context.services.files.new_incoming() as incoming:
        document, content_type = await multipart_related.read_related(
            context.stream_body(), divider, incoming
        )
        declaration = _declaration(context, parse_json_object(document), content_type)
        return await _store_object(context, declaration, await incoming.finish())


async def _start_resumable(context: RequestContext) -> Response:
    resource = await context.read_json()
    declaration = _declaration(context, resource, context.request.headers.get("x-upload-content-type"))
    declaration.preconditions.check_write(
        context.services.objects.find_live(declaration.bucket, declaration.name)
    )
    upload = context.services.uploads.begin(declaration)
    path = f"/upload/storage/v1/b/{declaration.bucket}/o?uploadType=resumable&upload_id={upload.id}"
    headers = {"location": context.origin + path, "x-guploader-uploadid": upload.id}
    return Response(status_code=200, headers=headers)


async def resume_upload(context: RequestContext) -> Response:
    """Takes a chunk of a resumable upload, or answers how much has arrived."""
    upload = context.services.uploads.read(context.request.query_params.get("upload_id", ""))
    async with upload.turn:  # a sender may come back before the server has noticed the lost connection
        if upload.result is not None:
            return json_response(json.loads(upload.result))
        return await _take_chunk(context, upload)


async def cancel_upload(context: RequestContext) -> Response:
    upload = context.services.uploads.read(context.request.query_params.get("upload_id", ""))
    async with upload.turn:
        context.services.uploads.cancel(upload)
    return Response(status_code=499)  # the status that Cloud Storage confirms a cancelation with


async def _take_chunk(context: RequestContext, upload: ResumableUpload) -> Response:
    header = context.request.headers.get("content-range")
    extent = ContentRange.parse(header) if header else None
    if extent is not None and extent.first is None:
        received = upload.received()
    else:
        received = await context.services.uploads.append(upload, context.stream_body(), extent)
    if extent is None or extent.completes_at(received):
        return await _finish_resumable(context, upload)
    headers = {"range": f"bytes=0-{received - 1}"} if received else {}
    return Response(status_code=308, headers=headers)


async def _finish_resumable(context: RequestContext, upload: ResumableUpload) -> Response:
    body = await context.services.uploads.body(upload)
    ExpectedDigests.parse({}, context.request.headers).check(body.md5, body.crc32c)
    return await _store_object(context, upload.declaration, body, upload)


async def _store_object(
    context: RequestContext,
    declaration: UploadDeclaration,
    body: ObjectBody,
    upload: ResumableUpload | None = None,
) -> Response:
    declaration.expected.check(body.md5, body.crc32c)
    change = context.services.objects.insert(
        declaration.bucket, declaration.name, body, declaration.properties, declaration.preconditions
    )
    resource = context.object_resource(change.stored)
    if upload is not None:
        context.services.uploads.finish(upload, json.dumps(resource))
    await context.finish_change(change)
    return json_response(resource)


def _declaration(context: RequestContext, resource: Json, content_type: str | None) -> UploadDeclaration:
    query = context.request.query_params
    unsupported_features.check_object_properties(resource)
    _check_bucket(context, resource)
    if "contentEncoding" in query:
        resource = {"contentEncoding": query["contentEncoding"], **resource}
    return UploadDeclaration(
        bucket=context.path_names[0],
        name=name_rules.check_object_name(query.get("name") or resource.get("name")),
        properties=object_properties.new_properties(resource, content_type),
        preconditions=Preconditions.parse(query),
        expected=ExpectedDigests.parse(resource, context.request.headers),
        origin=context.request.headers.get("origin", ""),
    )


def _check_bucket(context: RequestContext, resource: Json) -> None:
    if resource.get("bucket") not in (None, context.path_names[0]):
        raise InvalidValue(f"The resource names another bucket than the address: {resource['bucket']!r}.")
