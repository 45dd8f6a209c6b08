"""The table of known models, and the models that were pulled."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from worker.known_models.known_model import KnownModel, is_model_name, known_models
from worker.known_models.machine_needs import machine_text, needed_bytes
from worker.known_models.pipeline_files import select_pipeline_files
from worker.known_models.pulled_models import LOCK_FILE, ModelLock, PulledModels, read_lock

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def write_lock(directory: Path, **changes: Any) -> ModelLock:
    facts: dict[str, Any] = {
        "name": directory.name,
        "repository": "plantain/tiny",
        "revision": "main",
        "commit": COMMIT,
        "pipeline": "Flux2KleinPipeline",
        "pulled": "2026-01-31T12:00:00.000000Z",
        "files": {"a": {"size": 3, "sha256": "0" * 64}, "b": {"size": 4, "git_sha1": "1" * 40}},
    }
    lock = ModelLock.model_validate(facts | changes)
    directory.mkdir(parents=True)
    (directory / LOCK_FILE).write_text(lock.model_dump_json())
    return lock


def test_the_table_is_whole() -> None:
    known = known_models()
    assert {"starter", "klein", "sdxl", "flux1-dev"} <= set(known)
    assert len({model.source for model in known.values()}) == len(known)
    assert [name for name in known if not is_model_name(name)] == []


@pytest.mark.parametrize("model", known_models().values(), ids=lambda model: model.name)
def test_a_model_s_facts_fit_together(model: KnownModel) -> None:
    assert model.is_embedded or model.source.count("/") == 1
    assert model.is_embedded or model.licence_page == f"https://huggingface.co/{model.source}"
    # the files hold each parameter in 2 or 4 bytes, and little else
    assert model.is_embedded or 1.9 <= model.gigabytes / model.parameters <= 4.1
    # a step asks the network for every parameter once for each of 1024 tokens at least
    assert model.picture_tflops > model.steps * model.step_tflops > 0


def test_terraform_takes_the_same_names() -> None:
    text = (Path(__file__).parents[4] / "terraform" / "variables.tf").read_text("utf-8")
    listed = re.search(r"known_models = (\[[^\]]*\])", text)
    assert listed is not None
    names = json.loads(re.sub(r",\s*\]", "]", listed[1]))
    assert names == [model.name for model in known_models().values() if not model.is_embedded]


def test_what_a_model_does_not_refuse_is_a_task() -> None:
    assert known_models()["klein"].tasks == ("generate", "edit", "region", "references")
    assert known_models()["sdxl"].tasks == ("generate", "edit", "region")
    assert known_models()["sana"].tasks == ("generate",)
    assert known_models()["qwen-image-edit"].tasks == ("edit", "references")
    assert known_models()["wan"].tasks == ("animate",)


def test_a_model_draws_pictures_or_clips() -> None:
    refused = {name: model.all_refused for name, model in known_models().items()}
    assert [name for name, features in refused.items() if "animate" not in features] == [
        *("wan", "wan-image", "ltx-video")
    ]
    assert all(("pictures" in features) != ("animate" in features) for features in refused.values())


def test_a_machine_is_named_by_the_memory_that_a_model_needs() -> None:
    klein = known_models()["klein"]
    assert 18.9 <= needed_bytes(klein, 2) / 1e9 < 19
    assert machine_text(klein) == "GPU with 24 GB"
    assert machine_text(known_models()["starter"]) == "any laptop"
    assert machine_text(klein.model_copy(update={"parameters": 200.0})) == "GPUs with 403 GB"


def test_only_the_files_of_the_pipeline_are_selected() -> None:
    index = {
        "_class_name": "P",
        "vae": ["diffusers", "A"],
        "image_encoder": [None, None],
        "odd": 1,
        "..": ["diffusers", "A"],
    }
    paths = [
        "model_index.json",
        "plantain.json",
        "vae/config.json",
        "vae/model.safetensors",
        "vae/model.fp16.safetensors",
        "vae/model.fp16-00001-of-00002.safetensors",
        "vae/model.bin",
        "image_encoder/model.safetensors",
        "text_encoders/clip.safetensors",
        "model.safetensors",
        "vae/../../outside.json",
        "vae/deeper/config.json",
    ]
    wanted = ["model_index.json", "plantain.json", "vae/config.json", "vae/model.safetensors"]
    assert select_pipeline_files(index, paths) == wanted


def test_pulled_models_are_found_by_name_and_by_commit(tmp_path: Path) -> None:
    store = PulledModels(tmp_path)
    assert store.all() == []
    lock = write_lock(store.directory("tiny"))
    write_lock(store.directory("moved"), name="another")  # a folder that was renamed
    store.unfinished("half", COMMIT).mkdir()
    assert [model.lock for model in store.all()] == [lock]
    assert lock.size == 7
    found = store.find("tiny")
    assert found == store.find_commit("plantain/tiny", COMMIT)
    assert store.find_commit("plantain/tiny", COMMIT[::-1]) is None
    assert store.find("half") is None
    assert store.folders("half") == [store.unfinished("half", COMMIT)]
    assert store.folders("../..") == []


@pytest.mark.parametrize("text", ["", "{}", '{"commit": 1}'])
def test_a_lock_that_is_not_valid_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / LOCK_FILE).write_text(text)
    assert read_lock(tmp_path) is None
