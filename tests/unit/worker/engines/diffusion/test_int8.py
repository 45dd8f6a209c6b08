"""int8 on a CPU: nearly the same picture, and the layers that it is for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from functions.contract.errors import ModelUnavailable
from worker.engines.diffusion import DiffusersEngine
from worker.engines.diffusion.acceleration.int8 import Int8Linear, quantize_linears
from worker.engines.protocol import Brief, Picture
from worker.settings import EMBEDDED_MODEL

pytestmark = pytest.mark.slow

Load = Callable[..., DiffusersEngine]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("shape", [(1, 96), (3, 5, 96)])
def test_a_product_is_nearly_what_it_was(dtype: torch.dtype, shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    linear = torch.nn.Linear(96, 160)
    states = torch.randn(shape)
    exact = linear(states)
    rough = Int8Linear(linear)(states.to(dtype))
    assert rough.shape == exact.shape
    assert rough.dtype == dtype
    assert (rough.float() - exact).abs().max() < 0.03 * exact.abs().max()


def test_a_row_of_noughts_stays_one() -> None:
    linear = torch.nn.Linear(64, 64, bias=False)
    assert not Int8Linear(linear)(torch.zeros(2, 64)).any()


def test_rows_do_not_know_of_each_other() -> None:
    """What shares a batch must not change a picture."""
    torch.manual_seed(0)
    layer = Int8Linear(torch.nn.Linear(64, 64))
    states = torch.randn(4, 64) * torch.tensor([[1], [9], [1], [1]])
    assert torch.equal(layer(states)[2:], layer(states[2:]))


def test_the_blocks_are_quantized_and_what_stands_alone_is_not() -> None:
    class Pipeline:
        transformer: Any = torch.nn.ModuleDict(
            {
                "inwards": torch.nn.Linear(64, 64),
                "blocks": torch.nn.ModuleList([torch.nn.Sequential(torch.nn.Linear(64, 64))]),
                "narrow": torch.nn.ModuleList([torch.nn.Linear(64, 8)]),
            }
        )

    quantize_linears(Pipeline)
    kinds = [type(each).__name__ for each in Pipeline.transformer.modules() if not list(each.children())]
    assert kinds == ["Linear", "Int8Linear", "Linear"]


@pytest.mark.parametrize(
    "family", ["klein", "flux1", "sdxl", "sana", "sana_sprint", "qwen_image", "z_image", "sd3", "flux2_dev"]
)
def test_every_family_draws_in_int8(
    family: str, request: pytest.FixtureRequest, load: Load, draw: Callable[[DiffusersEngine], Picture]
) -> None:
    picture = draw(load(request.getfixturevalue(f"{family}_directory"), dtype="int8"))
    assert np.ptp(picture) > 0


def test_the_starter_draws_nearly_the_same_picture(
    load: Load, draw: Callable[[DiffusersEngine], Picture]
) -> None:
    exact, rough = draw(load(EMBEDDED_MODEL)), draw(load(EMBEDDED_MODEL, dtype="int8"))
    assert 0 < np.abs(exact - rough).mean() < 0.02


@pytest.mark.parametrize(
    ("dtype", "device", "why"),
    [
        ("int8", "cuda", "cannot be loaded on cuda"),
        ("fp8", "cpu", "fp8 is for GPUs"),
        ("int4", "cpu", "say one"),
    ],
)
def test_what_a_device_cannot_multiply_is_refused(
    dtype: str, device: str, why: str, klein_directory: Path, load: Load
) -> None:
    with pytest.raises(ModelUnavailable, match=why):
        load(klein_directory, dtype=dtype, device=device)


def test_a_brief_of_an_edit_is_drawn_in_int8(load: Load, photo: Callable[..., Picture]) -> None:
    engine = load(EMBEDDED_MODEL, dtype="int8")
    brief = Brief(prompt="make the boat green", width=64, height=64, steps=1, images=(photo(),))
    assert np.ptp(engine.diffuse(engine.encode(brief), 1, lambda _step, _of, _preview: None)) > 0
