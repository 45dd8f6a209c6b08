"""How a call reaches Plantain: with the caller's own key where it sends one, else with this server's."""

from __future__ import annotations

import os
from collections.abc import Mapping

from local.client.api_client import PlantainClient, read_stack_state

_KEY_HEADERS = ("x-api-key", "x-goog-api-key")


def open_client(
    headers: Mapping[str, str] | None, environment: Mapping[str, str] = os.environ
) -> PlantainClient:
    """Returns a client of the API that acts for one caller.

    Args:
        headers: those of the HTTP request, names in small letters; None over stdio. With a key among them
            nothing of this server's own credentials is sent: each caller sees its own jobs only.
        environment: names the Plantain and this server's credentials.

    Raises ServiceUnreachable where no Plantain is named or running.
    """
    key = _find_key(headers or {})
    if key is None:
        return PlantainClient.from_environment(environment)
    url = environment.get("PLANTAIN_URL") or read_stack_state(environment)["api"]
    return PlantainClient(url, api_key=key)


def _find_key(headers: Mapping[str, str]) -> str | None:
    for name in _KEY_HEADERS:
        if key := headers.get(name):
            return key
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
