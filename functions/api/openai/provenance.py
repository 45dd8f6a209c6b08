"""/v1/content_provenance_checks: the task `verify`, in OpenAI's words.

OpenAI names two signals. `c2pa` is a picture's content credentials. `synthid` is an invisible watermark: here
it stands for the watermark of this deployment.
"""

from __future__ import annotations

from time import time
from typing import Any

from flask import Response

from ...contract.errors import InvalidRequest, NotFound
from ...contract.request import JobRequest
from ...contract.timestamps import format_time
from ...contract.verification import CredentialsSeen, VerificationFacts
from ...intake.strict_json import parse_model
from ..answered_job import answering, begin_answer
from ..api_call import ApiCall
from ..form_data import read_form
from ..pictures import picture_from_bytes
from ..request_body import BODIES, MAX_BODY, reserve_body
from .errors import unknown_parameter, wrong_kind_of_part
from .image_answer import deliver_answer


def check_provenance(call: ApiCall) -> Response:
    """Answers what the picture of a form says of its origin. Raises InvalidRequest without one."""
    with reserve_body(call.request):
        request = _read_check(call)
        with BODIES.place():
            job = begin_answer(call, request)
        del request
    with answering(job):
        found = job.wait().manifest.verification
        if found is None:
            raise NotFound("The picture was looked at, and nothing was noted.")
        return deliver_answer(job, provenance_answer(found, _model_of(call, found)))


def _read_check(call: ApiCall) -> JobRequest:
    form = read_form(call.request, MAX_BODY)
    if "file" in form.fields:
        raise wrong_kind_of_part("file", is_file=False)
    for name in (*form.fields, *(file.name for file in form.files)):
        if name != "file":
            raise unknown_parameter(name)
    if len(form.files) != 1:
        raise InvalidRequest("Send one picture as file.", field="file")
    picture = picture_from_bytes(form.files[0].data, "file")
    return parse_model(JobRequest, {"task": "verify", "images": (picture,)})


def _model_of(call: ApiCall, found: VerificationFacts) -> str | None:
    """Returns the model that made the picture, if the caller's own job did."""
    if found.job_id is None:
        return None
    try:
        return call.record(found.job_id).model
    except NotFound:
        return None


def provenance_answer(found: VerificationFacts, model: str | None) -> dict[str, Any]:
    """Returns the body of the answer. ``model`` made the picture, where that is known."""
    made = format_time(found.made) if found.made else None
    seen = found.credentials
    credentials = {
        "type": "c2pa",
        "outcome": _outcome(seen.present),
        "validation_state": _validation_state(seen),
        "issuer": seen.issuer,
        "generated_at": format_time(seen.signed_at) if seen.signed_at else None,
        "model": model if seen.present else None,
    }
    is_marked = found.payload is not None and found.ours
    watermark = {
        "type": "synthid",
        "outcome": _outcome(is_marked),
        "generated_at": made if is_marked else None,
        "model": model if is_marked else None,
    }
    return {
        "object": "content_provenance_check",
        "created_at": int(time()),
        "results": [credentials, watermark],
    }


def _outcome(is_there: bool) -> str:
    return "detected" if is_there else "not_detected"


def _validation_state(seen: CredentialsSeen) -> str:
    if not seen.present:
        return "not_present"
    if not seen.signature_valid or seen.altered:
        return "invalid"
    return "trusted" if seen.trusted else "valid"
