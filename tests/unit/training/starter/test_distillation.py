"""A student learns the straight ways between the stops that its teacher made."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from training.examples.cache import Cache
from training.examples.gallery import Gallery
from training.starter.config import Config, Sampling
from training.starter.distillation import Journeys
from training.starter.sampler import Studio
from training.starter.train import Training

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


def made(tiny: Config, run: Path) -> tuple[Studio, Cache]:
    training = Training(tiny, run, device="cpu", stop=lambda: False)
    reader, cache = training.text_encoder(training.tokenizer()), Cache(tiny, run / "cache")
    with Gallery(tiny, run / "gallery") as gallery:
        vae = training.autoencoder(gallery)
        cache.fill(vae, gallery)
    return training.transformer(vae, reader, cache), cache


def test_a_journey_ends_in_the_picture_that_the_teacher_draws(tiny: Config, run: Path) -> None:
    tiny = replace(tiny, legs=2, distilled=Sampling(steps=2, guidance=1.0, shift=1.0))
    teacher, cache = made(tiny, run)
    teacher = replace(teacher, sampling=Sampling(steps=4, guidance=2.0, shift=1.0))
    folder = run / "two-legs"
    Journeys(tiny, folder, cache, teacher.tokenizer).record(teacher)
    stops = torch.from_numpy(np.load(sorted(folder.glob("*.npy"))[0])).float()
    assert stops.shape[0] == tiny.distilled.steps + 1
    asked = cache.batch(-1, shares={"scenes": 0.6, "edits": 0.28, "references": 0.12}, size=2, empty=0.0)
    latents = stops[0]
    levels = [1.0, 0.8125, 0.625, 0.3125, 0.0]
    for level, following in itertools.pairwise(levels):
        latents = teacher.step(latents, asked.references, asked.texts, level, following)
    torch.testing.assert_close(stops[-1], latents, atol=0.02, rtol=0.01)


def test_a_recorded_journey_is_not_made_again(tiny: Config, run: Path) -> None:
    teacher, cache = made(tiny, run)
    journeys = Journeys(tiny, run / "journeys", cache, teacher.tokenizer)
    journeys.record(teacher)
    stamps = {file: file.stat().st_mtime_ns for file in (run / "journeys").iterdir()}
    journeys.record(teacher)
    assert {file: file.stat().st_mtime_ns for file in (run / "journeys").iterdir()} == stamps
    assert len(stamps) == tiny.journeys // tiny.student_batch


def test_a_student_comes_closer_to_its_teacher(tiny: Config, run: Path) -> None:
    teacher, cache = made(tiny, run)
    # Four steps taught the teacher next to nothing: give it a way of its own, far from the student's.
    torch.nn.init.normal_(teacher.transformer.proj_out.weight, std=0.3)
    journeys = Journeys(tiny, run / "far", cache, teacher.tokenizer)
    journeys.record(teacher)
    torch.nn.init.zeros_(teacher.transformer.proj_out.weight)
    student = teacher.transformer.requires_grad_(True)
    optimizer = torch.optim.AdamW(student.parameters(), lr=5e-3)

    def far() -> float:
        with torch.no_grad():
            return sum(journeys.loss(student, teacher, journeys.leg(step)).item() for step in range(8))

    before = far()
    for step in range(40):
        optimizer.zero_grad()
        journeys.loss(student, teacher, journeys.leg(step)).backward()
        optimizer.step()
    assert far() < before
