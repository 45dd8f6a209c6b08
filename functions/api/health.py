"""/healthz: does this process answer? /readyz: does it have its settings?

Neither calls the storage or a queue: when they are away, a restarted API would not help.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Response

from ..contract.document import VERSION
from ..contract.errors import NotConfigured, Transient
from ..contract.settings import SettingsError
from ..contract.telemetry.log import log
from ..http_edge.json_response import json_response
from ..services import Services
from .auth import check_door


def show_health() -> Response:
    """Answers that this process is alive."""
    return json_response({"status": "ok", "version": VERSION})


def show_readiness(services: Callable[[], Services]) -> Response:
    """Answers 503 while the settings are not valid, leave the door open, or name keys that cannot be read."""
    try:
        warning = check_door(services().settings)
    except (NotConfigured, Transient) as error:
        log("api.not_ready", "ERROR", reason=error.message)
        return json_response({"status": "not ready", "reason": error.message}, 503)
    except SettingsError as error:
        log("api.not_ready", "ERROR", reason=str(error))
        return json_response({"status": "not ready"}, 503)
    more = {"warning": warning} if warning else {}
    return json_response({"status": "ready", "version": VERSION, **more})
