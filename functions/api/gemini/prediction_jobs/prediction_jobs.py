"""Vertex AI's batch prediction jobs, on Plantain's own batches."""

from __future__ import annotations

from functools import partial

from flask import Response
from pydantic import Field

from ....batches.cancel import request_cancel
from ....batches.create import RequestFile
from ....contract.batch import BatchDialect, BatchRecord
from ....contract.errors import InvalidRequest
from ....http_edge.json_response import json_response
from ....intake.strict_json import parse_model
from ...api_call import ApiCall
from ...batch_access import read_batch_of_dialect, read_batch_page, remove_batch_of_dialect
from ...batch_creation import create_batch_once
from ...batch_source import find_request_file, locate_request_file
from ...model_names import resolve_model
from ...query_string import single_values
from ...request_body import read_json
from ..content_body import GoogleMessage
from .job_body import PredictionJobBody
from .job_lines import DIALECT, JobFacts
from .job_names import batch_of_number, number_of_batch
from .job_view import job_view

_LARGEST_PAGE = 100
_SOURCE = "inputConfig.gcsSource.uris"


class JobPage(GoogleMessage):
    """The query of a listing of batch prediction jobs."""

    page_size: int = Field(default=20, ge=0)
    page_token: str = ""
    filter: str = ""


def create_job(call: ApiCall, project: str, location: str) -> Response:
    """Creates a job from a file of requests that lies in a bucket."""
    settings = call.services.settings
    asked = parse_model(PredictionJobBody, read_json(call.request))
    resolve_model(settings, asked.model_name)
    facts = JobFacts(
        parent=_parent(project, location),
        model=asked.model,
        model_name=asked.model_name,
        display_name=asked.display_name,
        source=asked.source(),
        destination=asked.destination(settings),
    )
    name = locate_request_file(settings, call.owner, facts.source, field=_SOURCE)
    found = find_request_file(call.services, name, field=_SOURCE)
    file = RequestFile(
        name,
        found.generation,
        contents=f"{found.size}/{found.crc32c}",
        dialect=BatchDialect(name=DIALECT, facts=facts.model_dump(mode="json")),
        owes_answers=True,
    )
    return json_response(job_view(call.services, create_batch_once(call, file)))


def index_jobs(call: ApiCall, **_: str) -> Response:
    """Lists the caller's jobs, newest first."""
    asked = parse_model(JobPage, single_values(call.request.args))
    if asked.filter:
        raise InvalidRequest("Jobs are listed without a filter here: leave it out.", field="filter")
    most = min(asked.page_size or 20, _LARGEST_PAGE)
    records, after = read_batch_page(call.services, call.owner, DIALECT, most, asked.page_token or None)
    jobs = list(call.services.pool.map(partial(job_view, call.services), records))
    return json_response({"batchPredictionJobs": jobs, **({"nextPageToken": after} if after else {})})


def show_job(call: ApiCall, job: str, **_: str) -> Response:
    """Shows one job. Raises NotFound."""
    return json_response(job_view(call.services, _read_job(call, job)))


def cancel_job(call: ApiCall, job: str, **_: str) -> Response:
    """Cancels a job: what is drawn by then stays, and has its answers. Raises NotFound, and IllegalTransition
    after its end.
    """
    request_cancel(call.services, _read_job(call, job).id)
    return json_response({})


def remove_job(call: ApiCall, project: str, location: str, job: str) -> Response:
    """Deletes a job that has ended, with its pictures and its files of answers. Raises NotFound and
    IllegalTransition.
    """
    batch_id = batch_of_number(job)
    remove_batch_of_dialect(call.services, call.owner, batch_id, DIALECT)
    name = f"{_parent(project, location)}/operations/{number_of_batch(batch_id)}"
    return json_response({"name": name, "done": True})


def _read_job(call: ApiCall, number: str) -> BatchRecord:
    return read_batch_of_dialect(call.services, call.owner, batch_of_number(number), DIALECT)


def _parent(project: str, location: str) -> str:
    return f"projects/{project}/locations/{location}"
