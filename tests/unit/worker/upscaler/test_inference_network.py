"""The inference form of a network gives the same pictures as the network."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.unit.worker.stages.making import noise
from training.upscaler.dataset import load_photograph
from worker.pictures.tiled_enlargement import EDGE, enlarge_in_tiles
from worker.upscaler.checkpoint import load_network
from worker.upscaler.inference_network import InferenceNetwork, fastest_type
from worker.upscaler.super_resolution import SuperResolution
from worker.upscaler.tiled_upscaler import Upscaler

NETWORKS = ["starter-x4", "illustration-x4", "picture-x2"]


def plain(network: str, picture: np.ndarray) -> np.ndarray:
    """Enlarges with the network as it was trained, without tiles."""
    small = np.pad(picture, ((EDGE, EDGE), (EDGE, EDGE), (0, 0)), "edge")
    made = load_network(network)
    with torch.inference_mode():
        large = made(torch.from_numpy(small).permute(2, 0, 1)[None])[0].permute(1, 2, 0).numpy()
    inner = slice(EDGE * made.factor, -EDGE * made.factor)
    return np.clip(large[inner, inner], 0, 1)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize(
    ("body", "most", "mean"), [(torch.float32, 0.001, 1e-4), (torch.bfloat16, 0.6, 0.02)]
)
def test_it_stays_far_below_one_step_of_eight_bits(
    network: str, body: torch.dtype, most: float, mean: float
) -> None:
    picture = load_photograph("chelsea.png")[70:100, 110:146]
    made = Upscaler.load(network, "cpu", body=body).enlarge(picture)
    difference = np.abs(made - plain(network, picture)) * 255
    assert difference.max() < most
    assert difference.mean() < mean


@pytest.mark.parametrize("network", NETWORKS[1:])  # the starter's is only wider, and slow in bfloat16
def test_tiles_leave_no_seam_in_bfloat16_either(network: str) -> None:
    upscaler = Upscaler.load(network, "cpu", body=torch.bfloat16)
    picture = load_photograph("chelsea.png")[70:110, 110:158]
    whole = upscaler.enlarge(picture)
    assert max(np.abs(upscaler.enlarge(picture, tile) - whole).max() for tile in (17, 32)) < 0.3 / 255


def test_the_network_that_it_was_made_of_is_left_as_it_was() -> None:
    network = SuperResolution()
    InferenceNetwork(network, torch.bfloat16)
    assert {parameter.dtype for parameter in network.parameters()} == {torch.float32}


def test_a_device_computes_as_exactly_as_ever() -> None:
    assert fastest_type("cuda") == torch.float32


@pytest.mark.parametrize("shape", [(1, 1), (7, 12), (24, 13)])
def test_it_ends_at_a_pictures_edges_as_in_training(shape: tuple[int, int]) -> None:
    picture = torch.rand(1, 3, *shape)
    network = load_network("picture-x2")
    assert isinstance(network, SuperResolution)
    with torch.inference_mode():
        made, wanted = InferenceNetwork(network)(picture), network(picture)
    assert made.shape == (1, 3, 2 * shape[0], 2 * shape[1])
    assert (made - wanted).abs().max() < 1e-5


def test_only_tiles_that_meet_have_margins_of_the_whole_reach() -> None:
    seen: list[tuple[int, ...]] = []

    def double(piece: np.ndarray) -> np.ndarray:
        seen.append(piece.shape)
        return piece.repeat(2, 0).repeat(2, 1)

    enlarge_in_tiles(noise(50, 30), 64, 2, 18, double)
    enlarge_in_tiles(noise(50, 30), 30, 2, 18, double)
    assert seen == [(30 + 16, 50 + 16, 3), (30 + 16, 30 + 8 + 18, 3), (30 + 16, 20 + 18 + 8, 3)]


@pytest.mark.parametrize("tile", [1, 7, 64])
def test_every_piece_lies_where_it_belongs(tile: int) -> None:
    picture = noise(20, 13)
    made = enlarge_in_tiles(picture, tile, 2, 3, lambda piece: piece.repeat(2, 0).repeat(2, 1))
    assert np.array_equal(made, picture.repeat(2, 0).repeat(2, 1))


@pytest.mark.parametrize("network", NETWORKS)
def test_a_flat_colour_is_flat_up_to_the_edges(network: str) -> None:
    flat = Upscaler.load(network, "cpu").enlarge(np.full((24, 24, 3), (0.9, 0.2, 0.1), np.float32))
    assert np.ptp(flat, axis=(0, 1)).max() < 0.01
