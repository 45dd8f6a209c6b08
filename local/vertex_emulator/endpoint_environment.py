"""The environment by which the parts of the laptop's stack reach the Vertex AI endpoint, as in the cloud."""

from __future__ import annotations

import json
from collections.abc import Sequence

from local.vertex_emulator.server import VertexServer

_LOCATION = "europe-west4"  # Google's client accepts only regions that exist
_ENDPOINT_ID = "1001"


def endpoint_name(project: str) -> str:
    return f"projects/{project}/locations/{_LOCATION}/endpoints/{_ENDPOINT_ID}"


def vertex_environment(server: VertexServer, project: str, models: Sequence[str]) -> dict[str, str]:
    """Returns the variables of every process: the models whose jobs go to the endpoint, and its address."""
    return {
        "PLANTAIN_REMOTE_MODELS": json.dumps(list(models)),
        "PLANTAIN_VERTEX_ENDPOINT": endpoint_name(project),
        "PLANTAIN_VERTEX_URL": server.url,
        "REQUESTS_CA_BUNDLE": str(server.certificate.bundle),
    }
