"""/v1/models: the models of this deployment."""

from __future__ import annotations

from typing import Any

from flask import Response

from ...http_edge.json_response import json_response
from ..api_call import ApiCall
from ..model_names import resolve_model
from .errors import REQUEST_ID, new_request_id

_CREATED = (
    1_764_374_400  # the day of Plantain's first release with this interface: a model has no date of its own
)
_OWNER = "plantain"


def model_entry(name: str) -> dict[str, Any]:
    """Returns a model as a list of models has it."""
    return {"id": name, "object": "model", "created": _CREATED, "owned_by": _OWNER}


def list_models(call: ApiCall) -> Response:
    """Lists the models of this deployment."""
    data = [model_entry(name) for name in call.services.settings.models]
    return json_response({"object": "list", "data": data}, headers={REQUEST_ID: new_request_id()})


def show_model(call: ApiCall, model: str) -> Response:
    """Shows one model, under the name that was asked for. Raises UnknownModel."""
    resolve_model(call.services.settings, model)
    return json_response(model_entry(model), headers={REQUEST_ID: new_request_id()})
