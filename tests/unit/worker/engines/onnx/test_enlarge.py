"""The exported network enlarges as torch's does, in tiles of any size."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from worker.engines.onnx.engine import OnnxEngine
from worker.engines.onnx.enlarge import OnnxEnlarger
from worker.engines.onnx.recipe import Precision
from worker.engines.protocol import Picture
from worker.upscaler.tiled_upscaler import Upscaler

# Tracing the graphs, once for all tests, is minutes of Python where the machine is shared.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_800)]


def own_enlargers(engine: Callable[[Precision], OnnxEngine], precision: Precision) -> list[OnnxEnlarger]:
    return list(engine(precision).exported_enlargers("tiny-klein"))


@pytest.mark.parametrize(("precision", "most"), [("fp32", 1e-4), ("fp16", 4e-3), ("int8", 0.05)])
@pytest.mark.parametrize(("number", "name"), [(0, "starter-x4"), (1, "illustration-x4")])
def test_the_large_picture_is_torchs(
    engine: Callable[[Precision], OnnxEngine],
    photo: Callable[..., Picture],
    precision: Precision,
    most: float,
    number: int,
    name: str,
) -> None:
    picture, network = photo(40, 24), own_enlargers(engine, precision)[number]
    expected = Upscaler.load(name, "cpu", body=torch.float32).enlarge(picture)
    made = network.enlarge(picture)
    assert network.name == name
    assert made.shape == expected.shape == (96, 160, 3)
    assert np.abs(made - expected).max() < most


@pytest.mark.parametrize(("precision", "most"), [("fp32", 1e-4), ("fp16", 4e-3), ("int8", 0.05)])
def test_the_network_for_any_picture_is_torchs_too(
    engine: Callable[[Precision], OnnxEngine],
    photo: Callable[..., Picture],
    precision: Precision,
    most: float,
) -> None:
    picture, [made] = photo(40, 24), engine(precision).exported_enlargers(None)
    expected = Upscaler.load("picture-x2", "cpu", body=torch.float32).enlarge(picture)
    assert (made.name, made.factor) == ("picture-x2", 2)
    assert np.abs(made.enlarge(picture) - expected).max() < most


def test_a_flat_colour_stays_flat_in_int8(engine: Callable[[Precision], OnnxEngine]) -> None:
    """Interpolation with rounded weights would make it a pattern of dots."""
    for network in own_enlargers(engine, "int8"):
        flat = network.enlarge(np.full((24, 24, 3), 0.37, np.float32))
        assert np.ptp(flat, axis=(0, 1)).max() < 0.01


@pytest.mark.parametrize("precision", ["fp32", "int8"])
@pytest.mark.parametrize("tile", [7, 16, 33])
def test_tiles_leave_no_seam(
    engine: Callable[[Precision], OnnxEngine],
    photo: Callable[..., Picture],
    precision: Precision,
    tile: int,
) -> None:
    picture = photo(40, 24)
    for enlarger in own_enlargers(engine, precision):
        assert np.abs(enlarger.enlarge(picture, 64) - enlarger.enlarge(picture, tile)).max() < 1e-4
