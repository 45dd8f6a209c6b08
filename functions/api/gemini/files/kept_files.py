"""``/v1beta/files``: the caller's files, as Google's clients list, show, read and delete them."""

from __future__ import annotations

import base64
from typing import Any

from flask import Request, Response

from ....contract.errors import InvalidRequest
from ....contract.timestamps import format_time, parse_time
from ....files.stored_files import StoredFile, delete_file, find_file, list_files, read_file_pieces
from ....http_edge.json_response import json_response
from ...api_call import ApiCall
from ...batch_results import read_line_query
from ...downloads import DOWNLOADS, PIECE
from ...query_string import single_value
from ..batches.batch_output import output_view, read_batch_of_output, write_output
from ..videos.video_files import send_video, video_view
from .file_names import batch_id_of_output, file_id_of_name, job_id_of_video, name_of_file
from .server_address import server_address

GENERATED = "batch_output"  # the purpose of files that a batch made
_PAGE, _LARGEST_PAGE = 10, 100


def index_files(call: ApiCall, **_: str) -> Response:
    """Lists the caller's files, newest first, in pages of ``pageSize``."""
    size = _page_size(single_value(call.request.args, "pageSize"))
    files = list_files(call.services, call.owner)
    if token := single_value(call.request.args, "pageToken"):
        last = _read_token(token)
        files = [file for file in files if _position(file) < last]
    page = files[:size]
    more = {"nextPageToken": _token_after(page[-1])} if len(files) > size else {}
    return json_response({"files": [file_view(call.request, file) for file in page], **more})


def _position(file: StoredFile) -> tuple[str, str]:
    return format_time(file.created), file.id


def _token_after(file: StoredFile) -> str:
    """Returns the token of the page after ``file``, which may be deleted before that page is asked for."""
    return base64.urlsafe_b64encode(" ".join(_position(file)).encode()).decode().rstrip("=")


def _read_token(token: str) -> tuple[str, str]:
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode("ascii")
    except ValueError:
        text = ""
    created, _, file_id = text.partition(" ")
    if parse_time(created) is None or not file_id:
        raise InvalidRequest("There is no such page: begin again without pageToken.", field="pageToken")
    return created, file_id


def _page_size(text: str | None) -> int:
    if not text:
        return _PAGE
    if not (text.isascii() and text.isdecimal() and int(text[:9]) > 0):
        raise InvalidRequest("A page has 1 to 100 files.", field="pageSize")
    return min(int(text[:9]), _LARGEST_PAGE)


def show_file(call: ApiCall, file: str, **_: str) -> Response:
    """Shows one file. Raises NotFound."""
    if (batch_id := batch_id_of_output(file)) is not None:
        record = read_batch_of_output(call.services, call.owner, batch_id)
        return json_response(output_view(call.services, record, server_address(call.request)))
    if (job_id := job_id_of_video(file)) is not None:
        return json_response(video_view(call, job_id))
    return json_response(file_view(call.request, named_file(call, file)))


def download_file(call: ApiCall, file: str, **_: str) -> Response:
    """Answers with the bytes of a file, which a browser saves and never shows. Raises NotFound."""
    if (batch_id := batch_id_of_output(file)) is not None:
        record = read_batch_of_output(call.services, call.owner, batch_id)
        wanted = read_line_query(call.request.args)
        return DOWNLOADS.send_pieces(write_output(call.services, record, wanted))
    if (job_id := job_id_of_video(file)) is not None:
        return send_video(call, job_id)
    found = named_file(call, file)
    return DOWNLOADS.send_pieces(read_file_pieces(call.services, found, PIECE), size=found.size)


def remove_file(call: ApiCall, file: str, **_: str) -> Response:
    """Deletes a file. Raises NotFound."""
    delete_file(call.services, call.owner, named_file(call, file).id)
    return json_response({})


def named_file(call: ApiCall, name: str) -> StoredFile:
    """Returns the caller's file, by the part of its name after ``files/``. Raises NotFound."""
    return find_file(call.services, call.owner, file_id_of_name(call.owner, name))


def file_view(request: Request, file: StoredFile) -> dict[str, Any]:
    """Returns a file as Google's clients read it."""
    name = name_of_file(file)
    uri = f"{server_address(request)}/v1beta/{name}"
    return {
        "name": name,
        "displayName": file.labels.name,
        "mimeType": file.labels.mime_type,
        "sizeBytes": str(file.size),
        "createTime": format_time(file.created),
        "updateTime": format_time(file.created),
        "expirationTime": format_time(file.expires),
        "sha256Hash": base64.b64encode(bytes.fromhex(file.sha256)).decode(),
        "uri": uri,
        "downloadUri": f"{uri}:download?alt=media",
        "state": "ACTIVE",
        "source": "GENERATED" if file.labels.purpose == GENERATED else "UPLOADED",
    }
