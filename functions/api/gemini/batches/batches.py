"""Batches of generateContent, on Plantain's own batches: requests in the body, or a file of them."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from typing import Any

from flask import Response
from pydantic import Field

from ....batches.cancel import request_cancel
from ....batches.create import RequestFile
from ....batches.request_lines import check_size
from ....contract import ids, paths
from ....contract.batch import BatchDialect, BatchRecord
from ....contract.errors import InvalidRequest, LimitReached, NotFound
from ....contract.object_names import ObjectName
from ....contract.storage.bucket import NEW
from ....files.stored_files import find_file
from ....http_edge.json_response import JSON, json_response
from ....intake.strict_json import parse_model
from ...api_call import ApiCall
from ...batch_access import read_batch_of_dialect, read_batch_page, remove_batch_of_dialect
from ...batch_creation import create_batch_once
from ...downloads import DOWNLOADS
from ...encoded_pictures import PictureMarks
from ...model_names import resolve_model
from ...query_string import single_values
from ...request_body import BODIES, reserve_body
from ..content_body import GoogleMessage
from ..files.file_names import file_id_of_address, name_of_output
from .batch_body import read_batch_body, write_lines
from .batch_lines import DIALECT, BatchFacts
from .batch_output import has_results, inline_results
from .batch_view import batch_operation

_LARGEST_PAGE = 100
_COPIES = 2  # of the results in an operation: in its metadata, and as its response
_JSONL = "application/jsonl"


class BatchPage(GoogleMessage):
    """The query of a listing of batches."""

    page_size: int = Field(default=20, ge=0)
    page_token: str = ""


def create_batch(call: ApiCall, model: str, **_: str) -> Response:
    """Creates a batch of requests in the body, or of a file that was uploaded before."""
    resolve_model(call.services.settings, model)
    with reserve_body(call.request):
        spec = read_batch_body(call)
        name = spec.input_config.file_name
        facts = BatchFacts(model=model, display_name=spec.display_name, is_inline=not name)
        dialect = BatchDialect(name=DIALECT, facts=facts.model_dump(mode="json"))
        if name:
            record = create_batch_once(call, _find_source(call, name, dialect))
        else:
            with BODIES.place():
                data = write_lines(spec)
            del spec
            record = _create_from_lines(call, data, dialect)
    return json_response(batch_operation(call.services, record))


def _find_source(call: ApiCall, name: str, dialect: BatchDialect) -> RequestFile:
    file_id = file_id_of_address(call.owner, name)
    try:
        file = find_file(call.services, call.owner, file_id or "")
    except NotFound as error:
        raise InvalidRequest(error.message, field="batch.inputConfig.fileName") from None
    check_size(file.size)
    source = ObjectName(call.services.settings.uploads_bucket, file.object_name)
    return RequestFile(source, file.generation, contents=file.sha256, dialect=dialect)


def _create_from_lines(call: ApiCall, data: bytes, dialect: BatchDialect) -> BatchRecord:
    """Stores the lines as an upload of the caller's, which is deleted with the batch."""
    uploads = call.services.uploads
    name = paths.uploaded_picture(call.owner, ids.new_upload_id())
    generation = uploads.put(name, data, _JSONL, if_generation=NEW)
    source = ObjectName(uploads.name, name)
    contents = hashlib.sha256(data).hexdigest()
    try:
        record = create_batch_once(call, RequestFile(source, generation, contents=contents, dialect=dialect))
    except LimitReached:
        uploads.delete(name, generation)
        raise
    if record.source != str(source):  # the request repeats one whose lines are stored already
        uploads.delete(name, generation)
    return record


def index_batches(call: ApiCall, **_: str) -> Response:
    """Lists the caller's batches of this interface, newest first, each with the file of its answers."""
    asked = parse_model(BatchPage, single_values(call.request.args))
    most = min(asked.page_size or 20, _LARGEST_PAGE)
    records, after = read_batch_page(call.services, call.owner, DIALECT, most, asked.page_token or None)
    operations = list(call.services.pool.map(partial(_listed_operation, call), records))
    # Google's Python client fails on an empty page: there is a token only where there is another batch.
    return json_response({"operations": operations, **({"nextPageToken": after} if after else {})})


def _listed_operation(call: ApiCall, record: BatchRecord) -> dict[str, Any]:
    output = {"responsesFile": name_of_output(record.id)} if has_results(record) else None
    return batch_operation(call.services, record, output)


def show_batch(call: ApiCall, batch: str, **_: str) -> Response:
    """Shows one batch, with its answers if they came in the body and fit. Raises NotFound."""
    record = _read_batch(call, batch)
    if not has_results(record):
        return json_response(batch_operation(call.services, record))
    marks = PictureMarks()
    results = inline_results(call.services, record, marks, _COPIES)
    if results is None:
        output: dict[str, Any] = {"responsesFile": name_of_output(record.id)}
    else:
        output = {"inlinedResponses": {"inlinedResponses": results}}
    text = json.dumps(batch_operation(call.services, record, output))
    return DOWNLOADS.send_pieces(marks.write(call.services, text), size=marks.length(text), mimetype=JSON)


def cancel_batch(call: ApiCall, batch: str, **_: str) -> Response:
    """Cancels a batch: what is drawn by then stays. Raises NotFound, and IllegalTransition after its end."""
    request_cancel(call.services, _read_batch(call, batch).id)
    return json_response({})


def remove_batch(call: ApiCall, batch: str, **_: str) -> Response:
    """Deletes a batch that has ended, with its pictures. Raises NotFound and IllegalTransition."""
    remove_batch_of_dialect(call.services, call.owner, batch, DIALECT)
    return json_response({})


def _read_batch(call: ApiCall, batch_id: str) -> BatchRecord:
    return read_batch_of_dialect(call.services, call.owner, batch_id, DIALECT)
