"""Qwen-Image-Edit, which draws only with an image, with a tiny checkpoint of the real classes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit_plus as edit_plus

from functions.contract.errors import Canceled, UnsupportedTask
from tests.unit.worker.engines.diffusion.tiny_models import save_qwen_image_edit
from worker.engines.diffusion import DiffusersEngine
from worker.engines.protocol import Brief, OnStep, Picture

pytestmark = pytest.mark.slow

Photo = Callable[..., Picture]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_qwen_image_edit(tmp_path_factory.mktemp("qwen-image-edit"))


@pytest.fixture(autouse=True)
def small_images(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pipeline brings images to these areas whatever the model's size is."""
    monkeypatch.setattr(edit_plus, "CONDITION_IMAGE_SIZE", 64 * 64)
    monkeypatch.setattr(edit_plus, "VAE_IMAGE_SIZE", 64 * 64)


@pytest.fixture(scope="module")
def engine(directory: Path) -> DiffusersEngine:
    engine = DiffusersEngine(directory, device="cpu")
    engine.load()
    return engine


def ignore(_step: int, _of: int, _preview: Callable[[], Picture] | None) -> None:
    """An OnStep that lets the engine go on."""


def draw(engine: DiffusersEngine, on_step: OnStep = ignore, seed: int = 1, **facts: Any) -> Picture:
    usual: dict[str, Any] = {"prompt": "make the boat green", "width": 64, "height": 64, "steps": 2}
    return engine.diffuse(engine.encode(Brief(**(usual | facts))), seed, on_step)


def test_it_follows_prompt_image_seed_and_references(engine: DiffusersEngine, photo: Photo) -> None:
    image = photo()
    first = draw(engine, images=(image,))
    assert engine.follows_instructions
    assert first.shape == (64, 64, 3)
    assert np.array_equal(draw(engine, images=(image,)), first)
    others: list[dict[str, Any]] = [
        {"images": (photo(seed=2),)},
        {"images": (image,), "seed": 2},
        {"images": (image,), "prompt": "a house"},
        {"images": (image,), "negative_prompt": "a house"},
        {"images": (image,), "guidance": 1.0},
        {"images": (image, photo(40, 90, 6))},
    ]
    for changes in others:
        assert not np.array_equal(draw(engine, **changes), first)


def test_the_prompt_is_encoded_once_and_the_picture_is_the_pipeline_s(
    engine: DiffusersEngine, photo: Photo
) -> None:
    brief = Brief(prompt="make the boat green", width=64, height=64, steps=2, images=(photo(),))
    call: Any = engine.encode(brief).conditions
    assert "prompt" not in call.arguments
    generator = torch.Generator("cpu").manual_seed(1)
    theirs = call.pipeline(**call.arguments, generator=generator, output_type="np").images[0]
    np.testing.assert_allclose(draw(engine, images=(photo(),)), theirs, atol=1e-5)


def test_previews_have_the_picture_s_shape_and_a_cancel_leaves_nothing(
    engine: DiffusersEngine, photo: Photo
) -> None:
    previews: list[Picture] = []

    def look(_step: int, _of: int, preview: Callable[[], Picture] | None) -> None:
        previews.extend([preview()] if preview else [])

    def cancel(step: int, _of: int, _preview: object) -> None:
        if step == 1:
            raise Canceled

    picture = draw(engine, look, images=(photo(),))
    assert {preview.shape for preview in previews} == {picture.shape}
    with pytest.raises(Canceled):
        draw(engine, cancel, images=(photo(),))
    assert np.array_equal(draw(engine, images=(photo(),)), picture)


def test_it_warms_up_with_an_image_of_its_own(engine: DiffusersEngine) -> None:
    engine.warm_up()


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"images": ()}, "changes images"),
        ({"strength": 0.5}, "strength"),
        ({"mask": np.ones((96, 96), np.float32)}, "region"),
        ({"negative_prompt": "a house", "guidance": 1.0}, "negative prompt"),
    ],
)
def test_what_it_does_not_do_is_refused(
    engine: DiffusersEngine, photo: Photo, facts: dict[str, Any], said: str
) -> None:
    asked: dict[str, Any] = {"images": (photo(),)} | facts
    with pytest.raises(UnsupportedTask, match=said):
        draw(engine, **asked)
