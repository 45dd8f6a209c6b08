"""The lines of a batch prediction job's file: a request of generateContent, and what stands beside it."""

from __future__ import annotations

from ....batches.line_formats import CheckedFile, LineJob
from ....batches.request_lines import FileLine, RequestLine, check_file, parse_line_object
from ....contract.batch import BatchRecord
from ....contract.document import DocumentPart
from ....contract.errors import PlantainError
from ....services import Services
from ..batches.batch_lines import job_of_content, request_in_line
from ..content_body import BOUNDS

DIALECT = "vertex"


class JobFacts(DocumentPart):
    """What a job keeps of the request that created it."""

    parent: str  # projects/P/locations/L
    model: str  # as the client names it
    model_name: str  # the last part of it
    display_name: str
    source: str  # the file of requests, as gs://
    destination: str  # the place of the files of answers, as the client names it


def facts_of_job(record: BatchRecord) -> JobFacts:
    """Returns what the job keeps of its request."""
    return JobFacts.model_validate(record.dialect.facts if record.dialect else {})


class PredictionLines:
    """The format of Vertex AI's files: ``{"request": {…}}``. A faulty line fails alone."""

    def check_file(self, record: BatchRecord, data: bytes) -> CheckedFile:
        """Raises InvalidRequest for a file that is not JSON Lines, and RequestTooLarge."""
        del record
        return CheckedFile(check_file(data))

    def parse_line(self, line: FileLine) -> RequestLine:
        """Returns the line's request. Never raises."""
        try:
            return RequestLine(line.number, body=request_in_line(parse_line_object(line, BOUNDS)))
        except PlantainError as error:
            return RequestLine(line.number, error=error)

    def job_of_line(self, services: Services, record: BatchRecord, line: RequestLine) -> LineJob:
        """Returns the job of the line's request. Raises what generateContent would."""
        return job_of_content(services, record, line, facts_of_job(record).model_name)
