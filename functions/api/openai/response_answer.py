"""A job as a response of OpenAI's interface."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...contract.job import JobRecord
from ...services import Services
from ...waiting.finished_job import FinishedJob
from ...waiting.picture_description import describe_picture
from ..encoded_pictures import PictureEncoder, encoded_picture
from .image_answer import created, picture_facts, revised_prompt, usage
from .image_fields import ImageFields


@dataclass(frozen=True)
class ResponseEcho:
    """What a response repeats of its request."""

    model: str | None
    tools: list[Any]
    previous_response_id: str | None


def response_id(record: JobRecord) -> str:
    """Returns the id of the job's response, which ``previous_response_id`` names later."""
    return record.id.replace("job_", "resp_", 1)


def call_id(record: JobRecord, n: int) -> str:
    """Returns the id of the call that made picture ``n``."""
    return f"{record.id.replace('job_', 'ig_', 1)}-{n}"


def response_body(
    record: JobRecord,
    status: str,
    echo: ResponseEcho,
    output: list[dict[str, Any]] | None = None,
    error: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Returns the response, with ``output`` once it is completed."""
    return {
        "id": response_id(record),
        "object": "response",
        "created_at": created(record),
        "status": status,
        "model": echo.model or record.model,
        "output": output or [],
        "tools": echo.tools,
        "tool_choice": "auto",
        "parallel_tool_calls": False,
        "previous_response_id": echo.previous_response_id,
        "error": error,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "usage": _response_usage(record) if output else None,
    }


def finished_response(
    services: Services,
    finished: FinishedJob,
    fields: ImageFields,
    echo: ResponseEcho,
    encode: PictureEncoder = encoded_picture,
) -> dict[str, Any]:
    """Returns the response with its pictures, which ``encode`` writes in base64, and a message about them
    where there is something to say. Raises ExpiredResult.
    """
    output = [_image_call(services, finished, n, fields, encode) for n in range(len(finished.pictures))]
    described = dict.fromkeys(describe_picture(finished, facts) for facts in finished.pictures)
    text = "\n".join(filter(None, described))
    message = [output_message(finished.record, "completed", text)] if text else []
    return response_body(finished.record, "completed", echo, [*output, *message])


def output_message(record: JobRecord, status: str, text: str | None = None) -> dict[str, Any]:
    """Returns the message about the pictures of a job; without a ``text`` as a stream begins it."""
    return {
        "id": record.id.replace("job_", "msg_", 1),
        "type": "message",
        "role": "assistant",
        "status": status,
        "content": [] if text is None else [output_text(text)],
    }


def output_text(text: str) -> dict[str, Any]:
    """Returns words as a part of a message."""
    return {"type": "output_text", "text": text, "annotations": []}


def _image_call(
    services: Services,
    finished: FinishedJob,
    n: int,
    fields: ImageFields,
    encode: PictureEncoder,
) -> dict[str, Any]:
    """Returns picture ``n`` as the output of a call of the tool. Raises ExpiredResult."""
    record = finished.record
    return {
        "id": call_id(record, n),
        "type": "image_generation_call",
        "status": "completed",
        "action": record.request.task,
        "result": encode(services, finished, n),
        **revised_prompt(finished, finished.pictures[n]),
        **picture_facts(record, fields),
    }


def _response_usage(record: JobRecord) -> dict[str, Any]:
    counts = usage(record)
    return {
        "input_tokens": counts["input_tokens"],
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": counts["output_tokens"],
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": counts["total_tokens"],
    }
