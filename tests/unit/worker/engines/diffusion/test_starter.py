"""The starter model's weights, through the same code path as any other checkpoint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from worker.engines.diffusion import DiffusersEngine
from worker.engines.protocol import Brief, Picture
from worker.settings import EMBEDDED_MODEL

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def starter() -> DiffusersEngine:
    engine = DiffusersEngine(EMBEDDED_MODEL, device="cpu")
    engine.load()
    return engine


def draw(engine: DiffusersEngine, seed: int = 1, **prompts_to_draw: Any) -> Picture:
    brief = Brief(prompt="a red boat on the sea at night", width=1360, height=768, steps=2, **prompts_to_draw)
    return engine.diffuse(engine.encode(brief), seed, lambda _step, _of, _preview: None)


def test_the_starter_draws_the_wanted_shape(starter: DiffusersEngine) -> None:
    picture = draw(starter)
    assert starter.model == "starter"
    assert starter.revision
    assert picture.shape == (*reversed(starter.native_size(1360, 768)), 3)
    assert not np.array_equal(picture, draw(starter, seed=2))


def test_the_starter_edits_by_instruction_reference_and_region(
    starter: DiffusersEngine, photo: Callable[..., Picture]
) -> None:
    image, reference, mask = photo(680, 384), photo(40, 300, 2), np.eye(384, 680, dtype=np.float32)
    tasks: list[dict[str, Any]] = [
        {"images": (image,)},
        {"images": (image, reference)},
        {"images": (image,), "mask": mask},
        {"images": (image, reference), "mask": mask},
    ]
    for task in tasks:
        picture = draw(starter, **task)
        assert picture.shape == (*reversed(starter.native_size(1360, 768)), 3)
        assert np.ptp(picture) > 0


def test_the_starter_is_within_what_a_repository_takes() -> None:
    sizes = [path.stat().st_size for path in EMBEDDED_MODEL.rglob("*") if path.is_file()]
    assert max(sizes) < 15 << 20
    assert sum(sizes) <= 115 << 20
