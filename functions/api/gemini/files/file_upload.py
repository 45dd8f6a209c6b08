"""``/upload/v1beta/files``: files in one request, or in pieces under Google's protocol of resumable uploads.

| `X-Goog-Upload-Protocol`          | the request                                                      |
|-----------------------------------|------------------------------------------------------------------|
| `resumable`, command `start`      | what the file is; the answer's `X-Goog-Upload-URL` takes pieces   |
| `multipart`, or `uploadType=multipart` | what the file is, and the file, as `multipart/related`       |
| `raw`, or `uploadType=media`      | the file alone                                                   |

The address of pieces holds a secret and needs no key: google-genai for Python sends none there. A client
repeats a piece whose answer has no `X-Goog-Upload-Status`, so that only what another try can mend has none.
"""

from __future__ import annotations

from flask import Request, Response
from pydantic import StrictInt, StrictStr

from ....contract.errors import InvalidRequest, PlantainError, WrongOffset
from ....files.stored_files import FileLabels, StoredFile, find_file, store_file
from ....files.upload_sessions import (
    UploadSession,
    append_piece,
    begin_session,
    cancel_session,
    find_session,
    finish_session,
)
from ....http_edge.json_response import json_response
from ....intake.strict_json import parse_json_object, parse_model
from ...api_call import ApiCall
from ...query_string import single_value
from ...request_body import MAX_BODY, MAX_SMALL_BODY, read_bytes, reserve_body
from ..content_body import GoogleMessage
from ..errors import error_response
from .file_names import check_given_name
from .kept_files import file_view
from .related_parts import read_related_parts
from .server_address import server_address

_PURPOSE = "user_data"
_STATUS, _RECEIVED = "X-Goog-Upload-Status", "X-Goog-Upload-Size-Received"
_GRANULARITY = {"X-Goog-Upload-Chunk-Granularity": str(256 * 2**10)}
_COMMANDS = ({"upload"}, {"finalize"}, {"upload", "finalize"}, {"query"}, {"cancel"})
_PROTOCOLS = {"multipart": "multipart", "media": "raw", "resumable": "resumable"}
"""The protocols, by the names that they have as ``uploadType``."""


class FileDeclaration(GoogleMessage):
    name: StrictStr | None = None
    display_name: StrictStr | None = None
    mime_type: StrictStr | None = None
    size_bytes: StrictInt | StrictStr | None = None


class UploadBody(GoogleMessage):
    file: FileDeclaration = FileDeclaration()


def upload_file(call: ApiCall, **_: str) -> Response:
    """Takes a file, or begins an upload in pieces."""
    asked = call.request
    named = _PROTOCOLS.get(single_value(asked.args, "uploadType") or "")
    protocol = asked.headers.get("X-Goog-Upload-Protocol") or named
    if protocol == "resumable":
        if _commands(asked) != {"start"}:
            raise InvalidRequest("Begin with the command start.", field="X-Goog-Upload-Command")
        return _begin_upload(call)
    with reserve_body(asked):
        if protocol == "raw":
            declared, data = UploadBody(), read_bytes(asked, MAX_BODY)
        elif protocol == "multipart":
            first, data = read_related_parts(asked, MAX_BODY)
            declared = _declared(first)
        else:
            raise InvalidRequest(
                "Say how the file is sent: resumable, multipart or raw.", field="X-Goog-Upload-Protocol"
            )
        if not data:
            raise InvalidRequest("The file is empty.", field="file")
        labels = _labels(asked, declared.file)
        if protocol == "raw" and not labels.mime_type:
            labels = FileLabels(labels.name, asked.mimetype, _PURPOSE)
        stored = store_file(call.services, call.owner, data, labels)
    return _final_answer(call, stored)


def _begin_upload(call: ApiCall) -> Response:
    asked = call.request
    declared = _declared(read_bytes(asked, MAX_SMALL_BODY)).file
    length = asked.headers.get("X-Goog-Upload-Header-Content-Length") or declared.size_bytes
    secret = begin_session(call.services, call.owner, _labels(asked, declared), _announced(length))
    address = f"{server_address(asked)}{asked.path.rstrip('/')}/{secret}"
    urls = {"X-Goog-Upload-URL": address, "X-Goog-Upload-Control-URL": address}
    return json_response({}, headers={**urls, _STATUS: "active", **_GRANULARITY})


def _declared(text: bytes) -> UploadBody:
    return parse_model(UploadBody, parse_json_object(text)) if text.strip() else UploadBody()


def _announced(length: int | str | None) -> int | None:
    text = "" if length is None else str(length)
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise InvalidRequest("The size is a number of bytes.", field="file.sizeBytes")
    return int(text)


def _labels(asked: Request, declared: FileDeclaration) -> FileLabels:
    return FileLabels(
        name=declared.display_name or asked.headers.get("X-Goog-Upload-File-Name", ""),
        mime_type=declared.mime_type or asked.headers.get("X-Goog-Upload-Header-Content-Type", ""),
        purpose=_PURPOSE,
        given_name=check_given_name(declared.name) if declared.name else "",
    )


def continue_upload(call: ApiCall, session: str, **_: str) -> Response:
    """Takes the next piece of a file, ends the upload, tells how much has arrived, or gives it up."""
    try:
        return _continue_upload(call, session)
    except WrongOffset as error:
        received = find_session(call.services, session).received
        return _with_headers(error_response(error), {_RECEIVED: str(received)})
    except PlantainError as error:
        return _with_headers(error_response(error), {} if error.retryable else {_STATUS: "final"})


def _continue_upload(call: ApiCall, secret: str) -> Response:
    commands = _checked_commands(call.request)
    found = find_session(call.services, secret)
    if found.is_final:
        return _final_answer(call, find_file(call.services, found.owner, found.file_id))
    if commands == {"query"}:
        return json_response({}, headers=_progress(found))
    if commands == {"cancel"}:
        cancel_session(call.services, found)
        return json_response({}, headers={_STATUS: "cancelled"})
    if "upload" in commands:
        with reserve_body(call.request):
            piece = read_bytes(call.request, MAX_BODY)
            found = append_piece(call.services, found, _offset(call.request), piece)
    if "finalize" in commands:
        return _final_answer(call, finish_session(call.services, found))
    return json_response({}, headers=_progress(found))


def _commands(asked: Request) -> set[str]:
    text = asked.headers.get("X-Goog-Upload-Command", "")
    return {command.strip().lower() for command in text.split(",")}


def _checked_commands(asked: Request) -> set[str]:
    commands = _commands(asked)
    if commands not in _COMMANDS:
        raise InvalidRequest(
            "The commands are upload, finalize, both of them, query and cancel.",
            field="X-Goog-Upload-Command",
        )
    return commands


def _offset(asked: Request) -> int:
    text = asked.headers.get("X-Goog-Upload-Offset", "")
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise InvalidRequest("Say where the piece begins, in bytes.", field="X-Goog-Upload-Offset")
    return int(text)


def _progress(session: UploadSession) -> dict[str, str]:
    return {_STATUS: "active", _RECEIVED: str(session.received), **_GRANULARITY}


def _final_answer(call: ApiCall, file: StoredFile) -> Response:
    headers = {_STATUS: "final", _RECEIVED: str(file.size)}
    return json_response({"file": file_view(call.request, file)}, headers=headers)


def _with_headers(response: Response, headers: dict[str, str]) -> Response:
    response.headers.update(headers)
    return response
