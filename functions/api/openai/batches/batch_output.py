"""The files of a batch that has ended, composed from its jobs while they are read: none is stored.

A reader takes the memory of a few pieces of a picture, whatever the batch has drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from ....contract.batch import BatchRecord
from ....contract.document import now
from ....contract.errors import NotFound, PlantainError
from ....contract.states import State
from ....lifecycle.stored_results import results_kept_until
from ....services import Services
from ...batch_access import read_batch_of_dialect
from ...batch_results import LineQuery, find_results
from ..file_ids import OutputFile, OutputKind
from .batch_answer import error_line, refused_line, write_answer
from .batch_lines import facts_of_batch

DIALECT = "openai"
_NO_FILE = "There is no such file: it may have expired."


def read_batch_of_file(services: Services, owner: str, file: OutputFile) -> BatchRecord:
    """Returns the caller's batch whose file this is. Raises NotFound, also for a file that has expired."""
    try:
        record = read_batch_of_dialect(services, owner, file.batch_id, DIALECT)
    except NotFound:
        raise NotFound(_NO_FILE) from None
    until = output_kept_until(record)
    if output_file(record, file.kind) is None or (until is not None and until <= now()):
        raise NotFound(_NO_FILE)
    return record


def output_file(record: BatchRecord, kind: OutputKind) -> OutputFile | None:
    """Returns the batch's file of this kind; None while it runs, and where no line belongs into it."""
    lines = sum(n for state, n in record.counts.items() if _is_in(state, kind))
    return OutputFile(record.id, kind) if record.state.is_terminal and lines else None


def output_kept_until(record: BatchRecord) -> datetime | None:
    """Returns when the batch's files expire, if the request that created it said so."""
    seconds = facts_of_batch(record).output_seconds
    return None if seconds is None else (record.ended or record.updated) + timedelta(seconds=seconds)


def output_view(services: Services, record: BatchRecord, file: OutputFile) -> dict[str, Any]:
    """Returns the file as OpenAI's clients read it. Its size is not known before it is read."""
    ended = record.ended or record.updated
    until = output_kept_until(record) or results_kept_until(services.settings, ended)
    return {
        "id": file.id,
        "object": "file",
        "bytes": 0,
        "created_at": int(ended.timestamp()),
        "expires_at": int(until.timestamp()) if until else None,
        "filename": f"{record.id}_{file.kind}.jsonl",
        "purpose": "batch_output",
        "status": "processed",
    }


def write_output(
    services: Services, record: BatchRecord, kind: OutputKind, wanted: LineQuery
) -> Iterator[bytes]:
    """Yields what the file has of the lines wanted, in pieces. Raises Transient, which breaks it off."""
    items = (item for item in wanted.ended_items(services, record.id) if _is_in(item.state, kind))
    if kind is OutputKind.ERRORS:
        yield from (error_line(record, item) for item in items)
        return
    for item, job in find_results(services, items):
        if isinstance(job, PlantainError):
            yield refused_line(record, item, job)
        else:
            yield from write_answer(services, record, item, job)


def _is_in(state: str, kind: OutputKind) -> bool:
    return (state == State.SUCCEEDED) == (kind is OutputKind.OUTPUT)
