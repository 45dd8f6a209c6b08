"""/v1/batches: files of calls that are answered within a day, on Plantain's own batches."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Literal

from flask import Response
from pydantic import Field, StringConstraints

from ...batches.cancel import request_cancel
from ...batches.create import RequestFile, create_from_request
from ...batches.request_lines import check_size
from ...contract import paths
from ...contract.batch import BatchDialect, BatchRecord
from ...contract.document import DocumentPart, sha256_of_json
from ...contract.errors import UNREADABLE, InvalidRequest, NotFound
from ...contract.paths import ObjectName
from ...contract.storage.index_cursor import encode_cursor
from ...files.stored_files import StoredFile, find_file
from ...http_edge.json_response import json_response
from ...intake.strict_json import parse_model
from ...waiting.repeats import take_place
from ...waiting.wait_hints import read_wait_hints
from ..api_call import ApiCall
from ..batch_access import read_batch_of_dialect
from ..request_body import read_json
from .batch_lines import BatchFacts, Endpoint
from .batch_output import DIALECT
from .batch_view import batch_view
from .errors import REQUEST_ID, new_request_id, unknown_parameter
from .file_ids import own_file_id

_PURPOSE = "batch"
_MetadataKey = Annotated[str, StringConstraints(max_length=64)]
_MetadataValue = Annotated[str, StringConstraints(max_length=512)]


class OutputExpiry(DocumentPart):
    """How long the files of a batch's results are kept, counted from its end."""

    anchor: Literal["created_at"]
    seconds: int = Field(ge=3_600, le=2_592_000)


class BatchFields(DocumentPart):
    """The body of a request for a batch."""

    input_file_id: str
    endpoint: Endpoint
    completion_window: Literal["24h"]
    metadata: Annotated[dict[_MetadataKey, _MetadataValue], Field(max_length=16)] | None = None
    output_expires_after: OutputExpiry | None = None


class BatchQuery(DocumentPart):
    """What a listing asks for. ``after`` is the last batch of the page before."""

    limit: int = Field(default=20, ge=1, le=100)
    after: str | None = None


def create_batch(call: ApiCall) -> Response:
    """Creates a batch from a stored file, which is looked through afterwards."""
    given = read_json(call.request)
    for name in given:
        if name not in BatchFields.model_fields:
            raise unknown_parameter(name)
    asked = parse_model(BatchFields, given)
    file = _find_input(call, asked.input_file_id)
    facts = BatchFacts(
        endpoint=asked.endpoint,
        input_file_id=asked.input_file_id,
        metadata=asked.metadata,
        output_seconds=asked.output_expires_after.seconds if asked.output_expires_after else None,
    )
    return _answer(batch_view(call.services, _create_once(call, file, facts)))


def _find_input(call: ApiCall, file_id: str) -> StoredFile:
    try:
        file = find_file(call.services, call.owner, own_file_id(file_id))
    except NotFound as error:
        raise InvalidRequest(error.message, field="input_file_id") from None
    if file.labels.purpose != _PURPOSE:
        raise InvalidRequest("Send the file with the purpose batch.", field="input_file_id")
    check_size(file.size)
    return file


def _create_once(call: ApiCall, file: StoredFile, facts: BatchFacts) -> BatchRecord:
    """Creates the batch, or finds the one of the caller's key, or of the request that this one repeats."""
    hints = read_wait_hints(call.request.headers)
    name = ObjectName(call.services.settings.uploads_bucket, paths.uploaded_picture(call.owner, file.id))
    dialect = BatchDialect(name=DIALECT, facts=facts.model_dump(mode="json"))
    source = RequestFile(name, file.generation, contents=file.sha256, dialect=dialect)
    if hints.idempotency_key is not None:
        return create_from_request(call.services, call.owner, source, hints.idempotency_key).record
    place = take_place(
        call.services.jobs,
        call.owner,
        sha256_of_json({"batch": source.fingerprint}),
        is_repeat=hints.is_repeat,
        has_seed=False,
        is_abandoned=call.is_abandoned,
    )
    is_answered = False
    try:
        record = create_from_request(call.services, call.owner, source, place.key).record
        is_answered = True
    finally:
        place.close(is_answered=is_answered)
    return record


def index_batches(call: ApiCall) -> Response:
    """Lists the caller's batches of this interface, newest first."""
    asked = parse_model(BatchQuery, call.request.args.to_dict())
    cursor = None if asked.after is None else _cursor_after(call, asked.after)
    ids = _list_ids(call, asked.limit + 1, cursor)
    views = call.services.pool.map(partial(_view_or_none, call), ids[: asked.limit])
    data = [view for view in views if view is not None]
    ends = {"first_id": data[0]["id"] if data else None, "last_id": data[-1]["id"] if data else None}
    return _answer({"object": "list", "data": data, **ends, "has_more": len(ids) > asked.limit})


def _cursor_after(call: ApiCall, batch_id: str) -> str:
    try:
        record = _read_batch(call, batch_id)
    except NotFound:
        raise InvalidRequest("There is no such batch to continue after.", field="after") from None
    entry = paths.batch_index_entry(record.owner, record.created, record.id)
    return encode_cursor(entry.removeprefix(paths.batch_index_prefix(record.owner)))


def _list_ids(call: ApiCall, most: int, cursor: str | None) -> list[str]:
    """Returns up to ``most`` ids, from the first one after ``cursor``."""
    ids: list[str] = []
    while len(ids) < most:
        found = call.services.batch_store.list_index(
            call.owner, wanted={"dialect": DIALECT}, limit=most - len(ids), cursor=cursor
        )
        ids += [entry.id for entry in found.entries]
        if (cursor := found.cursor) is None:
            break
    return ids


def _view_or_none(call: ApiCall, batch_id: str) -> dict[str, Any] | None:
    """Returns the batch; None for one that was deleted just now, or whose record cannot be read."""
    try:
        return batch_view(call.services, _read_batch(call, batch_id))
    except (NotFound, *UNREADABLE):
        return None


def show_batch(call: ApiCall, batch: str) -> Response:
    """Shows one batch. Raises NotFound."""
    return _answer(batch_view(call.services, _read_batch(call, batch)))


def cancel_batch(call: ApiCall, batch: str) -> Response:
    """Cancels a batch and shows it. Raises NotFound, and IllegalTransition for one that has ended."""
    record = _read_batch(call, batch)
    return _answer(batch_view(call.services, request_cancel(call.services, record.id)))


def _read_batch(call: ApiCall, batch_id: str) -> BatchRecord:
    return read_batch_of_dialect(call.services, call.owner, batch_id, DIALECT)


def _answer(body: dict[str, Any]) -> Response:
    return json_response(body, headers={REQUEST_ID: new_request_id()})
