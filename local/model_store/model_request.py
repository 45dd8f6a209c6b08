"""What a person writes to name a model: a known name or a hub id, with or without a revision."""

from __future__ import annotations

import re
from dataclasses import dataclass

from functions.contract.errors import InvalidRequest
from worker.known_models.known_model import is_model_name, known_models

DEFAULT_REVISION = "main"
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


@dataclass(frozen=True)
class ModelRequest:
    """A model of the hub, and the name that it has on this machine."""

    name: str
    repository: str
    revision: str


def read_model_request(text: str, name: str | None = None) -> ModelRequest:
    """Returns what ``NAME``, ``OWNER/NAME`` or either with ``@REVISION`` means.

    ``name`` is the name on this machine; by default the known name, or the last part of the id in small
    letters. Raises InvalidRequest.
    """
    model, _, revision = text.partition("@")
    repository, usual = _find_repository(model)
    chosen = name or usual
    if not is_model_name(chosen) or chosen in _reserved(repository):
        raise InvalidRequest(
            f"A model cannot be called {chosen} here: use small letters, digits, '.', '_' and '-', and no "
            "name of another known model."
        )
    return ModelRequest(chosen, repository, revision or DEFAULT_REVISION)


def _find_repository(model: str) -> tuple[str, str]:
    known = known_models().get(model)
    if known is not None and known.is_embedded:
        raise InvalidRequest(f"{model} comes with Plantain: there is nothing to pull.")
    if known is not None:
        return known.source, known.name
    if not _HUB_ID.fullmatch(model):
        raise InvalidRequest(
            f"{model} is no known model and no id of the hub (OWNER/NAME): see `plantain models list`."
        )
    by_source = {each.source: each.name for each in known_models().values()}
    return model, by_source.get(model, model.partition("/")[2].lower())


def _reserved(repository: str) -> set[str]:
    """Returns the names that another model has: those of the table, and the mock's."""
    return {name for name, known in known_models().items() if known.source != repository} | {"mock"}
