"""Listings: one page of a bucket's names, folded at a delimiter."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field

from .errors import Invalid
from .names import after_prefix
from .objects import ObjectStore
from .preconditions import number
from .stored import StoredObject

MAX_RESULTS = 1000
UNSUPPORTED = ("matchGlob", "includeTrailingDelimiter", "filter")
"""Parameters that would change the answer: refused, because ignoring them would give a wrong one."""


@dataclass(frozen=True, slots=True)
class Query:
    """What a listing asks for; names are compared by their UTF-8 bytes."""

    prefix: str = ""
    delimiter: str = ""
    start: str = ""
    end: str | None = None
    limit: int = MAX_RESULTS

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> Query:
        """Raises Invalid."""
        for name in UNSUPPORTED:
            if parameters.get(name) not in (None, "", "false"):
                raise Invalid(f"{name} is not supported here.")
        prefix = parameters.get("prefix", "")
        token = parameters.get("pageToken")
        ends = [end for end in (parameters.get("endOffset"), after_prefix(prefix)) if end]
        return cls(
            prefix=prefix,
            delimiter=parameters.get("delimiter", ""),
            start=max(prefix, parameters.get("startOffset", ""), _decode(token) if token else ""),
            end=min(ends, default=None),
            limit=limit(parameters),
        )

    def group(self, name: str) -> str | None:
        """The prefix that stands for this name; None when it stands for itself."""
        if not self.delimiter:
            return None
        at = name.find(self.delimiter, len(self.prefix))
        return None if at < 0 else name[: at + len(self.delimiter)]


@dataclass(slots=True)
class Page:
    """Attributes: next_token: for the page that follows; None when this is the last."""

    items: list[StoredObject] = field(default_factory=list[StoredObject])
    prefixes: list[str] = field(default_factory=list[str])
    next_token: str | None = None


def limit(parameters: Mapping[str, str]) -> int:
    """How many results a page has at most. Raises Invalid."""
    wanted = number(parameters, "maxResults")
    if wanted is not None and wanted < 0:
        raise Invalid("maxResults must not be negative.")
    return min(wanted or MAX_RESULTS, MAX_RESULTS)


def page(objects: ObjectStore, bucket: str, query: Query) -> Page:
    """The first page of what the query finds. Raises BucketNotFound."""
    result = Page()
    start: str | None = query.start
    while start is not None:
        start = _fill(result, objects, bucket, query, start)
        if start is not None and len(result.items) + len(result.prefixes) == query.limit:
            more = next(objects.scan(bucket, start, query.end), None)
            result.next_token = _encode(start) if more else None
            break
    return result


def _fill(result: Page, objects: ObjectStore, bucket: str, query: Query, start: str) -> str | None:
    """Adds names from ``start`` on until the first folded one; where to go on, None at the end."""
    for stored in objects.scan(bucket, start, query.end):
        if folded := query.group(stored.name):
            result.prefixes.append(folded)
            return after_prefix(folded)  # all the names that are folded with it are passed over
        result.items.append(stored)
        if len(result.items) + len(result.prefixes) == query.limit:
            return stored.name + "\0"
    return None


def _encode(start: str) -> str:
    return base64.urlsafe_b64encode(start.encode()).decode("ascii")


def _decode(token: str) -> str:
    try:
        return base64.b64decode(token, b"-_", validate=True).decode()
    except (binascii.Error, UnicodeError, ValueError):
        raise Invalid("Invalid page token.") from None
