from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from functions.contract.errors import ModelUnavailable
from tests.unit.worker.stages.making import noise
from worker.upscaler.checkpoint import save
from worker.upscaler.enlarge import Upscaler
from worker.upscaler.network import Shape, SuperResolution


def random_network() -> SuperResolution:
    torch.manual_seed(3)
    network = SuperResolution(Shape(width=8, depth=3))
    torch.nn.init.normal_(network.last.weight, std=0.05)
    return network


@pytest.mark.parametrize("tile", [7, 16, 33])
def test_tiles_leave_no_seam(tile: int) -> None:
    upscaler, picture = Upscaler(random_network(), "random"), noise(40, 24)
    whole, tiled = upscaler.enlarge(picture, tile=64), upscaler.enlarge(picture, tile=tile)
    assert np.abs(whole - tiled).max() < 1e-4


def test_an_untrained_network_is_bicubic_interpolation() -> None:
    picture = cv2.GaussianBlur(noise(32, 32), (0, 0), 3)
    made = Upscaler(SuperResolution(Shape(8, 2)), "untrained").enlarge(picture)
    bicubic = cv2.resize(picture, (128, 128), interpolation=cv2.INTER_CUBIC)
    assert made.shape == (128, 128, 3)
    assert np.abs(made - bicubic)[8:-8, 8:-8].max() < 0.02


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    network = random_network()
    save(network, "random", tmp_path)
    loaded = Upscaler.load("random", "cpu", tmp_path)
    picture = noise(16, 16)
    assert loaded.name == "random"
    assert np.abs(loaded.enlarge(picture) - Upscaler(network, "random").enlarge(picture)).max() < 0.01


def test_a_network_that_is_not_there_is_a_typed_error(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable):
        Upscaler.load("nothing", "cpu", tmp_path)
