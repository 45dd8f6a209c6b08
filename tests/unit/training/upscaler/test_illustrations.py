"""The starter's upscaler is trained on what the starter's decoder makes, and a stopped training goes on."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest
import torch

from training.networks.config import TrainingSpan
from training.networks.pipeline_folder import load_sampler
from training.upscaler.illustrations import IllustrationPairs
from training.upscaler.train import SHAPES, UpscalerTraining, show_illustrations, train_upscaler
from worker.upscaler.checkpoint import WEIGHTS, load_network
from worker.upscaler.super_resolution import SuperResolution

pytestmark = pytest.mark.slow
NAME = "starter-x4"


@pytest.fixture
def pairs(pipeline: Path) -> IllustrationPairs:
    return IllustrationPairs(load_sampler(pipeline), 4, 1)


def test_pairs_are_crops_of_one_scene_and_a_function_of_the_step(pairs: IllustrationPairs) -> None:
    for step in range(4):
        small, large = pairs.batch(step)
        assert large.shape[2:] == tuple(4 * side for side in small.shape[2:])
        assert max(small.shape[2:]) <= 48
        assert torch.equal(pairs.batch(step)[0], small)
        assert torch.equal(pairs.batch(step)[1], large)


def test_most_small_pictures_have_errors_and_those_held_out_have_none(pairs: IllustrationPairs) -> None:
    first, second = pairs.held_out(0), pairs.held_out(0)
    assert torch.equal(first[0], second[0])
    assert not torch.equal(first[0], pairs.held_out(1)[0])


def test_the_adversarial_loss_reaches_both_networks(pairs: IllustrationPairs) -> None:
    training = UpscalerTraining(NAME)
    assert training.discriminator is not None
    training.loss(*pairs.batch(0), adversarial=False).backward()
    assert all(weight.grad is None for weight in training.discriminator.parameters())
    training.loss(*pairs.batch(0), adversarial=True).backward()
    assert all(weight.grad is not None for weight in training.discriminator.parameters())


def test_edges_are_warped_after_the_training_and_not_during_it(
    pairs: IllustrationPairs, tmp_path: Path
) -> None:
    def report(_network: SuperResolution, _step: int) -> None:
        pass

    network = train_upscaler(NAME, pairs, tmp_path, TrainingSpan(minutes=600), report, lambda: True)
    assert network.shape == SHAPES[NAME]
    assert network.shape.warped
    assert not UpscalerTraining(NAME).network.shape.warped


def test_a_stopped_training_goes_on_and_its_sheet_shows_both_networks(
    pipeline: Path, pairs: IllustrationPairs, tmp_path: Path
) -> None:
    reported: list[int] = []

    def report(_: SuperResolution, step: int) -> None:
        reported.append(step)

    for steps in (1, 2):
        span = TrainingSpan(minutes=600, steps=steps)
        network = train_upscaler(NAME, pairs, tmp_path, span, report, lambda: False)
    assert reported == [1, 2]
    sheet = tmp_path / "sheet.png"
    figures = show_illustrations(network, network, load_sampler(pipeline), pairs, sheet)
    assert "dB" in figures
    picture = cv2.imread(str(sheet))
    assert picture is not None
    assert picture.shape[0] % 4 == 0


def test_a_training_begins_with_the_network_that_it_is_given(
    pairs: IllustrationPairs, tmp_path: Path
) -> None:
    def report(_network: SuperResolution, _step: int) -> None:
        pass

    span = TrainingSpan(minutes=600)
    network = train_upscaler(NAME, pairs, tmp_path, span, report, lambda: True, WEIGHTS)
    given = load_network(NAME)
    assert isinstance(given, SuperResolution)
    assert all(torch.equal(one, given.state_dict()[key]) for key, one in network.state_dict().items())
