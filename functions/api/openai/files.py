"""/v1/files: files that a caller keeps for later requests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal

from flask import Response
from pydantic import Field

from ...contract.batch import BatchRecord
from ...contract.document import DocumentPart
from ...contract.errors import InvalidRequest
from ...files.stored_files import (
    LIFETIME,
    FileLabels,
    StoredFile,
    delete_file,
    find_file,
    list_files,
    read_file_pieces,
    store_file,
)
from ...http_edge.json_response import json_response
from ...intake.strict_json import parse_model
from ..api_call import ApiCall
from ..batch_results import read_line_query
from ..downloads import DOWNLOADS, PIECE
from ..form_data import FormFile, read_form
from ..query_string import single_values
from ..request_body import MAX_BODY, reserve_body
from .batches.batch_output import output_view, read_batch_of_file, write_output
from .errors import REQUEST_ID, new_request_id, unknown_parameter, wrong_kind_of_part
from .file_ids import OutputFile, client_file_id, find_output_file, own_file_id

Purpose = Literal["batch", "vision", "user_data"]
_OWN_API = "by Plantain's own DELETE /v1/batches/"
_FILE = "file"
_SHORTEST, _LONGEST = 3_600, int(LIFETIME.total_seconds())  # seconds that a file may be kept


class FileFields(DocumentPart):
    """The text fields of a form that sends a file."""

    purpose: Purpose
    anchor: Literal["created_at"] = Field(default="created_at", alias="expires_after[anchor]")
    seconds: int = Field(default=_LONGEST, ge=_SHORTEST, le=_LONGEST, alias="expires_after[seconds]")


class FileQuery(DocumentPart):
    """What a listing of files asks for. ``after`` is the last file of the page before."""

    purpose: Purpose | None = None
    limit: int = Field(default=10_000, ge=1, le=10_000)
    order: Literal["asc", "desc"] = "desc"
    after: str | None = None


def create_file(call: ApiCall) -> Response:
    """Keeps the file of a form for two days, or for a shorter time that the form asks for."""
    with reserve_body(call.request):
        form = read_form(call.request, MAX_BODY)
        fields, file = _read_fields(form.fields), _only_file(form.files)
        labels = FileLabels(name=file.filename, purpose=fields.purpose)
        kept = timedelta(seconds=fields.seconds)
        return _answer(file_view(store_file(call.services, call.owner, file.data, labels, kept)))


def _read_fields(given: Mapping[str, str]) -> FileFields:
    known = {field.alias or name for name, field in FileFields.model_fields.items()}
    for name in given:
        if name == _FILE:
            raise wrong_kind_of_part(name, is_file=False)
        if name not in known:
            raise unknown_parameter(name)
    return parse_model(FileFields, given)


def _only_file(files: tuple[FormFile, ...]) -> FormFile:
    if len(files) != 1 or files[0].name != _FILE:
        raise InvalidRequest("Send one file as file.", field=_FILE)
    if not files[0].data:
        raise InvalidRequest("The file is empty.", field=_FILE)
    return files[0]


def index_files(call: ApiCall) -> Response:
    """Lists the caller's files, newest first unless the query asks otherwise."""
    asked = parse_model(FileQuery, single_values(call.request.args))
    files = list_files(call.services, call.owner)
    if asked.order == "asc":
        files.reverse()
    names = [client_file_id(file.id) for file in files]
    if asked.after is not None:
        if asked.after not in names:
            raise InvalidRequest("There is no such file to continue after.", field="after")
        files = files[names.index(asked.after) + 1 :]
    found = [file for file in files if asked.purpose in (None, file.labels.purpose)]
    data = [file_view(file) for file in found[: asked.limit]]
    ends = {"first_id": data[0]["id"] if data else None, "last_id": data[-1]["id"] if data else None}
    return _answer({"object": "list", "data": data, **ends, "has_more": len(found) > len(data)})


def show_file(call: ApiCall, file: str) -> Response:
    """Shows one file. Raises NotFound."""
    if (output := find_output_file(file)) is not None:
        return _answer(output_view(call.services, _read_batch(call, output), output))
    return _answer(file_view(find_file(call.services, call.owner, own_file_id(file))))


def show_content(call: ApiCall, file: str) -> Response:
    """Answers with the bytes of a file, which a browser saves and never shows. Raises NotFound."""
    headers = {REQUEST_ID: new_request_id()}
    if (output := find_output_file(file)) is not None:
        record, wanted = _read_batch(call, output), read_line_query(call.request.args)
        lines = write_output(call.services, record, output.kind, wanted)
        return DOWNLOADS.send_pieces(lines, headers)
    found = find_file(call.services, call.owner, own_file_id(file))
    return DOWNLOADS.send_pieces(read_file_pieces(call.services, found, PIECE), headers, size=found.size)


def remove_file(call: ApiCall, file: str) -> Response:
    """Deletes a file. Raises NotFound, and InvalidRequest for a file of a batch."""
    if (output := find_output_file(file)) is not None:
        batch = _read_batch(call, output).id
        raise InvalidRequest(f"The file is a view of the batch's jobs: delete the batch, {_OWN_API}{batch}.")
    delete_file(call.services, call.owner, own_file_id(file))
    return _answer({"id": file, "object": "file", "deleted": True})


def _read_batch(call: ApiCall, output: OutputFile) -> BatchRecord:
    return read_batch_of_file(call.services, call.owner, output)


def file_view(file: StoredFile) -> dict[str, Any]:
    """Returns a file as OpenAI's clients read it."""
    return {
        "id": client_file_id(file.id),
        "object": "file",
        "bytes": file.size,
        "created_at": int(file.created.timestamp()),
        "expires_at": int(file.expires.timestamp()),
        "filename": file.labels.name,
        "purpose": file.labels.purpose,
        "status": "processed",
    }


def _answer(body: dict[str, Any]) -> Response:
    return json_response(body, headers={REQUEST_ID: new_request_id()})
