"""The web pages that may use a bucket's objects: the bucket's ``cors`` property.

As in the real service, the page whose origin opened an upload session may use that session too. A page of
this machine may send requests; it can read the answers where the bucket allows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from local.http_servers.browser_guard import is_local_origin
from local.storage.bucket_store import StorageBucket
from local.storage.errors import OriginForbidden, StorageError
from local.storage.request_context import RequestContext

_SESSION_HEADERS = "Content-Type, Content-Range, X-Goog-Hash, X-Upload-Content-Type, X-Upload-Content-Length"
_SESSION_EXPOSES = "Range, Location, X-GUploader-UploadID"


def check_origin(context: RequestContext) -> None:
    """Raises OriginForbidden for a page of another machine that no rule of the bucket names.

    Opening an upload session is free: its address, which the page cannot read, is what permits the upload.
    """
    headers, query = context.request.headers, context.request.query_params
    origin = headers.get("origin")
    if (
        origin is None
        or is_local_origin(origin, headers.get("host", ""))
        or context.request.method == "OPTIONS"
    ):
        return
    opens = query.get("uploadType") == "resumable" or headers.get("x-goog-resumable") == "start"
    if opens or "upload_id" in query or _find_rule(_find_bucket(context), origin, context.request.method):
        return
    raise OriginForbidden(
        f"The origin {origin!r} may not reach this bucket: name it in the bucket's cors property."
    )


def answer_preflight(context: RequestContext) -> Response:
    """Answers a browser that asks whether it may send
    (https://cloud.google.com/storage/docs/cross-origin).
    """
    headers = context.request.headers
    origin, method = headers.get("origin", ""), headers.get("access-control-request-method", "")
    rule = _find_rule(_find_bucket(context), origin, method)
    if rule is not None:
        allowed = {
            "access-control-allow-origin": _allowed_origin(rule, origin),
            "access-control-allow-methods": ",".join(rule.get("method", [])),
            "access-control-allow-headers": ",".join(rule.get("responseHeader", [])),
            "access-control-max-age": str(rule.get("maxAgeSeconds", 3600)),
        }
        return Response(headers=allowed)
    if origin and origin == _session_origin(context):
        allowed = {"access-control-allow-methods": "PUT, POST, DELETE", "access-control-max-age": "3600"}
        return Response(headers={**allowed, "access-control-allow-headers": _SESSION_HEADERS})
    return Response()


def allow_reading(context: RequestContext, response: Response) -> Response:
    """Adds what lets the page read the answer, where the bucket or the upload session allows it."""
    origin = context.request.headers.get("origin")
    if not origin or "access-control-allow-origin" in response.headers:
        return response
    rule = _find_rule(_find_bucket(context), origin, context.request.method)
    if rule is not None:
        response.headers["access-control-allow-origin"] = _allowed_origin(rule, origin)
        response.headers["access-control-expose-headers"] = ",".join(rule.get("responseHeader", []))
    elif origin == _session_origin(context):
        response.headers["access-control-allow-origin"] = origin
        response.headers["access-control-expose-headers"] = _SESSION_EXPOSES
    response.headers.append("vary", "Origin")
    return response


def _session_origin(context: RequestContext) -> str | None:
    """Returns the origin that opened the upload session of this request, or a local page that opens one now.

    A page of another machine that opens a session must not read the answer: it contains the session's
    address.
    """
    query, headers = context.request.query_params, context.request.headers
    if "upload_id" in query:
        try:
            return context.services.uploads.read(query["upload_id"]).declaration.origin
        except StorageError:
            return None
    origin = headers.get("origin", "")
    opens = query.get("uploadType") == "resumable" or headers.get("x-goog-resumable") == "start"
    return origin if opens and is_local_origin(origin, headers.get("host", "")) else None


def _find_bucket(context: RequestContext) -> StorageBucket | None:
    try:
        return context.services.buckets.read(context.path_names[0]) if context.path_names else None
    except StorageError:
        return None


def _find_rule(bucket: StorageBucket | None, origin: str, method: str) -> Mapping[str, Any] | None:
    for rule in bucket.properties.get("cors", []) if bucket else []:
        origins, methods = rule.get("origin", []), rule.get("method", [])
        if ("*" in origins or origin in origins) and ("*" in methods or method in methods):
            return rule
    return None


def _allowed_origin(rule: Mapping[str, Any], origin: str) -> str:
    return "*" if "*" in rule["origin"] else origin
