"""The pairs of the passes after the first: crisp renders, and what an enlarger before may make of them."""

from __future__ import annotations

from pathlib import Path

import torch

from training.networks.config import TrainingSpan
from training.upscaler.dataset import SoftRenderPairs, downscale_pictures, gaussian_blur
from training.upscaler.train import describe_crispness, train_upscaler
from worker.upscaler.super_resolution import SuperResolution

PAIRS = SoftRenderPairs(4, seed=3)


def gradient_energy(picture: torch.Tensor) -> float:
    return (picture.diff(dim=1) ** 2).sum().item() + (picture.diff(dim=2) ** 2).sum().item()


def test_pairs_are_a_function_of_the_step_and_those_held_out_are_others() -> None:
    first, again, held_out = PAIRS.batch(1), PAIRS.batch(1), PAIRS.held_out(1)
    assert all(torch.equal(one, other) for one, other in zip(first, again, strict=True))
    assert not torch.equal(first[1], held_out[1])
    assert first[0].shape == (12, 3, 48, 48)
    assert first[1].shape == (12, 3, 192, 192)
    assert 0 <= first[0].min() <= first[0].max() <= 1


def test_some_small_pictures_are_softer_than_the_renders_and_some_are_crisper() -> None:
    small, large = PAIRS.batch(2)
    plain = downscale_pictures(large, 4)
    pairs = zip(small, plain, strict=True)
    sharpness = [gradient_energy(one) / gradient_energy(other) for one, other in pairs if other.std() > 0.05]
    assert min(sharpness) < 0.8
    assert max(sharpness) > 1.05


def test_a_blur_keeps_flat_colours() -> None:
    flat = torch.full((1, 3, 12, 9), 0.25)
    assert torch.allclose(gaussian_blur(flat, 1.0), flat)


def test_a_network_is_trained_on_them_and_measured(tmp_path: Path) -> None:
    def report(_network: SuperResolution, _step: int) -> None:
        pass

    span = TrainingSpan(minutes=600, steps=2)
    network = train_upscaler("illustration-x4", PAIRS, tmp_path, span, report, lambda: False)
    assert network.shape.unshuffle == 2
    assert "dB" in describe_crispness(network, PAIRS)
