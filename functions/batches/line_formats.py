"""How the lines of a batch's file are read: Plantain's own here, others where their interfaces are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..contract.batch import BatchRecord, LineFault
from ..contract.errors import InvalidRequest, Transient
from ..contract.request import JobRequest
from ..intake.strict_json import parse_model
from ..services import Services
from .request_lines import FileLine, RequestLine, check_file, parse_own_line


@dataclass(frozen=True)
class LineJob:
    """The job that a line asks for. ``echo`` is what the line's answer repeats of it later."""

    request: JobRequest
    echo: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CheckedFile:
    """The number of a file's last line that is not blank, and the faults for which the file is refused."""

    last: int
    faults: tuple[LineFault, ...] = ()


class LineFormat(Protocol):
    """A format of lines. Its methods are called for each part of a file, and remember nothing of others."""

    def check_file(self, record: BatchRecord, data: bytes) -> CheckedFile:
        """Looks through a whole file before any line becomes a job.

        Raises InvalidRequest and RequestTooLarge.
        """
        ...

    def parse_line(self, line: FileLine) -> RequestLine:
        """Returns what the line says. Never raises: an error becomes part of the result."""
        ...

    def job_of_line(self, services: Services, record: BatchRecord, line: RequestLine) -> LineJob:
        """Returns the job of a line without an error. Raises the error for which the line is refused."""
        ...


LineFormats = Mapping[str, LineFormat]
"""The formats of other services, each under the name of its dialect."""


class OwnLines:
    """Lines that are the body of ``POST /v1/jobs``."""

    def check_file(self, record: BatchRecord, data: bytes) -> CheckedFile:
        del record
        return CheckedFile(check_file(data))

    def parse_line(self, line: FileLine) -> RequestLine:
        return parse_own_line(line)

    def job_of_line(self, services: Services, record: BatchRecord, line: RequestLine) -> LineJob:
        del services
        return LineJob(parse_own_request(line, record.defaults))


OWN_LINES = OwnLines()


def parse_own_request(line: RequestLine, defaults: Mapping[str, Any]) -> JobRequest:
    """Returns the request of a line, completed from ``defaults``. Raises InvalidRequest."""
    request = parse_model(JobRequest, {**defaults, **(line.body or {})})
    if request.dry_run:
        raise InvalidRequest("A line of a batch cannot be a dry run.", field="dry_run")
    return request


def complete_request(record: BatchRecord, request: JobRequest) -> JobRequest:
    """Returns the request with the batch's defaults in the fields that it leaves out."""
    return parse_model(JobRequest, {**record.defaults, **request.model_dump(exclude_unset=True)})


def format_of_batch(formats: LineFormats, record: BatchRecord) -> LineFormat:
    """Returns the format of the batch's lines. Raises Transient for a dialect that only a newer Plantain has:
    while it is being deployed, its API may create what an older function cannot read yet.
    """
    if record.dialect is None:
        return OWN_LINES
    found = formats.get(record.dialect.name)
    if found is None:
        raise Transient("The file is written for an interface that this version does not have.")
    return found
