"""/v1/batches: creates a batch of requests, shows it and its items, cancels and deletes it."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from itertools import islice
from typing import Any

from flask import Response

from ...batches.cancel import request_cancel
from ...batches.create import BatchOptions, CreatedBatch, RequestFile, create_from_request
from ...contract import ids, paths
from ...contract.batch import BatchItem, BatchRecord
from ...contract.errors import UNREADABLE, Deleted, InvalidRequest, NotFound
from ...contract.object_names import ObjectName
from ...contract.request_fields import GsUri, UploadId
from ...contract.states import State
from ...contract.storage.batch_items import BatchItems
from ...contract.storage.record_store import IndexEntry
from ...contract.timestamps import with_utc_suffix
from ...deletion.batch_deletion import delete_batch
from ...http_edge.json_response import json_response
from ...intake.strict_json import parse_model
from ...lifecycle.stored_results import existing_pictures, expired_result_error
from ...waiting.wait_hints import read_idempotency_key
from ..api_call import ApiCall
from ..batch_access import item_counts, read_owned_batch
from ..batch_source import find_request_file, locate_request_file
from ..query_string import read_page_query
from ..request_body import read_json
from . import job_view
from .batch_lines import LINES, create_from_lines

SHOWN_OF_BATCH = (
    *("id", "state", "lane", "source", "line", "lines"),
    *("created", "updated", "ended", "error", "prediction"),
)
SHOWN_OF_TOMBSTONE = ("id", "state", "created", "ended", "deleted", "counts")
HIDDEN_OF_ITEM = frozenset({"shared", "echo"})


class BatchRequest(BatchOptions):
    """The body of ``POST /v1/batches``: one of ``uri`` and ``upload`` is the file."""

    uri: GsUri | None = None
    upload: UploadId | None = None

    @property
    def options(self) -> BatchOptions:
        return BatchOptions(lane=self.lane, webhook=self.webhook, defaults=self.defaults)


def create_batch(call: ApiCall) -> Response:
    """Creates a batch and answers 202 with it. The body names the file, or is the file. Its lines are read
    afterwards: an error in a line becomes that item's error.
    """
    key = read_idempotency_key(call.request.headers)
    is_file = call.request.mimetype == LINES
    begun = create_from_lines(call, key) if is_file else _create_from_file(call, key)
    headers = {"Location": batch_url(begun.record.id)}
    if not begun.created:
        headers["Idempotent-Replayed"] = "true"
    return json_response(_batch_view(call, begun.record), 202, headers)


def _create_from_file(call: ApiCall, key: str | None) -> CreatedBatch:
    asked = parse_model(BatchRequest, read_json(call.request))
    name = _locate_file(call, asked)
    found = find_request_file(call.services, name, field="uri")
    file = RequestFile(name, found.generation, asked.options, contents=f"{found.size}/{found.crc32c}")
    return create_from_request(call.services, call.owner, file, key)


def _locate_file(call: ApiCall, asked: BatchRequest) -> ObjectName:
    """Returns the file, if this caller may name it: an own upload, or one that pictures may come from too."""
    settings = call.services.settings
    if (asked.uri is None) == (asked.upload is None):
        raise InvalidRequest("Name the file by exactly one of uri and upload.", field="uri")
    if asked.upload is not None:
        return ObjectName(settings.uploads_bucket, paths.uploaded_picture(call.owner, asked.upload))
    return locate_request_file(settings, call.owner, asked.uri or "", field="uri")


def list_batches(call: ApiCall) -> Response:
    """Lists the caller's batches, newest first."""
    asked = read_page_query(call.request.args)
    found = call.services.batch_store.list_index(call.owner, limit=asked.limit, cursor=asked.cursor)
    return json_response(
        {"batches": [_entry_view(entry) for entry in found.entries], "next_cursor": found.cursor}
    )


def _entry_view(entry: IndexEntry) -> dict[str, Any]:
    facts = {name: entry.metadata.get(name) for name in ("state", "lane")}
    facts["created"] = with_utc_suffix(entry.metadata.get("created"))
    return {"id": entry.id, **facts, "url": batch_url(entry.id)}


def show_batch(call: ApiCall, batch_id: str) -> Response:
    """Shows a batch."""
    return json_response(_batch_view(call, read_owned_batch(call.services, call.owner, batch_id)))


def list_items(call: ApiCall, batch_id: str) -> Response:
    """Shows a page of the batch's lines, in their order, each with its job's current state."""
    record, asked = read_owned_batch(call.services, call.owner, batch_id), read_page_query(call.request.args)
    found = BatchItems(call.services.jobs, record.id).all(after=_line_after(asked.cursor))
    page = list(islice(found, asked.limit))
    shown = list(call.services.pool.map(partial(_item_view, call), page))
    cursor = str(page[-1].line) if len(page) == asked.limit else None
    return json_response({"items": shown, "next_cursor": cursor})


def _line_after(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) <= 8):
        raise InvalidRequest("The cursor is not one that a listing gave.", field="cursor")
    return int(cursor)


def _with_current_state(call: ApiCall, item: BatchItem) -> BatchItem:
    """Returns the item with its job's state: an item itself knows only how its job began and ended."""
    if item.state is not State.QUEUED or item.job_id is None:
        return item
    try:
        job = call.services.store.read(item.job_id).record
    except (NotFound, *UNREADABLE):  # not admitted yet, deleted, or unreadable
        return item
    return item.ended(job.state, job.images, job.error)


def _item_view(call: ApiCall, known: BatchItem) -> dict[str, Any]:
    item = _with_current_state(call, known)
    bucket = call.services.settings.results_bucket
    fields = item.model_dump(mode="json", exclude_none=True, exclude=set(HIDDEN_OF_ITEM))
    kept = existing_pictures(call.services, item.job_id or "", item.images)
    images = [f"gs://{bucket}/{name}" for name in item.images if name in kept]
    url = {"url": job_view.job_url(item.job_id)} if item.job_id else {}
    return {**fields, "images": images, "results_expired": len(images) < len(item.images), **url}


def show_summary(call: ApiCall, batch_id: str) -> Response:
    """Shows the summary of a batch that has ended."""
    record = read_owned_batch(call.services, call.owner, batch_id)
    found = call.services.batch_committer.read_summary(record.id)
    if found is None and record.state.is_terminal:
        raise expired_result_error(call.services.settings, record.ended or record.updated, "batch")
    if found is None:
        raise NotFound(f"The batch has not ended: it is {record.state}.")
    return json_response(found.model_dump(mode="json", exclude_none=True))


def cancel_batch(call: ApiCall, batch_id: str) -> Response:
    """Cancels a batch and shows it."""
    record = read_owned_batch(call.services, call.owner, batch_id)
    return json_response(_batch_view(call, request_cancel(call.services, record.id)))


def delete_owned_batch(call: ApiCall, batch_id: str) -> Response:
    """Deletes a batch. Answers 200 once everything is removed, 202 while jobs are still to be removed, 409
    before the end.
    """
    with suppress(Deleted, *UNREADABLE):  # a repeated call is no error, and finishes an interrupted deletion
        read_owned_batch(call.services, call.owner, batch_id)
    found = delete_batch(call.services, batch_id, owner_hash=ids.owner_hash(call.owner))
    shown = found.model_dump(mode="json", include=set(SHOWN_OF_TOMBSTONE))
    return json_response(shown, 200 if found.is_finished else 202)


def batch_url(batch_id: str) -> str:
    return f"/v1/batches/{batch_id}"


def _batch_view(call: ApiCall, record: BatchRecord) -> dict[str, Any]:
    """Returns the batch as its owner sees it. While it is open, its items are counted anew."""
    fields = record.model_dump(mode="json", include=set(SHOWN_OF_BATCH))
    return {**fields, "counts": item_counts(call.services, record), "url": batch_url(record.id)}
