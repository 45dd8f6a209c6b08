"""The settings with which a stack offers pulled models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from functions.contract.errors import InvalidRequest
from local.data_folder import DataDirectory
from local.model_store.default_model import read_default_model, write_default_model
from local.model_store.model_request import ModelRequest, read_model_request
from local.model_store.offered_models import model_settings
from local.stack.environment import stack_environment
from worker.known_models.pulled_models import LOCK_FILE, ModelLock, PulledModels

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """DATA/models with a pulled sdxl."""
    folder = PulledModels(tmp_path / "models").directory("sdxl")
    folder.mkdir(parents=True)
    facts = {"name": "sdxl", "repository": "a/b", "revision": "main", "commit": COMMIT}
    rest = {"pipeline": "P", "pulled": "2026-01-31T12:00:00Z", "files": {}}
    (folder / LOCK_FILE).write_text(ModelLock.model_validate(facts | rest).model_dump_json())
    return tmp_path / "models"


def test_pulled_models_are_added_to_the_usual_ones(models: Path) -> None:
    settings = model_settings(models, {}, None)
    folder = str(models / "pulled" / "sdxl")
    usual = {"starter": "worker/embedded_model", "mock": "mock"}
    assert json.loads(settings["PLANTAIN_MODELS"]) == {**usual, "sdxl": folder}
    refused = json.loads(settings["PLANTAIN_MODEL_REFUSES"])
    assert refused == {"starter": ["negative_prompt", "animate"], "sdxl": ["references", "animate"]}


def test_what_the_environment_says_of_a_name_stays(models: Path) -> None:
    given = {"PLANTAIN_MODELS": '{"sdxl": "/elsewhere"}', "PLANTAIN_MODEL_REFUSES": "no JSON"}
    settings = model_settings(models, given, None)
    assert json.loads(settings["PLANTAIN_MODELS"]) == {"sdxl": "/elsewhere"}
    assert settings["PLANTAIN_MODEL_REFUSES"] == "no JSON"


def test_without_pulled_models_nothing_is_set(tmp_path: Path) -> None:
    assert model_settings(tmp_path, {"PLANTAIN_MODELS": "{}"}, None) == {}


def test_the_named_model_comes_before_the_environment_s_and_the_chosen_one(models: Path) -> None:
    write_default_model(models, "sdxl")
    environment = {"PLANTAIN_DEFAULT_MODEL": "mock"}
    assert model_settings(models, environment, "starter")["PLANTAIN_DEFAULT_MODEL"] == "starter"
    assert model_settings(models, environment, None)["PLANTAIN_DEFAULT_MODEL"] == "mock"
    assert model_settings(models, {}, None)["PLANTAIN_DEFAULT_MODEL"] == "sdxl"
    write_default_model(models, None)
    assert "PLANTAIN_DEFAULT_MODEL" not in model_settings(models, {}, None)
    assert read_default_model(models) is None


def test_a_stack_s_processes_have_them(models: Path) -> None:
    data = DataDirectory(models.parent)
    data.make_folders()
    found = stack_environment(data, storage="http://s", pubsub="p", model="sdxl", inherited={})
    assert found["PLANTAIN_DEFAULT_MODEL"] == "sdxl"
    assert "sdxl" in json.loads(found["PLANTAIN_MODELS"])


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("klein", ModelRequest("klein", "black-forest-labs/FLUX.2-klein-4B", "main")),
        (f"klein@{COMMIT}", ModelRequest("klein", "black-forest-labs/FLUX.2-klein-4B", COMMIT)),
        (
            "black-forest-labs/FLUX.2-klein-4B@v1",
            ModelRequest("klein", "black-forest-labs/FLUX.2-klein-4B", "v1"),
        ),
        ("owner/My-Model", ModelRequest("my-model", "owner/My-Model", "main")),
    ],
)
def test_a_model_is_named_by_its_name_or_its_id(text: str, wanted: ModelRequest) -> None:
    assert read_model_request(text) == wanted


@pytest.mark.parametrize(
    ("text", "name"), [("nix", None), ("starter", None), ("a/b", "klein"), ("a/b", "A B")]
)
def test_other_names_are_refused(text: str, name: str | None) -> None:
    with pytest.raises(InvalidRequest):
        read_model_request(text, name)
