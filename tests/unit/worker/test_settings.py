"""Where a model's source leads."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.contract.settings import Settings
from worker.settings import EMBEDDED_MODEL, model_directory


def test_the_default_model_is_found_in_any_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    default = Settings.model_fields["models"].default["starter"]
    assert model_directory(default) == EMBEDDED_MODEL
    assert (model_directory(default) / "model_index.json").is_file()


@pytest.mark.parametrize("source", ["worker/starter/weights", "worker/embedded_model/"])
def test_the_embedded_model_keeps_its_earlier_name(source: str) -> None:
    assert model_directory(source) == EMBEDDED_MODEL


@pytest.mark.parametrize("source", ["my-model", "./worker/embedded_model", "worker/other", "/models/klein"])
def test_other_paths_are_the_caller_s(source: str) -> None:
    assert model_directory(source) == Path(source)
