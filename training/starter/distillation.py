"""Distillation: the student samples in four steps without guidance, the teacher in many with guidance.

The teacher draws pictures from noise once. Its latents at the student's noise levels are the trajectory.
The student learns the straight segment from each of them to the next. This combines progressive
distillation (arXiv:2202.00512) and guidance distillation (arXiv:2210.03142).
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

from training.networks.config import TrainingConfig
from training.networks.sampler import Sampler, noise_schedule
from training.networks.text_encoder import embed_tokens
from training.networks.tokenizer import Tokens, tokenize_texts
from training.networks.transformer import velocity_loss
from training.starter.batch_stream import stream_batches
from training.starter.latent_cache import LatentBatch, LatentCache
from training.starter.training_examples import ExampleKind

EXAMPLE_SHARES: dict[ExampleKind, float] = {"scenes": 0.6, "edits": 0.28, "references": 0.12}


@dataclass(frozen=True)
class TrajectorySegment:
    """A batch's latents, (batch, channels, height, width), at one noise level and at the next."""

    start: torch.Tensor
    end: torch.Tensor
    levels: tuple[float, float]
    references: torch.Tensor | None
    tokens: Tokens


class TeacherTrajectories:
    """The teacher's trajectories from noise to picture, on disk, one file a batch."""

    def __init__(
        self, config: TrainingConfig, folder: Path, cache: LatentCache, tokenizer: Qwen2Tokenizer
    ) -> None:
        self._config, self._folder, self._cache, self._tokenizer = config, folder, cache, tokenizer

    def record(self, teacher: Sampler, *, stop: Callable[[], bool] = lambda: False) -> None:
        """Draws the missing trajectories. A file that exists is complete."""
        self._folder.mkdir(parents=True, exist_ok=True)
        numbers = range(self._config.trajectories // self._config.student_batch)
        missing = [number for number in numbers if not self._file(number).exists()]
        for number, asked in zip(
            missing, stream_batches(self._batch, missing, self._config.loaders), strict=True
        ):
            if stop():
                return
            part = self._file(number).with_suffix(".part")
            with part.open("wb") as out:
                np.save(out, self._draw_trajectory(teacher, number, asked).to(torch.float16).numpy())
            part.replace(self._file(number))

    def segment(self, step: int) -> TrajectorySegment:
        """Returns the segment that the student trains on in step ``step``."""
        rng = random.Random(f"segment {self._config.seed} {step}")
        files = sorted(self._folder.glob("*.npy"))
        number = rng.randrange(len(files))
        first = rng.randrange(self._config.distilled.steps)
        latents = np.load(files[number], mmap_mode="r")[first : first + 2]
        start, end = torch.from_numpy(latents.astype(np.float32))
        batch = self._batch(int(files[number].stem))
        levels = noise_schedule(self._config.distilled)
        tokens = tokenize_texts(self._tokenizer, batch.texts, self._config.text.max_tokens)
        return TrajectorySegment(start, end, (levels[first], levels[first + 1]), batch.references, tokens)

    def loss(
        self,
        student: Flux2Transformer2DModel,
        sampler: Sampler,
        segment: TrajectorySegment,
        weights: torch.Tensor,
    ) -> torch.Tensor:
        """Returns the squared error of the student's velocity over a segment, weighted by channel."""
        device = student.device
        references = None if segment.references is None else segment.references.to(device)
        start, end = segment.start.to(device), segment.end.to(device)
        wanted = (end - start) / (segment.levels[1] - segment.levels[0])
        embeddings = embed_tokens(sampler.text_encoder, segment.tokens, sampler.text)
        level = torch.full((len(start),), segment.levels[0], device=device)
        return velocity_loss(student, start, references, embeddings, level, wanted, weights)

    @torch.no_grad()
    def _draw_trajectory(self, teacher: Sampler, number: int, asked: LatentBatch) -> torch.Tensor:
        """Returns the latents at the student's noise levels: (levels, batch, channels, height, width)."""
        device = teacher.transformer.device
        references = None if asked.references is None else asked.references.to(device)
        generator = torch.Generator().manual_seed(self._config.seed * 1_000_003 + number)
        latents = torch.randn(asked.latents.shape, generator=generator).to(device)
        stops = [latents]
        for start, end in itertools.pairwise(noise_schedule(self._config.distilled)):
            for level, following in itertools.pairwise(
                _intermediate_levels(start, end, self._config.teacher_steps)
            ):
                latents = teacher.step(latents, references, asked.texts, level, following)
            stops.append(latents)
        return torch.stack(stops).cpu()

    def _batch(self, number: int) -> LatentBatch:
        return self._cache.batch(
            -1 - number, shares=EXAMPLE_SHARES, size=self._config.student_batch, empty=0.0
        )

    def _file(self, number: int) -> Path:
        return self._folder / f"{number:05}.npy"


def _intermediate_levels(start: float, end: float, steps: int) -> Sequence[float]:
    return [start + (end - start) * n / steps for n in range(steps + 1)]
