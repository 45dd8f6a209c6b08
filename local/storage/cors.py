"""Which web pages may reach a bucket's objects: the bucket's ``cors`` property.

An upload session is also for the page whose origin its first request named, as in the real service. A page of
this machine may send requests; it reads the answers where a bucket allows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from local.http_servers.browser_guard import is_local_origin
from local.storage.buckets import Bucket
from local.storage.call import Call
from local.storage.errors import Forbidden, Refused

_SESSION_HEADERS = "Content-Type, Content-Range, X-Goog-Hash, X-Upload-Content-Type, X-Upload-Content-Length"
_SESSION_EXPOSES = "Range, Location, X-GUploader-UploadID"


def check_origin(call: Call) -> None:
    """Raises Forbidden for a page of another machine that no rule of the bucket names.

    Opening an upload session is free: its address, which the page cannot read, is what permits the upload.
    """
    headers, query = call.request.headers, call.request.query_params
    origin = headers.get("origin")
    if origin is None or is_local_origin(origin, headers.get("host", "")) or call.request.method == "OPTIONS":
        return
    opens = query.get("uploadType") == "resumable" or headers.get("x-goog-resumable") == "start"
    if opens or "upload_id" in query or _rule(_bucket(call), origin, call.request.method):
        return
    raise Forbidden(
        f"The origin {origin!r} may not reach this bucket: name it in the bucket's cors property."
    )


def preflight(call: Call) -> Response:
    """Answers a browser that asks whether it may send (https://cloud.google.com/storage/docs/cross-origin)."""
    headers = call.request.headers
    origin, method = headers.get("origin", ""), headers.get("access-control-request-method", "")
    rule = _rule(_bucket(call), origin, method)
    if rule is not None:
        allowed = {
            "access-control-allow-origin": _origin(rule, origin),
            "access-control-allow-methods": ",".join(rule.get("method", [])),
            "access-control-allow-headers": ",".join(rule.get("responseHeader", [])),
            "access-control-max-age": str(rule.get("maxAgeSeconds", 3600)),
        }
        return Response(headers=allowed)
    if origin and origin == _session_origin(call):
        allowed = {"access-control-allow-methods": "PUT, POST, DELETE", "access-control-max-age": "3600"}
        return Response(headers={**allowed, "access-control-allow-headers": _SESSION_HEADERS})
    return Response()


def allow(call: Call, response: Response) -> Response:
    """Adds what lets the page read the answer, where the bucket or the upload session allows it."""
    origin = call.request.headers.get("origin")
    if not origin or "access-control-allow-origin" in response.headers:
        return response
    rule = _rule(_bucket(call), origin, call.request.method)
    if rule is not None:
        response.headers["access-control-allow-origin"] = _origin(rule, origin)
        response.headers["access-control-expose-headers"] = ",".join(rule.get("responseHeader", []))
    elif origin == _session_origin(call):
        response.headers["access-control-allow-origin"] = origin
        response.headers["access-control-expose-headers"] = _SESSION_EXPOSES
    response.headers.append("vary", "Origin")
    return response


def _session_origin(call: Call) -> str | None:
    """The origin that opened the upload session of this request, or a page of this machine that opens one.

    A stranger's page that opens one must not read the answer: the session's address is in it.
    """
    query, headers = call.request.query_params, call.request.headers
    if "upload_id" in query:
        try:
            return call.parts.uploads.read(query["upload_id"]).ticket.origin
        except Refused:
            return None
    origin = headers.get("origin", "")
    opens = query.get("uploadType") == "resumable" or headers.get("x-goog-resumable") == "start"
    return origin if opens and is_local_origin(origin, headers.get("host", "")) else None


def _bucket(call: Call) -> Bucket | None:
    try:
        return call.parts.buckets.read(call.names[0]) if call.names else None
    except Refused:
        return None


def _rule(bucket: Bucket | None, origin: str, method: str) -> Mapping[str, Any] | None:
    for rule in bucket.properties.get("cors", []) if bucket else []:
        origins, methods = rule.get("origin", []), rule.get("method", [])
        if ("*" in origins or origin in origins) and ("*" in methods or method in methods):
            return rule
    return None


def _origin(rule: Mapping[str, Any], origin: str) -> str:
    return "*" if "*" in rule["origin"] else origin
