"""/v1/capabilities: what this deployment can do for the caller, for programs that offer choices to people."""

from __future__ import annotations

from typing import Any

from flask import Response

from ...contract.engine_limits import REFUSED, engine_of
from ...contract.release import RELEASE
from ...contract.settings import Settings
from ...http_edge.json_response import json_response
from ...intake.model_capabilities import is_paid
from ..api_call import ApiCall


def show_capabilities(call: ApiCall) -> Response:
    """Shows the release, the profile, the caller's name and scopes, and the models, each with what it does
    not take.
    """
    settings = call.services.settings
    return json_response(
        {
            "release": RELEASE,
            "profile": settings.profile,
            "owner": call.owner,
            "scopes": sorted(call.caller.scopes),
            "default_model": settings.default_model,
            "models": [_model_view(name, settings) for name in settings.models],
        }
    )


def _model_view(name: str, settings: Settings) -> dict[str, Any]:
    refused = REFUSED[engine_of(settings.models[name])] | set(settings.model_refuses.get(name, ()))
    return {"name": name, "refuses": sorted(refused), "paid": is_paid(name, settings)}
