"""The detector is trained on the ground truth of rendered scenes, and it can learn that."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from functions.contract.errors import ModelUnavailable
from training.critic.dataset import sample_batch
from training.critic.scene_facts import facts_of_scene
from training.critic.train import detection_loss, measure_accuracy
from training.scenes.scene_sampling import render_scene, sample_scene
from worker.scene_critic.checkpoint import load_detector, save_detector
from worker.scene_critic.detections import SubjectDetector
from worker.scene_critic.network import CELL, DetectionNetwork, DetectorShape
from worker.scene_critic.picture_facts import FACTS
from worker.scene_vocabulary.colours import COLOURS
from worker.scene_vocabulary.subjects import SUBJECTS


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def network() -> DetectionNetwork:
    torch.manual_seed(0)
    facts = {name: len(answers) for name, answers in FACTS.items()}
    return DetectionNetwork(DetectorShape(len(SUBJECTS), len(COLOURS), facts, (8, 16, 16), 1))


def test_a_batch_is_a_function_of_its_number() -> None:
    one, other = sample_batch(1, 3, 4), sample_batch(1, 3, 4)
    assert torch.equal(one.pictures, other.pictures)
    assert torch.equal(one.layout, other.layout)
    assert not torch.equal(sample_batch(2, 3, 4).layout, one.layout)


def test_a_batch_has_a_layout_of_cells_and_an_answer_to_every_fact() -> None:
    batch = sample_batch(1, 0, 4)
    size, _, height, width = batch.pictures.shape
    assert batch.layout.shape == (size, 2, height // CELL, width // CELL)
    assert 0 <= batch.pictures.min() <= batch.pictures.max() <= 1
    assert {name: answers.shape for name, answers in batch.facts.items()} == dict.fromkeys(FACTS, (4,))


def test_every_scene_has_an_answer_to_every_fact() -> None:
    rng = random.Random(0)
    for _ in range(300):
        answers = facts_of_scene(sample_scene(rng))
        assert all(answer in FACTS[name] for name, answer in answers.items())


def test_a_critic_learns(network: DetectionNetwork) -> None:
    batch = sample_batch(1, 0, 8)
    optimizer = torch.optim.AdamW(network.parameters(), lr=5e-3)
    first = detection_loss(network, batch).item()
    for _ in range(12):
        optimizer.zero_grad()
        detection_loss(network, batch).backward()
        optimizer.step()
    assert detection_loss(network, batch).item() < 0.8 * first


def test_accuracy_is_a_share_for_cells_and_facts(network: DetectionNetwork) -> None:
    measured = measure_accuracy(network, 1, batches=1)
    assert measured.keys() == {"subject", "colour", *FACTS}
    assert all(0 <= share <= 1 for share in measured.values())


@pytest.mark.parametrize("size", [(64, 64), (300, 200), (512, 1024), (31, 7)])
def test_a_picture_of_any_size_can_be_looked_at(network: DetectionNetwork, size: tuple[int, int]) -> None:
    picture = np.random.default_rng(0).random((*size, 3), np.float32)
    detections = SubjectDetector(network).detect(picture)
    assert detections.facts.keys() == FACTS.keys()
    assert all(answer in FACTS[name] for name, (answer, _) in detections.facts.items())


def test_what_the_network_says_of_cells_is_gathered_by_subject(network: DetectionNetwork) -> None:
    boat, red = list(SUBJECTS).index("boat") + 1, list(COLOURS).index("red") + 1

    class Told(DetectionNetwork):
        """Returns the output for a red boat in the left half."""

        def forward(self, pictures: torch.Tensor):
            seen = super().forward(pictures)
            seen.subject.zero_()[:, 0] = 1
            seen.subject[:, boat, :, :4] = 9
            seen.colour.zero_()[:, red] = 9
            return seen

    [boat_seen] = SubjectDetector(Told(network.shape)).detect(np.zeros((64, 64, 3), np.float32)).subjects
    assert (boat_seen.subject, boat_seen.colour) == ("boat", "red")
    assert boat_seen.share == pytest.approx(0.5)
    assert boat_seen.box == (0, 0, 0.5, 1)
    assert boat_seen.centre == pytest.approx((0.25, 0.5))


def test_a_saved_critic_sees_the_same(network: DetectionNetwork, tmp_path: Path) -> None:
    save_detector(network, "some", tmp_path)
    picture = render_scene(sample_scene(random.Random(1)), 64, 64).astype(np.float32) / 255
    saved = SubjectDetector(load_detector("some", tmp_path)).heat_map(picture, "cat")
    np.testing.assert_allclose(saved, SubjectDetector(network.eval()).heat_map(picture, "cat"), atol=0.02)


def test_a_missing_detector_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="missing"):
        load_detector("missing", tmp_path)
