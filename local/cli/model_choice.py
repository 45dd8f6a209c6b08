"""The model that a stack draws with: read from the settings, or pulled because it was asked for."""

from __future__ import annotations

import os
from pathlib import Path

from functions.contract.settings import Settings
from local.cli.pull_progress import pull_with_progress
from local.data_folder import DataDirectory
from local.model_store.model_request import read_model_request
from local.model_store.offered_models import model_settings
from local.stack.environment import DEFAULTS
from worker.known_models.known_model import known_models
from worker.known_models.pulled_models import PulledModels


def read_stack_settings(model: str | None, data: Path) -> Settings:
    """Returns the settings of a stack on ``data``. Raises SettingsError."""
    environment = {**DEFAULTS, **os.environ}
    offered = model_settings(DataDirectory(data).models, environment, model)
    return Settings.from_environment({**environment, **offered})


def bring_model(model: str, data: Path, *, quiet: bool) -> None:
    """Pulls a known model that is not on this machine and that no setting names.

    Raises what a pull raises; a name that is not known is left to the reader of the settings.
    """
    store = PulledModels(DataDirectory(data).models)
    configured = read_stack_settings(None, data).models
    if model in known_models() and model not in configured:
        pull_with_progress(read_model_request(model), store, quiet=quiet)
