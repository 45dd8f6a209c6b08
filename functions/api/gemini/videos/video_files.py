"""The file of a clip, as Google's clients name it and download it: ``files/clip…``, from the job's id."""

from __future__ import annotations

import base64
from typing import Any

from flask import Request, Response

from ....contract.errors import NotFound
from ....contract.job import JobRecord
from ....contract.timestamps import format_time
from ....waiting.finished_job import FinishedJob, finished_job
from ...api_call import ApiCall
from ...downloads import DOWNLOADS, PIECE
from ..files.file_names import name_of_video
from ..files.server_address import server_address


def video_address(request: Request, job_id: str) -> str:
    """Returns the address of the clip's file; on a server without TLS its name, ``files/clip…``.

    Google's package downloads a clip by an address with https, or else by a name.
    """
    name = name_of_video(job_id)
    address = server_address(request)
    return f"{address}/v1beta/{name}:download?alt=media" if address.startswith("https:") else name


def read_clip_job(call: ApiCall, job_id: str) -> JobRecord:
    """Returns the caller's job, if it makes a clip. Raises NotFound."""
    record = call.record(job_id)
    if record.request.task != "animate":
        raise NotFound("There is no such clip.")
    return record


def video_view(call: ApiCall, job_id: str) -> dict[str, Any]:
    """Returns a clip's file as Google's clients read it. Raises NotFound, and the job's own error."""
    finished = _finished_clip(call, job_id)
    facts, made = finished.pictures[0], format_time(finished.manifest.ended)
    name = name_of_video(job_id)
    uri = f"{server_address(call.request)}/v1beta/{name}"
    return {
        "name": name,
        "displayName": facts.name.rpartition("/")[2],
        "mimeType": facts.content_type,
        "sizeBytes": str(facts.bytes),
        "createTime": made,
        "updateTime": made,
        "sha256Hash": base64.b64encode(bytes.fromhex(facts.sha256)).decode(),
        "uri": uri,
        "downloadUri": f"{uri}:download?alt=media",
        "state": "ACTIVE",
        "source": "GENERATED",
    }


def send_video(call: ApiCall, job_id: str) -> Response:
    """Answers with the clip's file, piece by piece. Raises NotFound, and the job's own error."""
    facts = _finished_clip(call, job_id).pictures[0]
    pieces = call.services.results.read_pieces(facts.name, None, facts.bytes, PIECE)
    return DOWNLOADS.send_pieces(pieces, size=facts.bytes)


def _finished_clip(call: ApiCall, job_id: str) -> FinishedJob:
    return finished_job(call.services, read_clip_job(call, job_id))
