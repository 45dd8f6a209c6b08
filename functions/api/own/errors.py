"""Errors of Plantain's own API: problem+json."""

from __future__ import annotations

from flask import Response

from ...contract.errors import PlantainError
from ...http_edge.problem import problem_response
from ..quota_headers import quota_headers


def error_response(error: PlantainError) -> Response:
    """Returns the problem document of the error."""
    more = {"job_id": error.job_id} if error.job_id else {}
    response = problem_response(error, **more)
    response.headers.update(quota_headers(error.quota))
    return response
