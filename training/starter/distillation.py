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
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers.models.transformers.transformer_flux2 import Flux2Transformer2DModel
from transformers.models.qwen2.tokenization_qwen2 import Qwen2Tokenizer

from training.examples.cache import Batch, Cache
from training.examples.examples import Kind
from training.examples.stream import stream

from .config import Config
from .sampler import Studio, sigmas
from .text_encoder import embed_tokens
from .tokenizer import Tokens, tokenize
from .transformer import velocity_loss

SHARES: dict[Kind, float] = {"scenes": 0.6, "edits": 0.28, "references": 0.12}


@dataclass(frozen=True)
class Leg:
    """The way of a batch's latents, (batch, channels, height, width), from one noise level to the next."""

    start: torch.Tensor
    end: torch.Tensor
    levels: tuple[float, float]
    references: torch.Tensor | None
    tokens: Tokens


class Journeys:
    """The teacher's ways from noise to picture, kept on disk by the batch."""

    def __init__(self, config: Config, folder: Path, cache: Cache, tokenizer: Qwen2Tokenizer) -> None:
        self._config, self._folder, self._cache, self._tokenizer = config, folder, cache, tokenizer

    def record(self, teacher: Studio, *, stop: Callable[[], bool] = lambda: False) -> None:
        """Draws what is not there yet; a file that is there is whole."""
        self._folder.mkdir(parents=True, exist_ok=True)
        numbers = range(self._config.journeys // self._config.student_batch)
        missing = [number for number in numbers if not self._file(number).exists()]
        for number, asked in zip(missing, stream(self._asked, missing, self._config.loaders), strict=True):
            if stop():
                return
            part = self._file(number).with_suffix(".part")
            with part.open("wb") as out:
                np.save(out, self._travel(teacher, number, asked).to(torch.float16).numpy())
            part.replace(self._file(number))

    def leg(self, step: int) -> Leg:
        """What the student learns from in step ``step``."""
        dice = random.Random(f"journey {self._config.seed} {step}")
        files = sorted(self._folder.glob("*.npy"))
        number = dice.randrange(len(files))
        first = dice.randrange(self._config.distilled.steps)
        ways = np.load(files[number], mmap_mode="r")[first : first + 2]
        start, end = torch.from_numpy(ways.astype(np.float32))
        asked = self._asked(int(files[number].stem))
        levels = sigmas(self._config.distilled)
        tokens = tokenize(self._tokenizer, asked.texts, self._config.text.max_tokens)
        return Leg(start, end, (levels[first], levels[first + 1]), asked.references, tokens)

    def loss(self, student: Flux2Transformer2DModel, studio: Studio, leg: Leg) -> torch.Tensor:
        """The squared error of the student's velocity over a leg."""
        device = student.device
        references = None if leg.references is None else leg.references.to(device)
        start, end = leg.start.to(device), leg.end.to(device)
        wanted = (end - start) / (leg.levels[1] - leg.levels[0])
        embeddings = embed_tokens(studio.text_encoder, leg.tokens, studio.text)
        level = torch.full((len(start),), leg.levels[0], device=device)
        return velocity_loss(student, start, references, embeddings, level, wanted)

    @torch.no_grad()
    def _travel(self, teacher: Studio, number: int, asked: Batch) -> torch.Tensor:
        """(stops, batch, channels, height, width): the latents at each of the student's noise levels."""
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

    def _file(self, number: int) -> Path:
        return self._folder / f"{number:05}.npy"


def _between(start: float, end: float, legs: int) -> Sequence[float]:
    return [start + (end - start) * n / legs for n in range(legs + 1)]
