"""The results of a job: its pictures and its manifest."""

from __future__ import annotations

from flask import Response

from ...contract.document import now
from ...contract.errors import NotFound
from ...contract.manifest import ImageFacts, Manifest
from ...contract.timestamps import format_time
from ...http_edge.json_response import JSON, json_response
from ...lifecycle.stored_results import existing_pictures, expired_result_error, no_manifest_error
from ...signed_urls import LIFETIME, attachment
from ..api_call import ApiCall
from ..query_string import read_download


def show_manifest(call: ApiCall, job_id: str) -> Response:
    """Shows the job's manifest."""
    return json_response(_read_manifest(call, job_id).model_dump(mode="json", exclude_none=True))


def show_verification(call: ApiCall, job_id: str) -> Response:
    """Shows what the task ``verify`` has found."""
    found = _read_manifest(call, job_id).verification
    if found is None:
        raise NotFound("The job verified nothing: ask with the task verify.")
    return json_response(found.model_dump(mode="json"))


def show_image(call: ApiCall, job_id: str, n: int) -> Response:
    """Answers with picture ``n``, from 0: a redirect to a signed URL in the cloud, the bytes on a laptop.

    A caller that accepts JSON gets the signed URL as JSON: a page that sends a key cannot follow the redirect
    to another host. With `download=true` a browser saves the file, under a name of its own.
    """
    is_saved = read_download(call.request.args)
    facts = find_result(call, job_id, n)
    saved_as = f"{job_id}-{n}.{facts.name.rpartition('.')[2]}" if is_saved else None
    if call.services.settings.is_local:
        return _answer_bytes(call, facts, saved_as)
    url = call.services.sign_url(call.services.settings.results_bucket, facts.name, "GET", saved_as=saved_as)
    if JSON in call.request.accept_mimetypes.values():  # by its name: clients send */* without meaning it
        return json_response({"url": url, "expires": format_time(now() + LIFETIME)})
    return Response(status=302, headers={"Location": url, "Cache-Control": "no-store"})


def find_result(call: ApiCall, job_id: str, n: int) -> ImageFacts:
    """Returns the facts of picture ``n``, which exists. Raises NotFound and ExpiredResult."""
    found = _read_manifest(call, job_id)
    facts = _find_image(found, n)
    if facts.name not in existing_pictures(call.services, job_id, [facts.name]):
        raise expired_result_error(call.services.settings, found.ended)
    return facts


def _read_manifest(call: ApiCall, job_id: str) -> Manifest:
    record = call.record(job_id)
    found = call.services.committer.read_manifest(record.id)
    if found is None:
        raise no_manifest_error(call.services, record)
    return found


def _find_image(found: Manifest, n: int) -> ImageFacts:
    if n >= len(found.images):
        raise NotFound(f"The job has no picture {n}: it made {len(found.images)}, counted from 0.")
    return found.images[n]


def _answer_bytes(call: ApiCall, facts: ImageFacts, saved_as: str | None) -> Response:
    response = Response(mimetype=facts.content_type)
    if saved_as is not None:
        response.headers["Content-Disposition"] = attachment(saved_as)
    response.set_etag(facts.sha256)
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    response.headers["Vary"] = "Authorization, X-API-Key"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if call.request.method == "HEAD":
        response.content_length = facts.bytes
        return response
    if call.request.if_none_match.contains(facts.sha256):
        response.status_code = 304
        return response
    response.set_data(call.services.results.get(facts.name).data)
    return response
