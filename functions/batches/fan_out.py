"""Turns lines into jobs, one part of the file at a time. The next part repeats what an interrupted one did
not finish.

A part ends after ``PART_SECONDS``, well within a function's time, and writes its position into the record.
That write triggers the next part. Every line is admitted like a request of the API.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from itertools import islice
from time import monotonic

from ..contract import ids
from ..contract.batch import BatchItem, BatchRecord, BatchState, LineFault
from ..contract.document import now
from ..contract.errors import (
    InvalidRequest,
    NotFound,
    PlantainError,
    ScreeningRefused,
    StorageRefused,
    Superseded,
    Transient,
)
from ..contract.job import JobRecord
from ..contract.object_names import parse_uri
from ..contract.states import State
from ..contract.storage.batch_items import BatchItems
from ..contract.storage.batch_store import StoredBatch
from ..contract.storage.missing_object import missing_object_error
from ..contract.telemetry.log import log
from ..intake.admission import admit_job
from ..services import Services
from .line_formats import LineFormat, LineFormats, format_of_batch
from .request_lines import RequestLine, check_size, iter_requests

PART_SECONDS = 20.0
_CHUNK = 16  # lines between two looks at the clock: one may take the 10 seconds of a classifier
_HANDS = 8
# For a line that cannot be admitted now. What a classifier never answers for would hold up all that follow.
_PATIENCE = timedelta(days=1)


@dataclass(frozen=True)
class _FilePart:
    """The values that one call needs for each of its lines."""

    services: Services
    record: BatchRecord
    lines: LineFormat
    items: BatchItems
    ended: frozenset[int]  # lines that had ended when the part began

    def is_left(self, line: RequestLine) -> bool:
        return line.line > self.record.line and line.line not in self.ended


def admit_next_part(
    services: Services, stored: StoredBatch, formats: LineFormats, seconds: float = PART_SECONDS
) -> BatchRecord | None:
    """Admits lines for ``seconds`` or to the end of the file. Returns the record with the new position, or
    with the faults for which the file is refused.

    The caller has entered the batch's marker, so no cancel ends the batch before the caller leaves it.
    Returns None when another process has written the record meanwhile: it goes on from there, and the jobs
    admitted here stand.

    Raises:
        InvalidRequest, Superseded, RequestTooLarge: the file is not valid, or is gone.
        Transient, StorageRefused, ScreeningRefused: the part must be repeated; no line is admitted twice.
    """
    record, ends = stored.record, monotonic() + seconds
    lines = format_of_batch(formats, record)
    data = _read_file(services, record)
    last = record.lines
    if last is None:
        checked = lines.check_file(record, data)
        if checked.faults:
            return record.changed(faults=checked.faults, error=_error_of_faults(checked.faults).facts())
        last = checked.last
    part = _prepare_part(services, record, lines)
    left = filter(part.is_left, iter_requests(data, lines.parse_line))
    with ThreadPoolExecutor(_HANDS, "batch") as hands:
        while chunk := list(islice(left, _CHUNK)):
            if not services.batch_store.is_at(record.id, stored.generation):
                return None
            _admit_all(part, chunk, hands)
            if monotonic() > ends and chunk[-1].line < last:
                return record.changed(line=chunk[-1].line, lines=last)
    return record.changed(line=last, lines=last, state=BatchState.RUNNING)


def _error_of_faults(faults: tuple[LineFault, ...]) -> InvalidRequest:
    where = f"Line {faults[0].line}: " if faults[0].line else ""
    return InvalidRequest(f"{where}{faults[0].message}", field=faults[0].field)


def _read_file(services: Services, record: BatchRecord) -> bytes:
    name = parse_uri(record.source)
    objects = services.open_bucket(name.bucket)
    try:
        check_size(objects.stat(name.name, record.generation).size)
        data = objects.get(name.name, record.generation).data
    except NotFound:
        if isinstance(missing_object_error(objects, name.name), Superseded):
            raise Superseded("The file was replaced by a newer one before it was read.") from None
        raise InvalidRequest("The file is not there any more: keep it until it was read.") from None
    check_size(len(data))  # it may have been stored compressed
    return data


def _prepare_part(services: Services, record: BatchRecord, lines: LineFormat) -> _FilePart:
    """Prepares one call. A batch on Vertex AI publishes nothing: its prediction job receives the jobs."""
    items = BatchItems(services.jobs, record.id)
    ended = frozenset(item.line for item in items.ended(after=record.line))
    quiet = replace(services, publish=_publish_nothing) if record.lane == "vertex-batch" else services
    return _FilePart(quiet, record, lines, items, ended)


def _publish_nothing(topic: str, data: bytes, **attributes: str) -> None:
    del topic, data, attributes


def _admit_all(part: _FilePart, chunk: Iterable[RequestLine], hands: ThreadPoolExecutor) -> None:
    """Admits all lines of the chunk, even when one of them must be repeated; then raises that one's error."""
    done: Iterator[PlantainError | None] = hands.map(partial(_admit_or_refuse, part), chunk)
    again = [error for error in list(done) if error is not None]
    if again:
        raise again[0]


def _admit_or_refuse(part: _FilePart, line: RequestLine) -> PlantainError | None:
    """Admits the line or records why not. Returns an error if the line must be repeated."""
    try:
        _admit_line(part, line)
    except (Transient, StorageRefused, ScreeningRefused) as error:
        if now() - part.record.created < _PATIENCE:
            return error
        _refuse_line(part, line, error)
    except PlantainError as error:
        _refuse_line(part, line, error)
    except Exception as error:  # noqa: BLE001 - recorded here: one line may not stop all that follow it
        log("batch.line_failed", "ERROR", trace=error, batch_id=part.record.id, line=line.line)
        _refuse_line(part, line, PlantainError("This line is our fault, and it was recorded."))
    return None


def _refuse_line(part: _FilePart, line: RequestLine, error: PlantainError) -> None:
    part.items.end(
        BatchItem(
            line=line.line,
            state="refused",
            custom_id=line.custom_id,
            error=error.facts(),
            field=error.field,
            echo=dict(line.echo),
        )
    )
    log("batch.line_refused", batch_id=part.record.id, line=line.line, code=error.code)


def _admit_line(part: _FilePart, line: RequestLine) -> None:
    """Admits one line. Raises what ``admit_job`` does."""
    batch = part.record
    if line.error is not None:
        raise line.error
    asked = part.lines.job_of_line(part.services, batch, line)
    source = ids.batch_source(batch.id, line.line)
    job_id = ids.job_id_for_line(batch.id, line.line)
    if line.idempotency_key is not None:
        job_id = ids.job_id_for_key(batch.owner, line.idempotency_key)
    item = BatchItem(
        line=line.line,
        state=State.QUEUED,
        custom_id=line.custom_id,
        job_id=job_id,
        echo={**line.echo, **asked.echo},
    )
    part.items.put_open(item)  # first, so that a job that ends at once finds it
    job = admit_job(
        part.services,
        asked.request,
        batch.owner,
        idempotency_key=line.idempotency_key,
        source=source,
        job_id=job_id,
    ).record
    item = item.model_copy(update={"shared": job.source != source})
    if job.state.is_terminal:
        part.items.end(item_of_ended_job(item, job))
    elif item.shared:  # its end does not name this line: end_orphaned_items ends it
        part.items.put_open(item)


def item_of_ended_job(item: BatchItem, job: JobRecord) -> BatchItem:
    """Returns the item of a job that has ended."""
    return item.ended(job.state, job.images, job.error)
