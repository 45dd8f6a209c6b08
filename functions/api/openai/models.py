"""/v1/models: the models of this deployment."""

from __future__ import annotations

from flask import Response

from ...http_edge.json_response import json_response
from ..api_call import ApiCall
from ..model_entries import google_entry, openai_entry
from ..model_names import resolve_model
from .errors import REQUEST_ID, new_request_id


def list_models(call: ApiCall) -> Response:
    """Lists the models of this deployment. Clients of Google's that do not say who they are read `models`."""
    names = call.services.settings.models
    body = {
        "object": "list",
        "data": [openai_entry(name) for name in names],
        "models": [google_entry(name) for name in names],
    }
    return json_response(body, headers={REQUEST_ID: new_request_id()})


def show_model(call: ApiCall, model: str) -> Response:
    """Shows one model, under the name that was asked for. Raises UnknownModel."""
    resolve_model(call.services.settings, model)
    return json_response(openai_entry(model), headers={REQUEST_ID: new_request_id()})
