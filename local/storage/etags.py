"""The preconditions of plain HTTP: If-Match and If-None-Match."""

from __future__ import annotations

from collections.abc import Mapping

from local.storage.errors import NotModified, PreconditionFailed


def check_etags(headers: Mapping[str, str], etag: str) -> None:
    """Raises PreconditionFailed; NotModified when the caller has this very version."""
    wanted, unwanted = headers.get("if-match"), headers.get("if-none-match")
    if wanted is not None and not _matches_etag(wanted, etag):
        raise PreconditionFailed
    if unwanted is not None and _matches_etag(unwanted, etag):
        raise NotModified


def _matches_etag(header: str, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in header.split(",")]
    return "*" in tags or etag in tags
