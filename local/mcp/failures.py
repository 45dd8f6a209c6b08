"""What goes wrong in a call, in words that an agent can act on."""

from __future__ import annotations

from typing import Any

from functions.contract.errors import InvalidRequest, PlantainError
from local.client.api_client import RequestRefused, ServiceUnreachable

Json = dict[str, Any]
EXPECTED = (PlantainError, RequestRefused, ServiceUnreachable, OSError)
"""The exceptions that a call may end with; others are faults of this server."""


def describe_error(code: str, message: str) -> Json:
    """Returns an error as the tools show it: code, message and remedy."""
    kind = PlantainError.tree().get(code, PlantainError)
    return {"code": code, "message": message, "remedy": kind.remedy}


def describe_exception(error: Exception) -> Json:
    """Returns one of the ``EXPECTED`` exceptions as the tools show it."""
    if isinstance(error, RequestRefused):
        return describe_error(error.code, str(error))
    if isinstance(error, ServiceUnreachable):
        remedy = "Start Plantain (`plantain up`), or check PLANTAIN_URL; then call again."
        return {"code": "unreachable", "message": str(error), "remedy": remedy}
    if isinstance(error, PlantainError):
        return describe_error(error.code, error.message)
    return describe_error(InvalidRequest.code, "The file cannot be read.")


def error_text(error: Json) -> str:
    """Returns an error as one paragraph."""
    blocked = "Blocked by the policy. " if error["code"].endswith("blocked") else ""
    return f"{blocked}{error['message']} (code: {error['code']}). What to do: {error['remedy']}"
