"""/v1/jobs: creates a job, shows it, cancels it, deletes it."""

from __future__ import annotations

from contextlib import suppress

from flask import Response

from ...contract.errors import UNREADABLE, Deleted
from ...contract.ids import owner_hash
from ...contract.job import JobRecord
from ...contract.request import JobRequest
from ...contract.storage.job_pace import read_pace
from ...contract.telemetry.log import log
from ...deletion.job_deletion import delete_job
from ...http_edge.json_response import json_response
from ...http_edge.problem import problem_response
from ...intake.admission import AdmittedJob, admit_job, plan_job
from ...intake.queue_position import queue_position
from ...intake.strict_json import parse_json_object, parse_model
from ...job_end_watcher import wait_for_end
from ...lifecycle.cancellation import cancel_job
from ...lifecycle.stored_results import existing_pictures
from ...waiting.wait_hints import read_idempotency_key
from ..api_call import ApiCall
from ..query_string import read_job_query
from ..quota_headers import quota_headers
from ..request_body import BODIES, MAX_BODY, read_body, reserve_body, wait_seconds
from . import job_view
from .job_listing import list_page


def create_job(call: ApiCall) -> Response:
    """Creates a job. Answers 202 with it, 200 when it has ended within ``Prefer: wait=N``, and 200 with an
    estimate for a ``dry_run``.
    """
    taken = _admit_or_estimate(call)
    if isinstance(taken, Response):
        return taken
    record = taken.record
    headers = {"Location": job_view.job_url(record.id), **quota_headers(taken.quota)}
    if not taken.created:
        headers["Idempotent-Replayed"] = "true"
    if (wait := wait_seconds(call.request)) is not None:
        services = call.services
        waited = wait_for_end(
            record,
            call.arrived + wait,
            watcher=services.watcher,
            store=services.store,
            pool=services.pool,
            is_abandoned=call.is_abandoned,
        )
        if waited is not None:
            record, headers["Preference-Applied"] = waited, f"wait={wait:.0f}"
    status = 200 if record.state.is_terminal else 202
    return _answer_job(call, record, status, headers, is_new=taken.created, queue=taken.queue)


def _admit_or_estimate(call: ApiCall) -> AdmittedJob | Response:
    """Returns the job, or the answer to a dry run. The body is freed on return: a waiting caller
    keeps none.
    """
    key = read_idempotency_key(call.request.headers)
    with reserve_body(call.request):
        body = read_body(call.request, MAX_BODY)
        with BODIES.place():
            request = parse_model(JobRequest, parse_json_object(body))
            if request.dry_run:
                planned = plan_job(call.services, request, call.owner)
                pace, _ = read_pace(call.services.jobs, planned.model)
                return json_response(job_view.estimate_view(planned, request, pace))
            answers_at_once = wait_seconds(call.request) is None
            admitted = admit_job(
                call.services, request, call.owner, idempotency_key=key, asks_queue=answers_at_once
            )
    log(
        "job.admitted",
        job_id=admitted.record.id,
        task=request.task,
        created=admitted.created,
        request=admitted.record.request_sha256,
    )
    return admitted


def _answer_job(
    call: ApiCall,
    record: JobRecord,
    status: int = 200,
    headers: dict[str, str] | None = None,
    *,
    is_new: bool = False,
    queue: dict[str, object] | None = None,
) -> Response:
    """Answers with the job. ``is_new``: this very call created it, so that none of its pictures
    has expired. ``queue``: its place in its queue, where that is known.
    """
    kept = frozenset(record.images) if is_new else existing_pictures(call.services, record.id, record.images)
    shown = job_view.job_view(record, call.services.settings, kept)
    queue = queue or queue_position(call.services, record)
    return json_response({**shown, "queue": queue}, status, headers)


def list_jobs(call: ApiCall) -> Response:
    """Lists the caller's jobs, newest first."""
    return json_response(list_page(call.services, call.owner, read_job_query(call.request.args)))


def show_job(call: ApiCall, job_id: str) -> Response:
    """Shows the job; answers 410 with its tombstone once it was deleted."""
    try:
        return _answer_job(call, call.record(job_id))
    except Deleted as deleted:
        return problem_response(deleted, tombstone=job_view.tombstone_view(call.tombstone(job_id)))


def cancel_owned_job(call: ApiCall, job_id: str) -> Response:
    """Cancels the job and shows it."""
    return _answer_job(call, cancel_job(call.services, call.record(job_id).id))


def delete_owned_job(call: ApiCall, job_id: str) -> Response:
    """Deletes the job and shows its tombstone; answers 409 for a job that has not ended."""
    with suppress(Deleted, *UNREADABLE):  # a repeated call is no error, and finishes an interrupted deletion
        call.record(job_id)
    return json_response(job_view.tombstone_view(delete_job(call.services, job_id, owner_hash(call.owner))))
