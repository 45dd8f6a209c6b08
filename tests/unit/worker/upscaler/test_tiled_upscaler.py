from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from functions.contract.errors import ModelUnavailable
from tests.unit.worker.stages.making import noise
from worker.upscaler.checkpoint import save_network
from worker.upscaler.super_resolution import SuperResolution, SuperResolutionShape
from worker.upscaler.tiled_upscaler import Upscaler


def random_network() -> SuperResolution:
    torch.manual_seed(3)
    network = SuperResolution(SuperResolutionShape(width=8, depth=3))
    torch.nn.init.normal_(network.last.weight, std=0.05)
    return network


@pytest.mark.parametrize("tile", [7, 16, 33])
def test_tiles_leave_no_seam(tile: int) -> None:
    upscaler, picture = Upscaler(random_network(), "random"), noise(40, 24)
    whole, tiled = upscaler.enlarge(picture, tile=64), upscaler.enlarge(picture, tile=tile)
    assert np.abs(whole - tiled).max() < 1e-4


@pytest.mark.parametrize("shape", [(1, 1), (1, 97), (61, 1), (33, 7), (65, 128)])
@pytest.mark.parametrize("network", ["starter-x4", "illustration-x4", "picture-x2"])
def test_pictures_of_any_shape_are_enlarged(network: str, shape: tuple[int, int]) -> None:
    upscaler, picture = Upscaler.load(network, "cpu"), noise(*shape)
    made = upscaler.enlarge(picture, tile=64)
    assert made.shape == (shape[1] * upscaler.factor, shape[0] * upscaler.factor, 3)
    assert made.dtype == np.float32
    assert 0 <= made.min() <= made.max() <= 1


def test_no_more_than_a_tile_is_ever_in_the_network() -> None:
    class Watched(torch.nn.Module):
        factor, reach, largest = 2, 6, 0

        def forward(self, small: torch.Tensor) -> torch.Tensor:
            self.largest = max(self.largest, small.shape[2] * small.shape[3])
            return small.repeat_interleave(2, 2).repeat_interleave(2, 3)

    network = Watched()
    Upscaler(network, "watched").enlarge(noise(300, 200), tile=32)
    assert network.largest == (32 + 2 * network.reach) ** 2


def test_a_slice_of_a_larger_picture_is_taken_as_it_is() -> None:
    upscaler, picture = Upscaler(random_network(), "random"), noise(64, 48)
    part = picture[5:29, 60:20:-1]
    assert np.array_equal(upscaler.enlarge(part), upscaler.enlarge(part.copy()))


def test_an_untrained_network_is_bicubic_interpolation() -> None:
    picture = cv2.GaussianBlur(noise(32, 32), (0, 0), 3)
    made = Upscaler(SuperResolution(SuperResolutionShape(8, 2)), "untrained").enlarge(picture)
    bicubic = cv2.resize(picture, (128, 128), interpolation=cv2.INTER_CUBIC)
    assert made.shape == (128, 128, 3)
    assert np.abs(made - bicubic)[8:-8, 8:-8].max() < 0.02


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    network = random_network()
    save_network(network, "random", tmp_path)
    loaded = Upscaler.load("random", "cpu", tmp_path)
    picture = noise(16, 16)
    assert loaded.name == "random"
    assert np.abs(loaded.enlarge(picture) - Upscaler(network, "random").enlarge(picture)).max() < 0.01


def test_a_network_that_is_not_there_is_a_typed_error(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable):
        Upscaler.load("nothing", "cpu", tmp_path)
