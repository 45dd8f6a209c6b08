"""/v1/batches: files of calls that are answered within a day, on Plantain's own batches."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Literal

from flask import Response
from pydantic import Field, StringConstraints

from ....batches.cancel import request_cancel
from ....batches.create import RequestFile
from ....batches.request_lines import check_size
from ....contract.batch import BatchDialect, BatchRecord
from ....contract.document import DocumentPart
from ....contract.errors import UNREADABLE, InvalidRequest, NotFound
from ....contract.object_names import ObjectName
from ....files.stored_files import StoredFile, find_file
from ....http_edge.json_response import json_response
from ....intake.strict_json import parse_model
from ...api_call import ApiCall
from ...batch_access import cursor_after, list_batch_ids, read_batch_of_dialect
from ...batch_creation import create_batch_once
from ...query_string import single_values
from ...request_body import read_json
from ..errors import REQUEST_ID, new_request_id, unknown_parameter
from ..file_ids import own_file_id
from .batch_lines import BatchFacts, Endpoint
from .batch_output import DIALECT
from .batch_view import batch_view

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
    dialect = BatchDialect(name=DIALECT, facts=facts.model_dump(mode="json"))
    name = ObjectName(call.services.settings.uploads_bucket, file.object_name)
    source = RequestFile(name, file.generation, contents=file.sha256, dialect=dialect)
    return _answer(batch_view(call.services, create_batch_once(call, source)))


def _find_input(call: ApiCall, file_id: str) -> StoredFile:
    try:
        file = find_file(call.services, call.owner, own_file_id(file_id))
    except NotFound as error:
        raise InvalidRequest(error.message, field="input_file_id") from None
    if file.labels.purpose != _PURPOSE:
        raise InvalidRequest("Send the file with the purpose batch.", field="input_file_id")
    check_size(file.size)
    return file


def index_batches(call: ApiCall) -> Response:
    """Lists the caller's batches of this interface, newest first."""
    asked = parse_model(BatchQuery, single_values(call.request.args))
    cursor = None if asked.after is None else cursor_after(_read_last(call, asked.after))
    ids = list_batch_ids(call.services, call.owner, DIALECT, asked.limit + 1, cursor)
    views = call.services.pool.map(partial(_view_or_none, call), ids[: asked.limit])
    data = [view for view in views if view is not None]
    ends = {"first_id": data[0]["id"] if data else None, "last_id": data[-1]["id"] if data else None}
    return _answer({"object": "list", "data": data, **ends, "has_more": len(ids) > asked.limit})


def _read_last(call: ApiCall, batch_id: str) -> BatchRecord:
    try:
        return _read_batch(call, batch_id)
    except NotFound:
        raise InvalidRequest("There is no such batch to continue after.", field="after") from None


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
