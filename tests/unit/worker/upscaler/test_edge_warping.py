"""Warping makes edges narrower, adds no contrast, and leaves what has no edge."""

from __future__ import annotations

import pytest
import torch

from worker.upscaler.edge_warping import REACH, warp_edges


def soft_step(width: float, side: int = 48) -> torch.Tensor:
    """Returns an edge across (1, 3, side, side), from 0.2 to 0.8, which is about ``width`` pixels wide."""
    places = torch.arange(side) - side / 2 - 0.3
    row = 0.2 + 0.6 * torch.sigmoid(4 * places / width)
    return row.expand(1, 3, side, side).clone()


def steepest(pictures: torch.Tensor) -> float:
    return pictures.diff(dim=3).abs().max().item()


@pytest.mark.parametrize("width", [3.0, 5.0, 8.0])
def test_an_edge_gets_narrower_and_stays_where_it_is(width: float) -> None:
    soft = soft_step(width)
    sharp = warp_edges(soft)
    assert steepest(sharp) > 1.25 * steepest(soft)
    assert ((sharp > 0.5) == (soft > 0.5)).all()


def test_no_contrast_is_added() -> None:
    sharp = warp_edges(soft_step(4.0))
    assert sharp.min() > 0.2 - 0.02
    assert sharp.max() < 0.8 + 0.02


def test_all_channels_move_together() -> None:
    soft = soft_step(5.0)
    soft[:, 1] = 1 - soft[:, 1]
    sharp = warp_edges(soft)
    assert torch.allclose(sharp[:, 0], sharp[:, 2])
    assert torch.allclose(sharp[:, 0], 1 - sharp[:, 1], atol=1e-5)


def test_a_smooth_gradient_and_a_flat_colour_stay() -> None:
    gradient = torch.linspace(0.1, 0.9, 64).expand(1, 3, 64, 64).clone()
    inside = (..., slice(REACH, -REACH), slice(REACH, -REACH))
    assert torch.allclose(warp_edges(gradient)[inside], gradient[inside], atol=1e-4)
    assert torch.allclose(warp_edges(torch.full((2, 3, 20, 30), 0.3)), torch.tensor(0.3), atol=1e-5)


def test_a_pixel_depends_on_its_neighbourhood_alone() -> None:
    picture = torch.rand(1, 3, 40, 40, generator=torch.Generator().manual_seed(0))
    whole, part = warp_edges(picture), warp_edges(picture[..., 8:32, 4:36])
    inside = (..., slice(REACH, -REACH), slice(REACH, -REACH))
    assert torch.allclose(part[inside], whole[..., 8:32, 4:36][inside], atol=1e-4)


def test_it_can_be_trained_through() -> None:
    soft = soft_step(4.0).requires_grad_(True)
    warp_edges(soft).square().sum().backward()
    assert soft.grad is not None
    assert torch.isfinite(soft.grad).all()
    assert soft.grad.abs().sum() > 0


@pytest.mark.parametrize("slope", [0.3, 0.45, 0.7])
def test_a_slanting_edge_has_no_steps(slope: float) -> None:
    columns = torch.arange(64.0)
    line = 32 + slope * (torch.arange(64.0) - 32)
    soft = (0.2 + 0.6 * torch.sigmoid((columns - line[:, None]) / 0.8)).expand(1, 3, 64, 64)
    dark = ((0.8 - warp_edges(soft)[0, 0]) / 0.6).sum(dim=1)  # pixels left of the edge, in each row
    assert (dark - line - 0.5)[8:-8].abs().max() < 0.05
