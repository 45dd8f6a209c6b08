"""``/v1beta/interactions``: creates, streams, shows, cancels and deletes interactions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from functools import wraps
from itertools import chain
from typing import Any

from flask import Response

from ....contract.errors import (
    UNREADABLE,
    AnswerTooLarge,
    Deleted,
    IllegalTransition,
    InvalidRequest,
    NotFound,
    NotReadyInTime,
    PlantainError,
    StillWaiting,
)
from ....contract.ids import owner_hash
from ....contract.job import JobRecord
from ....contract.states import State
from ....deletion.job_deletion import delete_job
from ....http_edge.json_response import json_response
from ....lifecycle.cancellation import cancel_job
from ....waiting.finished_job import FinishedJob, finished_job, job_error
from ....waiting.job_updates import follow_job
from ....waiting.synchronous_job import SynchronousJob
from ....waiting.wait_hints import read_wait_hints
from ...answered_job import answering, begin_answer, deliver_json
from ...api_call import ApiCall, Handler
from ...encoded_pictures import SplicedPictures
from ...query_string import single_value
from ...request_body import BODIES, reserve_body
from ..errors import error_body, error_response
from .interaction_request import InteractionRequest, read_interaction_request
from .interaction_stream import EVENT_STREAM, HEADERS, InteractionEvents, read_last_event
from .interaction_view import interaction_body, is_interaction, job_id_of, output_contents

_FIELDS = {
    "aspect_ratio": "response_format.aspect_ratio",
    "size": "response_format.image_size",
    "mimeType": "response_format.mime_type",
    "seed": "generation_config.seed",
    "prompt": "input",
    "contents": "input",
    "images": "input",
}
"""The fields of a job and of a conversation, as interactions name them."""


def in_words_of_interactions(handler: Handler) -> Handler:
    """Returns a handler whose errors have a code in words: clients of interactions expect a text there."""

    @wraps(handler)
    def handle(call: ApiCall, **arguments: str) -> Response:
        try:
            return handler(call, **arguments)
        except PlantainError as error:
            response = error_response(error)
            body = error_body(error)
            response.set_data(json.dumps({"error": {**body, "code": body["status"].lower()}}))
            return response

    return handle


def create_interaction(call: ApiCall, **_: str) -> Response:
    """Answers with the ended interaction, with its stream or, in the background, with the interaction as it
    is.
    """
    try:
        asked, job = _begin(call)
    except PlantainError as error:
        error.field = _FIELDS.get(error.field or "", error.field)
        raise
    if asked.stream:
        return _stream_new(call, asked, job)
    with answering(job):
        if asked.background and not job.record.state.is_terminal:
            return deliver_json(job, interaction_body(job.record, previous=asked.previous))
        finished = job.wait()
        pictures = SplicedPictures()
        contents = output_contents(
            call.services, finished, with_text=asked.with_text, by_uri=asked.by_uri, encode=pictures
        )
        body = interaction_body(finished.record, contents, previous=asked.previous)
        return deliver_json(job, body, pictures=pictures)


def _begin(call: ApiCall) -> tuple[InteractionRequest, SynchronousJob]:
    with reserve_body(call.request):
        asked = read_interaction_request(call)
        waits_for_pictures = not asked.by_uri and not asked.background
        with BODIES.place():
            job = begin_answer(call, asked.job, in_base64=waits_for_pictures, is_streamed=asked.stream)
        return asked, job


def _stream_new(call: ApiCall, asked: InteractionRequest, job: SynchronousJob) -> Response:
    with answering(job):
        updates = job.updates()
        first = next(updates)
    events = InteractionEvents(
        call.services,
        with_text=asked.with_text,
        by_uri=asked.by_uri,
        with_previews=asked.with_previews,
    )

    def finish(_: JobRecord) -> FinishedJob:
        try:
            return job.finish()
        except StillWaiting:
            job.close()  # no answer: the repeat of the request finds the job
            raise

    body = events.follow(job.record, chain((first,), updates), finish)
    return job.deliver(body, mimetype=EVENT_STREAM, headers=HEADERS)


def show_interaction(call: ApiCall, interaction: str, **_: str) -> Response:
    """Shows an interaction as it is now or, with ``stream=true``, streams it from after ``last_event_id``."""
    record = _own_record(call, interaction)
    if single_value(call.request.args, "stream") == "true":
        return _stream_kept(call, record)
    with_input = single_value(call.request.args, "include_input") == "true"
    return json_response(_body_now(call, record, with_input=with_input))


def _stream_kept(call: ApiCall, record: JobRecord) -> Response:
    events = InteractionEvents(
        call.services, after=read_last_event(single_value(call.request.args, "last_event_id"))
    )
    until = call.arrived + read_wait_hints(call.request.headers).seconds
    updates = follow_job(call.services, record, until, call.is_abandoned)
    first = next(updates)

    def finish(last: JobRecord) -> FinishedJob:
        if not last.state.is_terminal:
            raise NotReadyInTime(job_id=last.id)
        return finished_job(call.services, last)

    body: Iterator[bytes] = events.follow(record, chain((first,), updates), finish)
    return Response(body, mimetype=EVENT_STREAM, headers=HEADERS)


def _body_now(call: ApiCall, record: JobRecord, *, with_input: bool = False) -> dict[str, Any]:
    if record.state is State.SUCCEEDED:
        return interaction_body(record, _kept_contents(call, record), with_input=with_input)
    error = job_error(record) if record.state.is_terminal and record.state is not State.CANCELED else None
    return interaction_body(record, error=error, with_input=with_input)


def _kept_contents(call: ApiCall, record: JobRecord) -> list[dict[str, Any]]:
    """Returns what the job has made: as addresses where it does not fit an answer. Raises ExpiredResult."""
    finished = finished_job(call.services, record)
    try:
        return output_contents(call.services, finished, with_text=True, by_uri=False)
    except AnswerTooLarge:
        return output_contents(call.services, finished, with_text=True, by_uri=True)


def cancel_interaction(call: ApiCall, interaction: str, **_: str) -> Response:
    """Cancels an interaction and shows it. Raises InvalidRequest for one that has ended otherwise."""
    record = _own_record(call, interaction)
    try:
        return json_response(_body_now(call, cancel_job(call.services, record.id)))
    except IllegalTransition as error:  # 409 would be tried again by the clients
        raise InvalidRequest(error.message, field="id") from None


def delete_interaction(call: ApiCall, interaction: str, **_: str) -> Response:
    """Deletes an ended interaction with its pictures. Raises InvalidRequest for one that has not ended."""
    with suppress(Deleted, *UNREADABLE):  # a repeated call is no error
        _own_record(call, interaction)
    try:
        delete_job(call.services, job_id_of(interaction), owner_hash(call.owner))
    except IllegalTransition as error:
        raise InvalidRequest(error.message, field="id") from None
    return json_response({})


def _own_record(call: ApiCall, interaction: str) -> JobRecord:
    record = call.record(job_id_of(interaction))
    if not is_interaction(record):
        raise NotFound("There is no such interaction.")
    return record
