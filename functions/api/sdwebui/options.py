"""``/sdapi/v1/options`` and the lists that clients show: models, samplers and others."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from flask import Response

from ...http_edge.json_response import JSON, json_response
from ..api_call import ApiCall
from ..model_names import resolve_model
from ..request_body import read_json
from .image_fields import checkpoint_name

LISTS: dict[str, Sequence[Any]] = {
    # A model chooses its own sampler: clients need a name to show.
    "samplers": [{"name": "Automatic", "aliases": ["automatic"], "options": {}}],
    "schedulers": [{"name": "automatic", "label": "Automatic", "aliases": None}],
    "upscalers": [{"name": "None", "model_name": None, "model_path": None, "model_url": None, "scale": 4}],
    "latent-upscale-modes": [],
    "sd-vae": [],
    "sd-modules": [],
    "loras": [],
    "prompt-styles": [],
}
"""What has no counterpart here, as clients expect it: under each of these names a list."""


def show_options(call: ApiCall) -> Response:
    """Shows the options: the model that draws when a request names none."""
    return json_response(
        {"sd_model_checkpoint": call.services.settings.default_model, "samples_format": "png"}
    )


def accept_options(call: ApiCall) -> Response:
    """Accepts options without keeping them: they would change the pictures of every other caller.

    Raises UnknownModel for a model that this deployment does not have.
    """
    given = read_json(call.request).get("sd_model_checkpoint")
    if given is not None:
        resolve_model(call.services.settings, checkpoint_name(given))
    return _json_value("null")


def list_models(call: ApiCall) -> Response:
    """Lists the models of this deployment."""
    models = [
        {"title": name, "model_name": name, "hash": None, "sha256": None, "filename": name, "config": None}
        for name in call.services.settings.models
    ]
    return _json_list(models)


def show_list(call: ApiCall) -> Response:
    """Shows one of the lists that are the same for everyone."""
    return _json_list(LISTS[call.request.path.rstrip("/").rpartition("/")[2]])


def _json_list(items: Sequence[Any]) -> Response:
    return _json_value(json.dumps(items))


def _json_value(text: str) -> Response:
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(text, mimetype=JSON, headers=headers)
