"""The parameters of a query or of headers, from the schema of a model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

Place = Literal["query", "header"]


def parameters_of(schema: dict[str, Any], place: Place) -> Iterator[dict[str, Any]]:
    """Yields a parameter for each property of ``schema``."""
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        shown = _without_null(field)
        text = {"description": shown.pop("description")} if "description" in shown else {}
        yield {"name": name, "in": place, "required": name in required, **text, "schema": shown}


def _without_null(field: dict[str, Any]) -> dict[str, Any]:
    """Returns the schema of a parameter that is there: an absent one is null for the model alone."""
    kinds = [each for each in field.get("anyOf", ()) if each != {"type": "null"}]
    if not kinds:
        return dict(field)
    rest = {key: value for key, value in field.items() if key not in ("anyOf", "default")}
    return {**(kinds[0] if len(kinds) == 1 else {"anyOf": kinds}), **rest}
