"""The body of a prediction: ``{"instances": [a job's message, …], "parameters": {}}``.

The only parameter is ``brief``: if it is true, a job's prediction is its id and state alone. Batch prediction
jobs set it, because they write their answers to a file, and a manifest repeats the prompt.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from functions.contract.errors import InvalidRequest, RequestTooLarge, UnreadableMessage
from functions.contract.message import JobMessage
from functions.contract.validation.json_bounds import NO_FILES, check_bounds

MAX_BYTES = 10 * 2**20  # what a dedicated endpoint takes
MAX_INSTANCES = 256  # their manifests have to fit into the answer
_FIELDS = {"instances", "parameters"}


@dataclass(frozen=True)
class PredictionRequest:
    """The jobs to run, and whether their predictions are brief."""

    messages: tuple[JobMessage, ...]
    brief: bool = False


def parse_prediction_request(body: bytes) -> PredictionRequest:
    """Parses a body. Raises InvalidRequest, which names the instance, and UnsupportedVersion."""
    document = _parse_document(body)
    instances: list[Any] = document["instances"]
    if not instances:
        raise InvalidRequest("Give at least one instance.", field="instances")
    if len(instances) > MAX_INSTANCES:
        raise RequestTooLarge(f"Give {MAX_INSTANCES} instances at the most.", field="instances")
    messages = tuple(_parse_message(n, instance) for n, instance in enumerate(instances))
    return PredictionRequest(messages, (document.get("parameters") or {}).get("brief") is True)


def _parse_document(body: bytes) -> dict[str, Any]:
    try:
        check_bounds(body, NO_FILES)
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidRequest("The body is not JSON.") from None
    if not isinstance(document, dict) or not isinstance(document.get("instances"), list):
        raise InvalidRequest('Send {"instances": [a job\'s message, …]}.', field="instances")
    if document.keys() - _FIELDS:
        raise InvalidRequest("A prediction has instances and parameters, and nothing else.")
    if not isinstance(document.get("parameters"), dict | None):
        raise InvalidRequest("The parameters are an object, of which brief is used.", field="parameters")
    return document


def _parse_message(n: int, instance: object) -> JobMessage:
    try:
        return JobMessage.decode(json.dumps(instance).encode())
    except UnreadableMessage as error:
        raise InvalidRequest(f"instances[{n}]: {error.message}", field=f"instances[{n}]") from None
