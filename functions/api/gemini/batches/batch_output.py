"""The answers of a batch, composed from its jobs while they are read: in the operation, or as a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ....contract.batch import BatchItem, BatchRecord
from ....contract.errors import Blocked, NotFound, PlantainError
from ....contract.states import State
from ....contract.storage.batch_items import BatchItems
from ....contract.timestamps import format_time
from ....lifecycle.stored_results import results_kept_until
from ....services import Services
from ....waiting.answer_size import MOST_BYTES
from ....waiting.finished_job import FinishedJob
from ...batch_access import read_batch_of_dialect
from ...batch_results import LineQuery, find_results
from ...encoded_pictures import PictureEncoder, PictureMarks
from ..blocks import blocked_content
from ..content_answer import encode_parts, generated_content
from ..errors import status_of_error
from ..files.file_names import name_of_output
from .batch_lines import DIALECT, facts_of_batch

MOST_INLINE = 100  # lines with pictures in one answer; more of them are a file
_MARGIN = 2**20  # bytes of an answer for what is not its results


def read_batch_of_output(services: Services, owner: str, batch_id: str) -> BatchRecord:
    """Returns the owner's batch whose answers are a file. Raises NotFound, also while it runs."""
    record = read_batch_of_dialect(services, owner, batch_id, DIALECT)
    if not has_results(record):
        raise NotFound("There is no such file: the batch has no answers yet.")
    return record


def has_results(record: BatchRecord) -> bool:
    """Returns True for a batch that has ended and has lines."""
    return record.state.is_terminal and bool(record.counts)


def output_view(services: Services, record: BatchRecord, server: str) -> dict[str, Any]:
    """Returns the file as Google's clients read it. Its size is not known before it is read."""
    name, ended = name_of_output(record.id), record.ended or record.updated
    until = results_kept_until(services.settings, ended)
    uri = f"{server}/v1beta/{name}"
    return {
        "name": name,
        "displayName": facts_of_batch(record).display_name,
        "mimeType": "application/jsonl",
        "createTime": format_time(ended),
        "updateTime": format_time(ended),
        **({"expirationTime": format_time(until)} if until else {}),
        "uri": uri,
        "downloadUri": f"{uri}:download?alt=media",
        "state": "ACTIVE",
        "source": "GENERATED",
    }


def write_output(services: Services, record: BatchRecord, wanted: LineQuery) -> Iterator[bytes]:
    """Yields what the file has of the lines wanted, in pieces. Raises Transient, which breaks it off."""
    for item, job in find_results(services, wanted.ended_items(services, record.id)):
        marks = PictureMarks()
        line = {**item.echo, **answer_of_line(services, item, job, marks)}
        line.pop("text", None)
        yield from marks.write(services, json.dumps(line) + "\n")


def inline_results(
    services: Services, record: BatchRecord, marks: PictureMarks, copies: int
) -> list[dict[str, Any]] | None:
    """Returns the answers of a batch whose requests came in the body, with ``marks`` for pictures; None for
    more than one answer holds in so many ``copies``, and for a batch that came as a file.
    """
    if not facts_of_batch(record).is_inline or record.counts.get(State.SUCCEEDED, 0) > MOST_INLINE:
        return None
    results: list[dict[str, Any]] = []
    length = 0
    for item, job in find_results(services, BatchItems(services.jobs, record.id).ended()):
        result = answer_of_line(services, item, job, marks)
        if "metadata" in item.echo:
            result["metadata"] = item.echo["metadata"]
        results.append(result)
        length += marks.length(json.dumps(result))
        if copies * length > MOST_BYTES - _MARGIN:
            return None
    return results


def answer_of_line(
    services: Services, item: BatchItem, job: FinishedJob | PlantainError, encode: PictureEncoder
) -> dict[str, Any]:
    """Returns the line's answer, or why it has none. A block is an answer, as in generateContent."""
    if isinstance(job, Blocked):
        return {"response": blocked_content(job)}
    if isinstance(job, PlantainError):
        return {"error": status_of_error(job)}
    parts = encode_parts(services, job, encode, with_text=item.echo.get("text", True))
    return {"response": generated_content(job, parts)}
