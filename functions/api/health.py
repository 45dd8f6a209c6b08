"""/healthz: whether this process answers. /readyz: whether it was told what it needs.

Neither asks anybody else: a storage that is away is no reason to start the API anew, or to take it away too.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Response

from ..contract.document import VERSION
from ..contract.settings import SettingsError
from ..contract.telemetry.log import log
from ..http_server.json_response import json_response


def show_health() -> Response:
    return json_response({"status": "ok", "version": VERSION})


def show_readiness(services: Callable[[], object]) -> Response:
    try:
        services()
    except SettingsError as error:
        log("api.not_ready", "ERROR", reason=str(error))
        return json_response({"status": "not ready"}, 503)
    return json_response({"status": "ready", "version": VERSION})
