"""What cannot be understood is kept for a person to look at, and reported, instead of looping."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

from .contract import paths
from .contract.document import now
from .contract.errors import Overtaken, PlantainError
from .contract.log import log
from .contract.objects import NEW
from .contract.timestamps import rfc3339
from .services import Services


def set_aside(
    services: Services, data: bytes, why: PlantainError, attributes: Mapping[str, str] | None = None
) -> bool:
    """Keeps ``data`` once, however often it comes; True the first time. Raises Transient."""
    name = paths.set_aside(data)
    note = {
        "reason": why.code,
        "message": why.message,
        "at": rfc3339(now()),
        "attributes": dict(attributes or {}),
        "data": base64.b64encode(data).decode(),
    }
    try:
        services.jobs.put(name, json.dumps(note).encode(), if_generation=NEW)
    except Overtaken:
        return False
    log("set_aside", "ERROR", object=f"gs://{services.jobs.bucket}/{name}", reason=why.code)
    return True
