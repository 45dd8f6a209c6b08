"""What is exported, and what is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from functions.contract.errors import ModelUnavailable
from training.onnx_export import export as exporting
from worker.engines.onnx.recipe import EnlargerFacts, Precision, Recipe, Schedule

# Tracing the graphs, once for all tests, is minutes of Python where the machine is shared.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_800)]


def test_the_recipe_is_the_models(exported: Callable[[Precision], Path]) -> None:
    recipe = Recipe.read(exported("fp32"))
    assert (recipe.model, recipe.revision, recipe.precision) == ("tiny-klein", "r1", "fp32")
    assert (recipe.steps, recipe.guidance, recipe.distilled) == (3, 2.0, False)
    assert (recipe.native_area, recipe.size_multiple, recipe.max_native_side) == (4096, 4, 128)
    assert recipe.schedule == Schedule(shift=1.0, dynamic=True)
    assert recipe.frame.before == "<|im_start|>user\n"
    assert not recipe.frame.trimmed
    assert recipe.enlarger == EnlargerFacts(name="starter-x4", factor=4, reach=18)
    assert recipe.further_enlarger == EnlargerFacts(name="illustration-x4", factor=4, reach=12)
    assert recipe.any_enlarger == EnlargerFacts(name="picture-x2", factor=2, reach=12)


def test_a_recipe_of_one_network_names_no_further_one(
    exported: Callable[[Precision], Path], tmp_path: Path
) -> None:
    """As folders do that were exported before there was a further network."""
    recipe = json.loads((exported("fp32") / "recipe.json").read_text())
    del recipe["further_enlarger"]
    (tmp_path / "recipe.json").write_text(json.dumps(recipe))
    assert [facts.name for facts in Recipe.read(tmp_path).own_enlargers.values()] == ["starter-x4"]


def test_nothing_is_left_beside_the_folder(exported: Callable[[Precision], Path]) -> None:
    folder = exported("int8")
    parts = ("text", "step", "encoder", "decoder", "enlarger", "further_enlarger", "any_enlarger")
    graphs = {f"{part}.onnx" for part in parts}
    assert {each.name for each in folder.iterdir()} == graphs | {"recipe.json", "tokenizer.json"}
    assert not [each for each in folder.parent.iterdir() if each.suffix]


def test_a_scheduler_that_the_runner_does_not_know_is_refused(model: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(model, tmp_path / "copy"))
    file = copy / "scheduler" / "scheduler_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"use_karras_sigmas": True}))
    with pytest.raises(ModelUnavailable, match="use_karras_sigmas"):
        exporting.export_onnx(str(copy), tmp_path / "out", "int8", tmp_path)
    assert not (tmp_path / "out").exists()


def test_a_model_too_large_for_a_file_is_refused(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "MAX_BYTES", 1_000)
    with pytest.raises(ModelUnavailable, match="takes"):
        exporting.export_onnx(str(model), tmp_path / "out", "int8", tmp_path)


def test_a_folder_that_is_no_model_is_a_typed_error(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable):
        exporting.export_onnx(str(tmp_path), tmp_path / "out", "int8", tmp_path)
    with pytest.raises(ModelUnavailable, match="export"):
        Recipe.read(tmp_path)
