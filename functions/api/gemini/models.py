"""The models of the deployment, as Google's clients list them."""

from __future__ import annotations

from typing import Any

from flask import Response

from ...contract.document import VERSION
from ...http_edge.json_response import json_response
from ..api_call import ApiCall
from ..model_entries import google_entry
from ..model_names import resolve_model


def list_models(call: ApiCall, **_: str) -> Response:
    """Lists all models; there are never more than a page has."""
    return json_response({"models": [google_entry(name) for name in call.services.settings.models]})


def show_model(call: ApiCall, model: str, **_: str) -> Response:
    """Shows a model. A name of Google's shows the model that answers to it. Raises UnknownModel."""
    resolve_model(call.services.settings, model)
    return json_response(google_entry(model))


def list_publisher_models(call: ApiCall, **_: str) -> Response:
    """Lists all models in Vertex AI's shape."""
    found = [_publisher_view(name) for name in call.services.settings.models]
    return json_response({"publisherModels": found})


def show_publisher_model(call: ApiCall, model: str, **_: str) -> Response:
    """Shows a model in Vertex AI's shape. Raises UnknownModel."""
    resolve_model(call.services.settings, model)
    return json_response(_publisher_view(model))


def _publisher_view(name: str) -> dict[str, Any]:
    return {"name": f"publishers/google/models/{name}", "versionId": str(VERSION)}
