"""The exported model draws what the torch model draws, for the same seed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from functions.contract.errors import EngineFailed, ModelUnavailable, UnsupportedTask
from worker.engines.catalogue import Catalogue
from worker.engines.diffusion import DiffusersEngine
from worker.engines.onnx.engine import OnnxEngine
from worker.engines.onnx.enlarge import OnnxEnlarger
from worker.engines.onnx.recipe import FILE, Precision
from worker.engines.protocol import Brief, Engine, Picture
from worker.settings import WorkerSettings

# Tracing the graphs, once for all tests, is minutes of Python where the machine is shared.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_800)]

Engines = Callable[[Precision], OnnxEngine]
Folders = Callable[[Precision], Path]


def draw(engine: Engine, seed: int = 3, **prompts_to_draw: Any) -> Picture:
    prompts_to_draw = {"prompt": "a red boat on the sea", "width": 64, "height": 64} | prompts_to_draw
    return engine.diffuse(engine.encode(Brief(**prompts_to_draw)), seed, lambda _step, _of, _preview: None)


def difference(one: Picture, other: Picture) -> float:
    return float(np.abs(one - other).max())


@pytest.mark.parametrize(
    "prompts_to_draw",
    [
        {},
        {"width": 1360, "height": 768},
        {"guidance": 1.0},
        {"guidance": 3.0, "negative_prompt": "a green tree"},
        {"steps": 1},
    ],
)
def test_a_picture_is_torchs(
    engine: Engines, torch_engine: DiffusersEngine, prompts_to_draw: dict[str, Any]
) -> None:
    exact, ours = draw(torch_engine, **prompts_to_draw), draw(engine("fp32"), **prompts_to_draw)
    assert ours.shape == exact.shape
    assert ours.dtype == np.float32
    assert difference(exact, ours) < 1e-3


@pytest.mark.parametrize(
    "shapes", [[(96, 96)], [(640, 360)], [(64, 64), (40, 100)], [(10, 8), (9, 9), (64, 32)]]
)
def test_an_edit_is_torchs_with_any_references(
    engine: Engines,
    torch_engine: DiffusersEngine,
    photo: Callable[..., Picture],
    shapes: list[tuple[int, int]],
) -> None:
    images = tuple(photo(*shape, seed) for seed, shape in enumerate(shapes))
    exact, ours = draw(torch_engine, images=images), draw(engine("fp32"), images=images)
    assert difference(exact, ours) < 1e-3
    assert difference(ours, draw(engine("fp32"))) > 1e-3


@pytest.mark.parametrize(("precision", "most"), [("fp16", 0.02), ("int8", 0.12)])
def test_a_narrower_model_draws_nearly_the_same(
    engine: Engines, photo: Callable[..., Picture], precision: Precision, most: float
) -> None:
    both: list[dict[str, Any]] = [{}, {"images": (photo(),)}]
    for prompts_to_draw in both:
        exact, rough = draw(engine("fp32"), **prompts_to_draw), draw(engine(precision), **prompts_to_draw)
        assert 0 < difference(exact, rough) < most


def test_narrower_files_are_smaller(exported: Folders) -> None:
    sizes = [(exported(precision) / "step.onnx").stat().st_size for precision in ("fp32", "fp16", "int8")]
    assert sizes == sorted(sizes, reverse=True)


def test_the_same_seed_draws_the_same_and_another_another(engine: Engines) -> None:
    ours = engine("int8")
    assert np.array_equal(draw(ours), draw(ours))
    assert difference(draw(ours), draw(ours, seed=4)) > 1e-3


def test_the_engine_says_what_it_is(engine: Engines, torch_engine: DiffusersEngine) -> None:
    ours = engine("int8")
    assert (ours.name, ours.model, ours.revision) == ("onnx", "tiny-klein", "r1-onnx-int8")
    assert ours.enlargers == ("starter-x4", "illustration-x4")
    assert ours.native_size(1360, 768) == torch_engine.native_size(1360, 768)
    assert ours.estimate_bytes(64, 64, 2) == torch_engine.estimate_bytes(64, 64, 2)


def test_every_step_is_told_and_may_stop(engine: Engines) -> None:
    steps: list[tuple[int, int]] = []

    def stop_at_two(step: int, of: int, _preview: object) -> None:
        steps.append((step, of))
        if step == 2:
            raise InterruptedError

    ours = engine("fp32")
    with pytest.raises(InterruptedError):
        ours.diffuse(ours.encode(Brief(prompt="a boat", width=64, height=64)), 1, stop_at_two)
    assert steps == [(0, 3), (1, 3), (2, 3)]
    ours.warm_up()


def test_regions_are_left_to_torch(engine: Engines, photo: Callable[..., Picture]) -> None:
    both: list[dict[str, Any]] = [{"mask": np.ones((96, 96), np.float32)}, {"strength": 0.5}]
    for prompts_to_draw in both:
        with pytest.raises(UnsupportedTask):
            draw(engine("fp32"), images=(photo(),), **prompts_to_draw)


def test_a_negative_prompt_needs_guidance(engine: Engines) -> None:
    with pytest.raises(UnsupportedTask):
        draw(engine("fp32"), guidance=1.0, negative_prompt="a tree")


@pytest.mark.parametrize("spoil", ["step.onnx", "tokenizer.json", FILE])
def test_a_missing_file_is_a_typed_error(spoil: str, exported: Folders, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(exported("fp32"), tmp_path / "copy"))
    (folder / spoil).unlink()
    broken = OnnxEngine(folder, threads=1)
    with pytest.raises(ModelUnavailable, match=spoil.replace(".", r"\.")):
        broken.load()
        draw(broken)


def test_a_damaged_graph_is_a_typed_error(exported: Folders, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(exported("fp32"), tmp_path / "copy"))
    (folder / "text.onnx").write_bytes((folder / "text.onnx").read_bytes()[:1_000])
    broken = OnnxEngine(folder, threads=1)
    broken.load()
    with pytest.raises((ModelUnavailable, EngineFailed), match="text"):
        draw(broken)


def test_a_worker_draws_with_a_folder_and_enlarges_with_its_network(
    exported: Folders, tmp_path: Path
) -> None:
    folder = exported("int8")
    settings = WorkerSettings(
        project="p",
        uploads_bucket="u",
        results_bucket="r",
        jobs_bucket="j",
        data=tmp_path,
        models={"ours": f"onnx:{folder}", "gone": f"onnx:{tmp_path}"},
        default_model="ours",
    )
    catalogue = Catalogue(settings)
    first, further = catalogue.enlargers("ours")
    assert catalogue.engine("ours").name == "onnx"
    assert (first.name, further.name) == ("starter-x4", "illustration-x4")
    assert first.enlarge(draw(catalogue.engine("ours")), 64).shape == (256, 256, 3)
    [any_enlarger] = catalogue.enlargers(None)
    assert isinstance(any_enlarger, OnnxEnlarger)  # no torch for what callers bring either
    assert any_enlarger.name == "picture-x2"
    assert catalogue.accelerator() is None
    with pytest.raises(ModelUnavailable, match="export"):
        catalogue.engine("gone")


def test_an_engine_that_is_not_loaded_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="not loaded"):
        OnnxEngine(tmp_path).native_size(64, 64)
