"""A page of the caller's jobs: from the index alone, or with what their records say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...contract.errors import UNREADABLE, NotFound
from ...contract.job import JobRecord
from ...contract.storage.record_store import IndexEntry, IndexPage
from ...services import Services
from ..query_string import JobQuery
from .job_view import page_view

_READ_AT_ONCE = 100  # records that one page of a search looks at


def list_page(services: Services, owner: str, asked: JobQuery) -> dict[str, Any]:
    """Returns a page, newest first.

    The index knows states and labels. ``details`` and ``text`` need the records, which are read side by side.
    A page of a search may have fewer entries than ``limit``, or none, and still a cursor.
    """
    limit = _READ_AT_ONCE if asked.text else asked.limit
    found = services.store.list_jobs(
        owner, state=asked.state, labels=asked.labels, limit=limit, cursor=asked.cursor
    )
    if not (asked.details or asked.text):
        return page_view(found)
    records = _read_records(services, found.entries)
    if asked.text:
        found = _only(found, (id for id, record in records.items() if _says(record, asked.text)))
    return page_view(found, records)


def _read_records(services: Services, entries: Iterable[IndexEntry]) -> dict[str, JobRecord]:
    """Returns the records that can be read, by the jobs' ids."""

    def read_record(entry: IndexEntry) -> JobRecord | None:
        try:
            return services.store.read(entry.id).record
        except (NotFound, *UNREADABLE):
            return None

    return {record.id: record for record in services.pool.map(read_record, entries) if record is not None}


def _only(found: IndexPage, ids: Iterable[str]) -> IndexPage:
    wanted = set(ids)
    return IndexPage(tuple(entry for entry in found.entries if entry.id in wanted), found.cursor)


def _says(record: JobRecord, text: str) -> bool:
    """Returns True if each word of ``text`` is in the job's prompts, labels or id."""
    request = record.request
    said = " ".join([request.prompt or "", *request.prompts, *request.labels.values(), record.id]).casefold()
    return all(word in said for word in text.casefold().split())
