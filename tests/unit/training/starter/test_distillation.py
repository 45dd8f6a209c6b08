"""A student learns the straight segments of its teacher's trajectories."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from training.networks.config import SamplingConfig, TrainingConfig
from training.networks.sampler import Sampler
from training.starter.distillation import TeacherTrajectories
from training.starter.latent_cache import LatentCache
from training.starter.starter_training import StarterTraining

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


def made(tiny: TrainingConfig, run: Path) -> tuple[Sampler, LatentCache]:
    training, cache = (
        StarterTraining(tiny, run, device="cpu", stop=lambda: False),
        LatentCache(tiny, run / "cache"),
    )
    return training.train_transformer(training.prepare_transformer(cache), cache), cache


def test_a_trajectory_ends_in_the_picture_that_the_teacher_draws(tiny: TrainingConfig, run: Path) -> None:
    tiny = replace(tiny, teacher_steps=2, distilled=SamplingConfig(steps=2, guidance=1.0, shift=1.0))
    teacher, cache = made(tiny, run)
    teacher = replace(teacher, sampling=SamplingConfig(steps=4, guidance=2.0, shift=1.0))
    folder = run / "two-segments"
    TeacherTrajectories(tiny, folder, cache, teacher.tokenizer).record(teacher)
    stops = torch.from_numpy(np.load(sorted(folder.glob("*.npy"))[0])).float()
    assert stops.shape[0] == tiny.distilled.steps + 1
    asked = cache.batch(-1, shares={"scenes": 0.6, "edits": 0.28, "references": 0.12}, size=2, empty=0.0)
    latents = stops[0]
    levels = [1.0, 0.8125, 0.625, 0.3125, 0.0]
    for level, following in itertools.pairwise(levels):
        latents = teacher.step(latents, asked.references, asked.texts, level, following)
    torch.testing.assert_close(stops[-1], latents, atol=0.02, rtol=0.01)


def test_a_recorded_trajectory_is_not_made_again(tiny: TrainingConfig, run: Path) -> None:
    teacher, cache = made(tiny, run)
    trajectories = TeacherTrajectories(tiny, run / "trajectories", cache, teacher.tokenizer)
    trajectories.record(teacher)
    stamps = {file: file.stat().st_mtime_ns for file in (run / "trajectories").iterdir()}
    trajectories.record(teacher)
    assert {file: file.stat().st_mtime_ns for file in (run / "trajectories").iterdir()} == stamps
    assert len(stamps) == tiny.trajectories // tiny.student_batch


def test_a_student_comes_closer_to_its_teacher(tiny: TrainingConfig, run: Path) -> None:
    teacher, cache = made(tiny, run)
    # Four steps taught the teacher next to nothing: give it a way of its own, far from the student's.
    torch.nn.init.normal_(teacher.transformer.proj_out.weight, std=0.3)
    trajectories = TeacherTrajectories(tiny, run / "far", cache, teacher.tokenizer)
    trajectories.record(teacher)
    torch.nn.init.zeros_(teacher.transformer.proj_out.weight)
    student = teacher.transformer.requires_grad_(True)
    optimizer = torch.optim.AdamW(student.parameters(), lr=5e-3)
    weights = torch.ones(1, 4 * tiny.autoencoder.latent_channels, 1, 1)

    def far() -> float:
        with torch.no_grad():
            return sum(
                trajectories.loss(student, teacher, trajectories.segment(step), weights).item()
                for step in range(8)
            )

    before = far()
    for step in range(40):
        optimizer.zero_grad()
        trajectories.loss(student, teacher, trajectories.segment(step), weights).backward()
        optimizer.step()
    assert far() < before
