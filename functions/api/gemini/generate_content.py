"""generateContent and streamGenerateContent: a conversation in, pictures and words out.

Google's Python client takes lines of ``data:`` alone: a stream has no comments, names or ids of events.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from flask import Response

from ...contract.errors import Blocked
from ...contract.request import JobRequest
from ...http_edge.json_response import JSON, json_response
from ...waiting.finished_job import FinishedJob
from ...waiting.synchronous_job import SynchronousJob
from ..answered_job import answering, begin_answer, deliver_json
from ..api_call import ApiCall
from ..encoded_pictures import SplicedPictures
from ..query_string import single_value
from ..request_body import BODIES, reserve_body
from .blocks import blocked_content
from .content_answer import (
    answer_facts,
    candidate,
    content_parts,
    generated_content,
    prompt_tokens,
    usage_metadata,
)
from .content_body import GenerateContentBody, read_content_body
from .content_pictures import PartReader
from .content_request import content_request

_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def generate_content(call: ApiCall, model: str, **_: str) -> Response:
    """Answers with one candidate for each picture."""
    with reserve_body(call.request):
        body = read_content_body(call)
        with_text = body.wants_text
        job = _begin(call, body, model)
        del body  # a waiting caller keeps no pictures
    if isinstance(job, Response):
        return job
    pictures = SplicedPictures()
    try:
        with answering(job):
            finished = job.wait()
            parts = content_parts(
                call.services, finished, with_text=with_text, is_streamed=False, encode=pictures
            )
    except Blocked as error:
        return _block_response(error)
    return deliver_json(job, generated_content(finished, parts), pictures=pictures)


def stream_generate_content(call: ApiCall, model: str, **_: str) -> Response:
    """Answers with the same in pieces: the words first, then each picture.

    With ``alt=sse`` they are server-sent events, otherwise the elements of a JSON array. The stream begins
    when the job has ended, so that an error has its own HTTP status.
    """
    is_sse = single_value(call.request.args, "alt") == "sse"
    with reserve_body(call.request):
        body = read_content_body(call)
        with_text = body.wants_text
        job = _begin(call, body, model, is_streamed=True)
        del body
    if isinstance(job, Response):
        return _as_stream([job.get_json()], is_sse)
    try:
        with answering(job):
            finished = job.wait()
            parts = content_parts(call.services, finished, with_text=with_text, is_streamed=True)
    except Blocked as error:
        return _as_stream([blocked_content(error)], is_sse)
    pieces = _pieces(finished, parts)
    return job.deliver(_encoded(pieces, is_sse), mimetype=_media_type(is_sse), headers=_HEADERS)


def count_tokens(call: ApiCall, model: str, **_: str) -> Response:
    """Answers with the tokens of the conversation, as ``usageMetadata`` counts them."""
    with reserve_body(call.request):
        request = _job_request(call, read_content_body(call), model)
        text, pictures = prompt_tokens(request)
    details = [{"modality": "TEXT", "tokenCount": text}]
    details += [{"modality": "IMAGE", "tokenCount": pictures}] if pictures else []
    return json_response({"totalTokens": text + pictures, "promptTokensDetails": details})


def _begin(
    call: ApiCall, body: GenerateContentBody, model: str, *, is_streamed: bool = False
) -> SynchronousJob | Response:
    """Returns the job, or the answer to a prompt that is blocked."""
    with BODIES.place():
        request = _job_request(call, body, model)
        try:
            return begin_answer(call, request, is_streamed=is_streamed)
        except Blocked as error:
            return _block_response(error)


def _job_request(call: ApiCall, body: GenerateContentBody, model: str) -> JobRequest:
    return content_request(body, model, call.services.settings, PartReader(call.services, call.owner))


def _block_response(error: Blocked) -> Response:
    return json_response(blocked_content(error))


def _pieces(finished: FinishedJob, parts: list[list[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    facts = answer_facts(finished.record)
    everything = [(n, part, part is found[-1]) for n, found in enumerate(parts) for part in found]
    for number, (n, part, is_last) in enumerate(everything, 1):
        usage = {"usageMetadata": usage_metadata(finished.record)} if number == len(everything) else {}
        yield {"candidates": [candidate(n, [part], is_last=is_last)], **usage, **facts}


def _encoded(pieces: Iterable[dict[str, Any]], is_sse: bool) -> Iterator[bytes]:
    before = b"["
    for piece in pieces:
        text = json.dumps(piece, ensure_ascii=True).encode()
        if is_sse:
            yield b"data: " + text + b"\r\n\r\n"
        else:
            yield before + text
            before = b",\r\n"
    if not is_sse:
        yield b"]"


def _media_type(is_sse: bool) -> str:
    return "text/event-stream" if is_sse else JSON


def _as_stream(pieces: list[Any], is_sse: bool) -> Response:
    return Response(_encoded(pieces, is_sse), mimetype=_media_type(is_sse), headers=_HEADERS)
