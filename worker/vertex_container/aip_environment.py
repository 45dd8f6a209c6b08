"""The AIP_* environment variables, by which Vertex AI configures a container."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from functions.contract.settings import SettingsError

_ROUTE = re.compile(r"/[!-~]*")
_STORAGE = "$(AIP_STORAGE_URI)"


@dataclass(frozen=True)
class AipEnvironment:
    """The port and the routes on which Vertex AI expects answers."""

    port: int = 8080
    health_route: str = "/health"
    predict_route: str = "/predict"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> AipEnvironment:
        """Reads the variables. Raises SettingsError, which names the variable."""
        return cls(
            _parse_port(environment.get("AIP_HTTP_PORT") or str(cls.port)),
            _parse_route("AIP_HEALTH_ROUTE", environment.get("AIP_HEALTH_ROUTE") or cls.health_route),
            _parse_route("AIP_PREDICT_ROUTE", environment.get("AIP_PREDICT_ROUTE") or cls.predict_route),
        )


def _parse_port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 2**16):
        raise SettingsError("AIP_HTTP_PORT: must be a port's number")
    return int(text)


def _parse_route(name: str, route: str) -> str:
    if not _ROUTE.fullmatch(route):
        raise SettingsError(f"{name}: must begin with a slash")
    return route


def with_artifacts(environment: Mapping[str, str]) -> dict[str, str]:
    """Returns the environment with ``$(AIP_STORAGE_URI)`` in PLANTAIN_MODELS replaced by its value.

    Vertex AI copies the artifacts of an uploaded model to a bucket of its own, and only this variable has its
    name. A model that is uploaded with its weights is configured as ``{"klein": "$(AIP_STORAGE_URI)"}``.
    """
    models, where = environment.get("PLANTAIN_MODELS", ""), environment.get("AIP_STORAGE_URI", "")
    if _STORAGE not in models:
        return dict(environment)
    if not where:
        raise SettingsError("PLANTAIN_MODELS: names $(AIP_STORAGE_URI), and the model has no artifacts")
    return {**environment, "PLANTAIN_MODELS": models.replace(_STORAGE, where.rstrip("/"))}
