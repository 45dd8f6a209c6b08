"""/v1/chat/completions for pictures, in the shape of OpenRouter: `message.images`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from flask import Response

from ...contract.errors import InvalidRequest, PlantainError
from ...contract.formats import CONTENT_TYPES
from ...contract.job import JobRecord
from ...contract.request import JobRequest
from ...intake.strict_json import parse_json_object
from ...services import Services
from ...waiting.answer_size import check_encoded_size
from ...waiting.finished_job import FinishedJob
from ...waiting.picture_description import describe_picture
from ..answered_job import answering, begin_answer
from ..api_call import ApiCall
from ..encoded_pictures import PictureEncoder, SplicedPictures, encoded_picture
from ..request_body import BODIES, MAX_BODY, read_body, reserve_body
from .conversation import read_conversation
from .errors import error_body, unknown_parameter
from .event_stream import deliver_events, event
from .image_answer import created, deliver_answer, total_bytes, usage
from .image_fields import EXTRAS, ImageFields, read_image_fields
from .image_job import edit_request, generation_request
from .picture_sources import PICTURE_BOUNDS, PictureReader

_DONE = b"data: [DONE]\n\n"
_TAKEN = ("model", "n", "size", "background", "output_format", "output_compression", "quality", *EXTRAS)
"""The fields of images that say what a picture is like."""
_IMAGE_CONFIG = {"aspect_ratio": "aspect_ratio", "image_size": "size"}


def complete_chat(call: ApiCall, deployment: str | None = None) -> Response:
    """Answers a conversation with pictures: one choice for each."""
    with reserve_body(call.request):
        given = parse_json_object(read_body(call.request, MAX_BODY), PICTURE_BOUNDS)
        fields, request = read_chat(PictureReader(call.services, call.owner), given, deployment)
        del given
        with BODIES.place():
            job = begin_answer(call, request, is_streamed=fields.stream)
        del request
    answer = ChatAnswer(call.services, fields)
    if fields.stream:
        return deliver_events(
            job,
            partial_images=0,
            opening=answer.opening,
            partial=_no_partial,
            completed=answer.events,
            failed=answer.failure,
        )
    with answering(job):
        finished = job.wait()
        check_encoded_size(total_bytes(finished))
        pictures = SplicedPictures()
        return deliver_answer(job, ChatAnswer(call.services, fields, pictures).body(finished), pictures)


def read_chat(
    reader: PictureReader, given: Mapping[str, Any], deployment: str | None = None
) -> tuple[ImageFields, JobRequest]:
    """Returns what a body asks for, without what is for models that write (`temperature`, `tools` …)."""
    messages, modalities = given.get("messages"), given.get("modalities")
    if not isinstance(messages, list):
        raise InvalidRequest("Give the conversation as a list of messages.", field="messages")
    if isinstance(modalities, list) and "image" not in modalities:
        raise InvalidRequest('This server answers with pictures: ask for "image".', field="modalities")
    asked = read_conversation(messages, "messages")
    named = {name: given[name] for name in _TAKEN if name in given} | _image_config(given)
    fields = read_image_fields({**named, "prompt": asked.prompt, "stream": given.get("stream")}, deployment)
    if not asked.pictures:
        return fields, generation_request(fields, reader.services.settings)
    pictures = tuple(reader.read_picture(picture, "messages") for picture in asked.pictures)
    return fields, edit_request(fields, reader.services.settings, pictures)


def _image_config(given: Mapping[str, Any]) -> dict[str, object]:
    """Returns OpenRouter's `image_config`: `aspect_ratio`, and `image_size` such as `2K`.

    Raises InvalidRequest for another field, and for one that stands beside it under its own name.
    """
    config = given.get("image_config")
    if config is None:
        return {}
    if not isinstance(config, dict):
        raise InvalidRequest("It is an object.", field="image_config")
    found: dict[str, object] = {}
    for name, value in cast(dict[str, object], config).items():
        if name not in _IMAGE_CONFIG:
            raise unknown_parameter(f"image_config.{name}")
        field = _IMAGE_CONFIG[name]
        if value is not None:
            if given.get(field) is not None:
                raise InvalidRequest(f"It is given twice: as {field} too.", field=f"image_config.{name}")
            found[field] = value
    return found


def _no_partial(record: JobRecord, preview: str, n: int) -> Iterator[bytes]:
    """Yields nothing: chunks of a completion have no place for previews."""
    del record, preview, n
    return iter(())


class ChatAnswer:
    """The answer of one job, as a completion and as its chunks. ``encode`` writes a picture in base64."""

    def __init__(
        self, services: Services, fields: ImageFields, encode: PictureEncoder = encoded_picture
    ) -> None:
        self._services, self._fields, self._encode = services, fields, encode

    def body(self, finished: FinishedJob) -> dict[str, Any]:
        """Returns the completion with all pictures. Raises ExpiredResult."""
        choices = [
            {
                "index": n,
                "message": {"role": "assistant", **self._content(finished, n)},
                "finish_reason": "stop",
                "logprobs": None,
            }
            for n in range(len(finished.pictures))
        ]
        head = self._head(finished.record, "chat.completion")
        return {**head, "choices": choices, "usage": _chat_usage(finished.record)}

    def opening(self, record: JobRecord) -> Iterator[bytes]:
        yield self._chunk(record, 0, {"role": "assistant", "content": ""})

    def events(self, finished: FinishedJob) -> Iterator[bytes]:
        check_encoded_size(total_bytes(finished), is_streamed=True)
        for n in range(len(finished.pictures)):
            yield self._chunk(finished.record, n, {"role": "assistant", **self._content(finished, n)})
            yield self._chunk(finished.record, n, {}, "stop")
        head = self._head(finished.record, "chat.completion.chunk")
        yield event(None, {**head, "choices": [], "usage": _chat_usage(finished.record)})
        yield _DONE

    def failure(self, error: PlantainError) -> Iterator[bytes]:
        yield event(None, {"error": error_body(error)})

    def _content(self, finished: FinishedJob, n: int) -> dict[str, Any]:
        """Returns picture ``n``, and what was understood and corrected, in words."""
        described = describe_picture(finished, finished.pictures[n])
        return {"content": described, "images": self._images(finished, n)}

    def _images(self, finished: FinishedJob, n: int) -> list[dict[str, Any]]:
        content_type = CONTENT_TYPES[finished.record.request.format]
        url = f"data:{content_type};base64,{self._encode(self._services, finished, n)}"
        return [{"type": "image_url", "index": 0, "image_url": {"url": url}}]

    def _chunk(self, record: JobRecord, n: int, delta: dict[str, Any], reason: str | None = None) -> bytes:
        choice = {"index": n, "delta": delta, "finish_reason": reason, "logprobs": None}
        return event(None, {**self._head(record, "chat.completion.chunk"), "choices": [choice]})

    def _head(self, record: JobRecord, kind: str) -> dict[str, Any]:
        model = self._fields.model or record.model
        return {"id": f"chatcmpl-{record.id}", "object": kind, "created": created(record), "model": model}


def _chat_usage(record: JobRecord) -> dict[str, int]:
    counts = usage(record)
    return {
        "prompt_tokens": counts["input_tokens"],
        "completion_tokens": counts["output_tokens"],
        "total_tokens": counts["total_tokens"],
    }
