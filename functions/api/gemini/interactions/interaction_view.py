"""A job as an interaction of Google's interface. All names are in snake_case there."""

from __future__ import annotations

import re
from typing import Any

from ....contract.errors import NotFound, PlantainError
from ....contract.job import JobRecord
from ....contract.states import State
from ....contract.timestamps import format_time
from ....services import Services
from ....waiting.answer_size import check_encoded_size
from ....waiting.finished_job import FinishedJob
from ....waiting.picture_description import describe_picture
from ...encoded_pictures import PictureEncoder, encoded_picture
from ..content_answer import NO_WORDS, usage_metadata
from ..errors import error_body

_ID = re.compile(r"v1_([a-z2-7]{26})\Z")
_TASKS = ("generate", "edit")
_STATUSES = {State.SUCCEEDED: "completed", State.CANCELED: "cancelled"}


def interaction_id(record: JobRecord) -> str:
    """Returns the id of the job's interaction."""
    return record.id.replace("job_", "v1_", 1)


def job_id_of(interaction: str) -> str:
    """Returns the id of the interaction's job. Raises NotFound for a text that is no such id."""
    found = _ID.match(interaction)
    if not found:
        raise NotFound("There is no such interaction.")
    return f"job_{found[1]}"


def is_interaction(record: JobRecord) -> bool:
    """Returns True for a job that an interaction can be."""
    return record.request.task in _TASKS


def status_of(record: JobRecord) -> str:
    """Returns the state of the job in the words of interactions."""
    if not record.state.is_terminal:
        return "in_progress"
    return _STATUSES.get(record.state, "failed")


def created_head(record: JobRecord) -> dict[str, Any]:
    """Returns what an interaction says of the job when it has just begun."""
    return {
        "id": interaction_id(record),
        "object": "interaction",
        "model": record.model,
        "status": "in_progress",
        "created": format_time(record.created),
        "updated": format_time(record.created),
    }


def interaction_head(record: JobRecord) -> dict[str, Any]:
    """Returns what an interaction, and the events of its stream, say of the job beside its steps."""
    now = {"status": status_of(record), "updated": format_time(record.updated)}
    usage = {"usage": interaction_usage(record)} if record.state is State.SUCCEEDED else {}
    return {**created_head(record), **now, **usage}


def interaction_body(
    record: JobRecord,
    contents: list[dict[str, Any]] | None = None,
    *,
    previous: str | None = None,
    error: PlantainError | None = None,
    with_input: bool = False,
) -> dict[str, Any]:
    """Returns the interaction: with ``contents`` once it is completed, or the ``error`` that ended it."""
    body = interaction_head(record)
    body["steps"] = [{"type": "model_output", "content": contents}] if contents else []
    if record.request.labels:
        body["labels"] = dict(record.request.labels)
    if previous:
        body["previous_interaction_id"] = previous
    if error is not None:
        body["errors"] = [interaction_error(error)]
    if with_input:
        text = {"type": "text", "text": record.request.wanted}
        body["input"] = [{"type": "user_input", "content": [text]}]
    return body


def interaction_error(error: PlantainError) -> dict[str, str]:
    """Returns an error as interactions have it: a code in words, and a message."""
    facts = error_body(error)
    return {"code": facts["status"].lower(), "message": facts["message"]}


def output_contents(
    services: Services,
    finished: FinishedJob,
    *,
    with_text: bool,
    by_uri: bool,
    is_streamed: bool = False,
    encode: PictureEncoder = encoded_picture,
) -> list[dict[str, Any]]:
    """Returns what the job has made: words, and each picture in base64 or, ``by_uri``, as an address that
    works for a quarter of an hour.

    Raises AnswerTooLarge for pictures that do not fit, and ExpiredResult.
    """
    if not by_uri:
        check_encoded_size(sum(facts.bytes for facts in finished.pictures), is_streamed=is_streamed)
    text = [
        {"type": "text", "text": describe_picture(finished, facts) or NO_WORDS}
        for facts in finished.pictures[:1]
    ]

    def picture(n: int) -> dict[str, str]:
        if not by_uri:
            return {"data": encode(services, finished, n)}
        return {"uri": services.sign_url(services.settings.results_bucket, finished.pictures[n].name, "GET")}

    pictures = [
        {"type": "image", "mime_type": facts.content_type, **picture(n)}
        for n, facts in enumerate(finished.pictures)
    ]
    return [*(text if with_text else []), *pictures]


def interaction_usage(record: JobRecord) -> dict[str, Any]:
    """Returns the counts of ``usage_metadata`` in the words of interactions."""
    counts = usage_metadata(record)
    return {
        "total_input_tokens": counts["promptTokenCount"],
        "total_output_tokens": counts["candidatesTokenCount"],
        "total_tokens": counts["totalTokenCount"],
        "input_tokens_by_modality": _by_modality(counts["promptTokensDetails"]),
        "output_tokens_by_modality": _by_modality(counts["candidatesTokensDetails"]),
    }


def _by_modality(details: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"modality": each["modality"].lower(), "tokens": each["tokenCount"]} for each in details]
