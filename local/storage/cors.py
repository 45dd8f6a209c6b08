"""Which web pages may reach a bucket's objects: the bucket's ``cors`` property."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from .buckets import Bucket


def preflight(bucket: Bucket, headers: Mapping[str, str]) -> Response:
    """Answers a browser that asks whether it may send (https://cloud.google.com/storage/docs/cross-origin)."""
    rule = _rule(bucket, headers.get("origin", ""), headers.get("access-control-request-method", ""))
    if rule is None:
        return Response()
    allowed = {
        "access-control-allow-origin": _origin(rule, headers["origin"]),
        "access-control-allow-methods": ",".join(rule.get("method", [])),
        "access-control-allow-headers": ",".join(rule.get("responseHeader", [])),
        "access-control-max-age": str(rule.get("maxAgeSeconds", 3600)),
    }
    return Response(headers=allowed)


def allow(bucket: Bucket, request: Request, response: Response) -> Response:
    """Adds what lets the page read the answer, where the bucket allows it."""
    origin = request.headers.get("origin")
    rule = _rule(bucket, origin, request.method) if origin else None
    if origin and rule is not None:
        response.headers["access-control-allow-origin"] = _origin(rule, origin)
        response.headers["access-control-expose-headers"] = ",".join(rule.get("responseHeader", []))
    return response


def _rule(bucket: Bucket, origin: str, method: str) -> Mapping[str, Any] | None:
    for rule in bucket.properties.get("cors", []):
        origins, methods = rule.get("origin", []), rule.get("method", [])
        if ("*" in origins or origin in origins) and ("*" in methods or method in methods):
            return rule
    return None


def _origin(rule: Mapping[str, Any], origin: str) -> str:
    return "*" if "*" in rule["origin"] else origin
