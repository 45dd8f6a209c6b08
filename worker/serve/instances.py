"""The body of a prediction: ``{"instances": [a job's message, …], "parameters": {}}``."""

from __future__ import annotations

import json
from typing import Any

from functions.contract.errors import InvalidRequest, RequestTooLarge, UnreadableMessage
from functions.contract.message import JobMessage

MAX_BYTES = 10 * 2**20  # what a dedicated endpoint takes
MAX_INSTANCES = 256  # their manifests have to fit into the answer
_FIELDS = {"instances", "parameters"}


def read_instances(body: bytes) -> list[JobMessage]:
    """Raises InvalidRequest, which names the instance; UnsupportedVersion for one of a newer Plantain."""
    instances = _instances(body)
    if not instances:
        raise InvalidRequest("Give at least one instance.", field="instances")
    if len(instances) > MAX_INSTANCES:
        raise RequestTooLarge(f"Give {MAX_INSTANCES} instances at the most.", field="instances")
    return [_message(n, instance) for n, instance in enumerate(instances)]


def _instances(body: bytes) -> list[Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidRequest("The body is not JSON.") from None
    if not isinstance(document, dict) or not isinstance(document.get("instances"), list):
        raise InvalidRequest('Send {"instances": [a job\'s message, …]}.', field="instances")
    if document.keys() - _FIELDS:
        raise InvalidRequest("A prediction has instances and parameters, and nothing else.")
    if not isinstance(document.get("parameters"), dict | None):
        raise InvalidRequest("The parameters are an object, of which nothing is used.", field="parameters")
    return document["instances"]


def _message(n: int, instance: object) -> JobMessage:
    try:
        return JobMessage.decode(json.dumps(instance).encode())
    except UnreadableMessage as error:
        raise InvalidRequest(f"instances[{n}]: {error.message}", field=f"instances[{n}]") from None
