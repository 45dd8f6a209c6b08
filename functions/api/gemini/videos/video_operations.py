"""Handlers of clips in the shape of Veo. An operation is a job: its name ends with the job's id."""

from __future__ import annotations

import json
import re
from typing import Any

from flask import Response
from pydantic import Field

from ....contract.errors import Blocked, InvalidRequest, PlantainError
from ....contract.job import JobRecord
from ....http_edge.json_response import JSON, json_response
from ....intake.strict_json import parse_model
from ....waiting.answer_size import check_encoded_size
from ....waiting.finished_job import finished_job, job_error
from ...answered_job import answering, begin_answer, deliver_json
from ...api_call import ApiCall
from ...downloads import DOWNLOADS
from ...encoded_pictures import PictureMarks
from ...request_body import BODIES, reserve_body
from ..content_body import GoogleMessage, read_google_json
from ..errors import status_of_error
from .video_body import FIELDS, VideoBody, video_request
from .video_files import read_clip_job, video_address

_GOOGLE = "type.googleapis.com/google."
_DEVELOPER_RESPONSE = f"{_GOOGLE}ai.generativelanguage.v1beta.PredictLongRunningResponse"
_VERTEX_RESPONSE = f"{_GOOGLE}cloud.aiplatform.v1.GenerateVideoResponse"
_PROGRESS = f"{_GOOGLE}protobuf.Struct"
_NAME = re.compile(r"(?:projects/[^/]+/locations/[^/]+/publishers/google/)?models/[^/]+/operations/([^/]+)\Z")
_CLIP = 0  # the result that is the clip; 1 is its poster


class OperationQuestion(GoogleMessage):
    """What ``:fetchPredictOperation`` takes."""

    operation_name: str = Field(max_length=500)


def create_video(call: ApiCall, model: str, **place: str) -> Response:
    """Begins a clip and answers with its operation, which has not ended."""
    try:
        with reserve_body(call.request):
            body = parse_model(VideoBody, read_google_json(call))
            with BODIES.place():
                job = begin_answer(call, video_request(body, model, call.services.settings), in_base64=False)
            del body
    except PlantainError as error:
        error.field = FIELDS.get(error.field or "", error.field)
        raise
    with answering(job):
        parent = _parent(**place)
        return deliver_json(job, {"name": f"{parent}models/{model}/operations/{job.record.id}"})


def show_operation(call: ApiCall, model: str, operation: str, **place: str) -> Response:
    """Shows the operation of a clip; one that has ended has the address of its clip. Raises NotFound."""
    record = read_clip_job(call, operation)
    name = f"{_parent(**place)}models/{model}/operations/{record.id}"
    ended = _end_without_clip(record, name)
    if ended is not None:
        return json_response(ended)
    clip = finished_job(call.services, record).pictures[_CLIP]
    video = {"uri": video_address(call.request, record.id), "encoding": clip.content_type}
    samples = {"generateVideoResponse": {"generatedSamples": [{"video": video}]}}
    return json_response(_done(name, {"@type": _DEVELOPER_RESPONSE, **samples}))


def fetch_operation(call: ApiCall, **_: str) -> Response:
    """Shows the operation that the body names, as Vertex AI does: the clip itself comes in the answer."""
    asked = parse_model(OperationQuestion, read_google_json(call))
    found = _NAME.match(asked.operation_name)
    if found is None:
        raise InvalidRequest("Send the name as it came from predictLongRunning.", field="operationName")
    record = read_clip_job(call, found[1])
    ended = _end_without_clip(record, asked.operation_name)
    if ended is not None:
        return json_response(ended)
    finished = finished_job(call.services, record)
    clip, marks = finished.pictures[_CLIP], PictureMarks()
    check_encoded_size(clip.bytes)
    encoded = marks(call.services, finished, _CLIP)
    videos = [{"bytesBase64Encoded": encoded, "mimeType": clip.content_type}]
    response = {"@type": _VERTEX_RESPONSE, "raiMediaFilteredCount": 0, "videos": videos}
    text = json.dumps(_done(asked.operation_name, response))
    pieces = marks.write(call.services, text)
    return DOWNLOADS.send_pieces(pieces, size=marks.length(text), mimetype=JSON)


def _end_without_clip(record: JobRecord, name: str) -> dict[str, Any] | None:
    """Returns the operation of a job that has no clip, or none yet; None for one that succeeded."""
    if not record.state.is_terminal:
        progress = {"state": record.state.value, "progress": record.progress}
        return {"name": name, "metadata": {"@type": _PROGRESS, "value": progress}}
    if record.state == "succeeded":
        return None
    error = job_error(record)
    if isinstance(error, Blocked):
        filtered = {"raiMediaFilteredCount": 1, "raiMediaFilteredReasons": [error.message]}
        if name.startswith("projects/"):
            return _done(name, {"@type": _VERTEX_RESPONSE, **filtered})
        return _done(name, {"@type": _DEVELOPER_RESPONSE, "generateVideoResponse": filtered})
    return {"name": name, "done": True, "error": status_of_error(error)}


def _done(name: str, response: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "done": True, "response": response}


def _parent(project: str = "", location: str = "") -> str:
    """Returns what stands before the model in the name of an operation; nothing outside of Vertex AI."""
    return f"projects/{project}/locations/{location}/publishers/google/" if project else ""
