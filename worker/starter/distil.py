"""Distillation: a student that takes in four steps, without guidance, the way its teacher takes in many.

The teacher draws pictures from noise once, guided, and the latents that it passes at the student's own
noise levels are kept. The student learns the straight way from each of them to the next
(in the manner of progressive
distillation, arXiv:2202.00512, and of guidance distillation, arXiv:2210.03142, in one go).
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from diffusers.models.transformers.transformer_flux2 import Flux2Transformer2DModel

from .cache import Batch, Cache, Kind
from .config import Config
from .sample import Studio, sigmas
from .text_encoder import embed
from .transformer import velocity_loss

SHARES: dict[Kind, float] = {"scenes": 0.6, "edits": 0.28, "references": 0.12}


class Journeys:
    """The teacher's ways from noise to picture, kept on disk by the batch."""

    def __init__(self, config: Config, folder: Path, cache: Cache) -> None:
        self._config, self._folder, self._cache = config, folder, cache

    def record(self, teacher: Studio, *, stop: Callable[[], bool] = lambda: False) -> None:
        """Draws what is not there yet; a file that is there is whole."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for number in range(self._config.journeys // self._config.student_batch):
            file = self._folder / f"{number:05}.npy"
            if not file.exists() and not stop():
                part = file.with_suffix(".part")
                with part.open("wb") as out:
                    np.save(out, self._travel(teacher, number).to(torch.float16).numpy())
                part.replace(file)

    def loss(self, student: Flux2Transformer2DModel, studio: Studio, step: int) -> torch.Tensor:
        """The squared error of the student's velocity from one stop of a batch's journey to the next."""
        dice = random.Random(f"journey {self._config.seed} {step}")
        files = sorted(self._folder.glob("*.npy"))
        number = dice.randrange(len(files))
        device = student.device
        ways = torch.from_numpy(np.load(files[number])).float().to(device)
        asked = self._asked(int(files[number].stem))
        references = None if asked.references is None else asked.references.to(device)
        leg = dice.randrange(len(ways) - 1)
        levels = sigmas(self._config.distilled)
        wanted = (ways[leg + 1] - ways[leg]) / (levels[leg + 1] - levels[leg])
        embeddings = embed(studio.text_encoder, studio.tokenizer, asked.texts, studio.text)
        level = torch.full((len(asked.texts),), levels[leg], device=device)
        return velocity_loss(student, ways[leg], references, embeddings, level, wanted)

    @torch.no_grad()
    def _travel(self, teacher: Studio, number: int) -> torch.Tensor:
        """(stops, batch, channels, height, width): the latents at each of the student's noise levels."""
        asked = self._asked(number)
        device = teacher.transformer.device
        references = None if asked.references is None else asked.references.to(device)
        generator = torch.Generator().manual_seed(self._config.seed * 1_000_003 + number)
        latents = torch.randn(asked.latents.shape, generator=generator).to(device)
        stops = [latents]
        for start, end in itertools.pairwise(sigmas(self._config.distilled)):
            for level, following in itertools.pairwise(_between(start, end, self._config.legs)):
                latents = teacher.step(latents, references, asked.texts, level, following)
            stops.append(latents)
        return torch.stack(stops).cpu()

    def _asked(self, number: int) -> Batch:
        return self._cache.batch(-1 - number, shares=SHARES, size=self._config.student_batch, empty=0.0)


def _between(start: float, end: float, legs: int) -> Sequence[float]:
    return [start + (end - start) * n / legs for n in range(legs + 1)]
