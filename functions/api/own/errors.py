"""Errors of Plantain's own API: problem+json."""

from __future__ import annotations

from flask import Response

from ...contract.errors import PlantainError
from ...http_edge.problem import problem_response


def error_response(error: PlantainError) -> Response:
    """Returns the problem document of the error."""
    more = {"job_id": error.job_id} if error.job_id else {}
    return problem_response(error, **more)
