"""Listings: one page of a bucket's names, folded at a delimiter."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from local.storage.errors import InvalidValue
from local.storage.name_globs import NameGlob
from local.storage.name_rules import after_prefix
from local.storage.object_store import ObjectStore
from local.storage.preconditions import parse_number
from local.storage.stored_object import StoredObject

MAX_RESULTS = 1000
_TRUE, _FALSE = ("true", "1"), ("", "false", "0")


@dataclass(frozen=True, slots=True)
class ListingQuery:
    """The parameters of a listing; names are compared by their UTF-8 bytes.

    Attributes:
        prefix: names begin with it.
        delimiter: names are folded at its first place behind the prefix.
        start: the first name.
        after: the generation of ``start`` up to which its versions were on the page before.
        end: the first name that is no longer listed.
        limit: the number of names and folded names on a page.
        glob: names match it.
        versions: noncurrent versions are listed as well.
        trailing: an object whose name ends with its only delimiter is listed beside its folded name.
    """

    prefix: str = ""
    delimiter: str = ""
    start: str = ""
    after: int | None = None
    end: str | None = None
    limit: int = MAX_RESULTS
    glob: NameGlob | None = None
    versions: bool = False
    trailing: bool = False

    @classmethod
    def parse(cls, parameters: Mapping[str, str]) -> ListingQuery:
        """Raises InvalidValue."""
        prefix, delimiter = parameters.get("prefix", ""), parameters.get("delimiter", "")
        token = parameters.get("pageToken")
        start, after = _decode_token(token) if token else ("", None)
        begin = max(prefix, parameters.get("startOffset", ""), start)
        ends = [end for end in (parameters.get("endOffset"), after_prefix(prefix)) if end]
        glob = parameters.get("matchGlob")
        if glob and delimiter not in ("", "/"):
            raise InvalidValue("With matchGlob the delimiter can only be a slash.")
        return cls(
            prefix=prefix,
            delimiter=delimiter,
            start=begin,
            after=after if begin == start else None,
            end=min(ends, default=None),
            limit=page_limit(parameters),
            glob=NameGlob(glob) if glob else None,
            versions=_parse_flag(parameters, "versions"),
            trailing=_parse_flag(parameters, "includeTrailingDelimiter"),
        )

    def group(self, name: str) -> str | None:
        """Returns the prefix that stands for this name; None when the name stands for itself."""
        if not self.delimiter:
            return None
        at = name.find(self.delimiter, len(self.prefix))
        return None if at < 0 else name[: at + len(self.delimiter)]

    def wants(self, stored: StoredObject) -> bool:
        """Tells whether the object is listed, by itself or folded."""
        was_listed = self.after is not None and stored.name == self.start and stored.generation <= self.after
        return not was_listed and (self.glob is None or self.glob.matches(stored.name))


@dataclass(slots=True)
class ListingPage:
    """Attributes: next_token: for the page that follows; None when this is the last."""

    items: list[StoredObject] = field(default_factory=list[StoredObject])
    prefixes: list[str] = field(default_factory=list[str])
    next_token: str | None = None

    def __len__(self) -> int:
        return len(self.items) + len(self.prefixes)


def page_limit(parameters: Mapping[str, str]) -> int:
    """Returns the most results that a page may have. Raises InvalidValue."""
    wanted = parse_number(parameters, "maxResults")
    if wanted is not None and wanted < 0:
        raise InvalidValue("maxResults must not be negative.")
    return min(wanted or MAX_RESULTS, MAX_RESULTS)


def list_page(objects: ObjectStore, bucket: str, query: ListingQuery) -> ListingPage:
    """Returns the first page of the query's results."""
    result = ListingPage()
    start: str | None = query.start
    while start is not None:
        start = _fill_page(result, objects, bucket, query, start)
    return result


def _fill_page(
    result: ListingPage, objects: ObjectStore, bucket: str, query: ListingQuery, start: str
) -> str | None:
    """Adds names from ``start`` on, up to the first folded one.

    Returns the name to continue from; None at the end of the page.
    """
    for stored in objects.scan(bucket, start, query.end, versions=query.versions):
        if not query.wants(stored):
            continue
        if len(result) >= query.limit:
            # A version of the last name may follow on the next page.
            same = bool(result.items) and result.items[-1].name == stored.name
            result.next_token = _encode_token(stored.name, result.items[-1].generation if same else None)
            return None
        folded = query.group(stored.name)
        if folded is None:
            result.items.append(stored)
            continue
        if query.trailing and stored.name == folded:
            result.items.append(stored)
        result.prefixes.append(folded)
        return after_prefix(folded)  # skips all the names that are folded with it
    return None


def _parse_flag(parameters: Mapping[str, str], name: str) -> bool:
    value = parameters.get(name, "").lower()
    if value not in _TRUE + _FALSE:
        raise InvalidValue(f"Invalid value for {name}: {value!r} is neither true nor false.")
    return value in _TRUE


def _encode_token(start: str, after: int | None) -> str:
    return base64.urlsafe_b64encode(json.dumps([start, after]).encode()).decode("ascii")


def _decode_token(token: str) -> tuple[str, int | None]:
    try:
        start, after = json.loads(base64.b64decode(token, b"-_", validate=True))
    except (binascii.Error, UnicodeError, ValueError, TypeError, RecursionError):
        raise InvalidValue("Invalid page token.") from None
    if not isinstance(start, str) or not isinstance(after, int | None):
        raise InvalidValue("Invalid page token.")
    return start, after
