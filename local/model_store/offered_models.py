"""The settings with which a stack offers the models that were pulled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from functions.contract.settings import Settings
from local.model_store.default_model import read_default_model
from worker.known_models.known_model import known_models
from worker.known_models.pulled_models import PulledModels


def model_settings(models: Path, environment: Mapping[str, str], model: str | None) -> dict[str, str]:
    """Returns the variables that name models, for a stack whose other variables are ``environment``.

    Pulled models are added to ``PLANTAIN_MODELS``, with what they cannot do to ``PLANTAIN_MODEL_REFUSES``;
    what the environment says of a name stays. ``models`` is DATA/models. The default model is ``model``, or
    the environment's, or the one of ``plantain models use``.
    """
    pulled = {each.lock.name: each for each in PulledModels(models).all()}
    chosen = model or environment.get("PLANTAIN_DEFAULT_MODEL") or read_default_model(models)
    found = {"PLANTAIN_DEFAULT_MODEL": chosen} if chosen else {}
    if not pulled:
        return found
    sources = {name: str(each.directory) for name, each in pulled.items()}
    refusals = {name: list(known.all_refused) for name, known in known_models().items() if name in pulled}
    return found | {
        "PLANTAIN_MODELS": _merge("models", sources, environment),
        "PLANTAIN_MODEL_REFUSES": _merge("model_refuses", refusals, environment),
    }


def _merge(setting: str, added: Mapping[str, object], environment: Mapping[str, str]) -> str:
    """Returns the setting's map as JSON: what was added, below what the environment or the default says.

    A variable that is no map stays as it is: the reader of the settings says what is wrong with it.
    """
    given = environment.get(f"PLANTAIN_{setting.upper()}")
    try:
        here = json.loads(given) if given else Settings.model_fields[setting].default
    except ValueError:
        return given or ""
    return json.dumps({**added, **here}) if isinstance(here, dict) else given or ""
