"""The files of a job's answers: each is written once, whole, and of bounded size.

An answer has its request beside it, by which Vertex AI's clients tell answers. What was written is found by
the files themselves: the metadata of each names the last line that it answers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from time import monotonic
from typing import Any

from ....batches.request_lines import FileLine, iter_lines, parse_line_object
from ....contract import paths
from ....contract.batch import BatchItem, BatchRecord
from ....contract.document import now
from ....contract.errors import Blocked, InvalidRequest, NotFound, PlantainError, RequestTooLarge, Transient
from ....contract.object_names import parse_uri
from ....contract.storage.batch_items import BatchItems
from ....contract.timestamps import format_time
from ....services import Services
from ....waiting.finished_job import FinishedJob
from ...batch_results import find_results
from ...encoded_pictures import PictureMarks
from ..batches.batch_output import answer_of_line
from ..content_body import BOUNDS
from ..errors import error_body

FILE_BYTES = 256 * 2**20  # of a file; a single answer may be longer
_LAST_LINE = "last-line"  # in a file's metadata: the last line of requests that it answers
_JSONL = "application/jsonl"

_Result = tuple[BatchItem, FinishedJob | PlantainError]


def write_prediction_files(services: Services, record: BatchRecord, seconds: float) -> bool:
    """Writes files for about ``seconds``. Returns True when all answers are written. Raises Transient."""
    ends, requests = monotonic() + seconds, _read_requests(services, record)
    written, line = _find_written(services, record)
    while planned := _plan_file(services, record, line, requests):
        written += 1
        line = planned[-1][0].line
        try:
            services.results.create_from_pieces(
                paths.batch_answers(record.id, written),
                _write_lines(services, planned, requests),
                _JSONL,
                {_LAST_LINE: str(line)},
            )
        except NotFound as error:  # a picture was deleted after it was planned: another try finds its error
            raise Transient("A picture was deleted while the answers were written.") from error
        if monotonic() > ends:
            return next(BatchItems(services.jobs, record.id).ended(after=line), None) is None
    return True


def _find_written(services: Services, record: BatchRecord) -> tuple[int, int]:
    """Returns how many files there are, and the last line that they answer."""
    found = list(services.results.list(paths.batch_answers_prefix(record.id)))
    return len(found), max((int(each.metadata[_LAST_LINE]) for each in found), default=0)


@dataclass(frozen=True)
class _Requests:
    """The file of requests. ``data`` is empty if it is gone: answers are then without requests."""

    data: bytes

    def beside(self, results: Iterable[_Result]) -> Iterator[tuple[_Result, dict[str, Any]]]:
        """Yields each result with the fields of its line, in the order of lines."""
        lines = iter_lines(self.data)
        for result in results:
            line = next((line for line in lines if line.number >= result[0].line), None)
            yield result, _fields_of(line) if line else {}


def _fields_of(line: FileLine) -> dict[str, Any]:
    try:
        return parse_line_object(line, BOUNDS)
    except (InvalidRequest, RequestTooLarge):
        return {}


def _read_requests(services: Services, record: BatchRecord) -> _Requests:
    name = parse_uri(record.source)
    try:
        return _Requests(services.open_bucket(name.bucket).get(name.name, record.generation).data)
    except NotFound:
        return _Requests(b"")


def _plan_file(services: Services, record: BatchRecord, after: int, requests: _Requests) -> list[_Result]:
    """Returns the results that the next file has: as many as fit, and one at least if one is left."""
    planned: list[_Result] = []
    length = 0
    results = find_results(services, BatchItems(services.jobs, record.id).ended(after=after))
    for result, fields in requests.beside(results):
        marks = PictureMarks()
        length += marks.length(_line(services, result, fields, marks))
        if planned and length > FILE_BYTES:
            break
        planned.append(result)
    return planned


def _write_lines(services: Services, planned: list[_Result], requests: _Requests) -> Iterator[bytes]:
    for result, fields in requests.beside(planned):
        marks = PictureMarks()
        yield from marks.write(services, _line(services, result, fields, marks))


def _line(services: Services, result: _Result, fields: dict[str, Any], marks: PictureMarks) -> str:
    """Returns a line as ASCII text, with marks for pictures: the request's own line, and what came of it."""
    item, job = result
    if isinstance(job, PlantainError) and not isinstance(job, Blocked):
        answer: dict[str, Any] = {"status": _status(job), "response": {}}
    else:
        answer = {"status": "", **answer_of_line(services, item, job, marks)}
    ended = job.manifest.ended if isinstance(job, FinishedJob) else now()
    return json.dumps({**fields, "processed_time": format_time(ended), **answer}) + "\n"


def _status(error: PlantainError) -> str:
    """Returns why there is no answer, as Vertex AI writes it: the words of the HTTP status, and the error."""
    body = error_body(error)
    facts = {name: body[name] for name in ("code", "message", "status")}
    words = {each.value: each.phrase for each in HTTPStatus}.get(body["code"], "Client Closed Request")
    return f"{words}: {json.dumps({'error': facts})}"
