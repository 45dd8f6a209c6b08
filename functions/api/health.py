"""/healthz: does this process answer? /readyz: does it have its settings?

Neither calls another service: when the storage is away, a restarted API would not help.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Response

from ..contract.document import VERSION
from ..contract.settings import SettingsError
from ..contract.telemetry.log import log
from ..http_edge.json_response import json_response


def show_health() -> Response:
    """Answers that this process is alive."""
    return json_response({"status": "ok", "version": VERSION})


def show_readiness(services: Callable[[], object]) -> Response:
    """Answers 503 while the settings are not valid."""
    try:
        services()
    except SettingsError as error:
        log("api.not_ready", "ERROR", reason=str(error))
        return json_response({"status": "not ready"}, 503)
    return json_response({"status": "ready", "version": VERSION})
