"""Every task in the precision that GPUs run: where a pipeline mixes dtypes, it fails at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from worker.engines.diffusion import DiffusersEngine
from worker.engines.protocol import Brief, Picture

pytestmark = pytest.mark.slow

Load = Callable[..., DiffusersEngine]
Draw = Callable[[DiffusersEngine], Picture]

TASKS = {"sana": 1, "flux2_dev": 2, "sana_sprint": 3}  # of the four below, in their order


@pytest.mark.parametrize(
    ("family", "dtype"),
    [
        ("klein", "bfloat16"),
        ("flux1", "bfloat16"),
        ("sdxl", "bfloat16"),
        ("sdxl", "float16"),
        ("sana", "bfloat16"),
        ("sana_sprint", "bfloat16"),
        ("qwen_image", "bfloat16"),
        ("z_image", "bfloat16"),
        ("sd3", "bfloat16"),
        ("flux2_dev", "bfloat16"),
    ],
)
def test_every_task_draws(
    family: str, dtype: str, request: pytest.FixtureRequest, load: Load, photo: Callable[..., Picture]
) -> None:
    engine = load(request.getfixturevalue(f"{family}_directory"), dtype=dtype)
    previews: list[Picture] = []

    def look(_step: int, _of: int, preview: Callable[[], Picture] | None) -> None:
        if preview is not None:
            previews.append(preview())

    tasks: list[dict[str, Any]] = [
        {},
        {"images": (photo(),)},
        {"images": (photo(),), "strength": 0.5},
        {"images": (photo(),), "mask": np.eye(96, dtype=np.float32)},
    ]
    for task in tasks[: TASKS.get(family, 4)]:
        brief = Brief(prompt="a red boat", width=64, height=64, steps=2, **task)
        picture = engine.diffuse(engine.encode(brief), 1, look)
        assert picture.dtype == np.float32
        assert np.ptp(picture) > 0
    assert all(preview.dtype == np.float32 for preview in previews)


def test_the_picture_is_decoded_finer_than_the_model_runs(
    klein_directory: Path, load: Load, draw: Draw
) -> None:
    """A bfloat16 decoder could say a few hundred values; these are for 16 bits a channel."""
    assert len(np.unique(draw(load(klein_directory, dtype="bfloat16")))) > 4_000


def test_decoding_leaves_the_weights_as_they_were(klein_directory: Path, load: Load, draw: Draw) -> None:
    engine = load(klein_directory, dtype="bfloat16")
    assert np.array_equal(draw(engine), draw(engine))
