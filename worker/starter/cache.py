"""The cache: every scene rendered and encoded once, so that the transformer's training only trains."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl_flux2 import AutoencoderKLFlux2
from numpy.typing import NDArray

from .autoencoder import encode, to_pixels
from .captions import caption
from .config import Config
from .edits import Edit, instruction, sample_edit
from .scene import Scene, render, sample_scene

_CHUNK = 64
_SQUARE_SHARE = 0.4


@dataclass(frozen=True)
class Batch:
    """What one step trains on: patchified latents (batch, channels, height, width) of one bucket."""

    latents: torch.Tensor
    references: torch.Tensor | None
    """Of edits, the pictures before."""
    texts: list[str]


class Cache:
    """Latents of every scene on disk; the scenes themselves are drawn again from their numbers."""

    def __init__(self, config: Config, folder: Path) -> None:
        self._config = config
        self._folder = folder

    def fill(self, vae: AutoencoderKLFlux2, *, stop: Callable[[], bool] = lambda: False) -> None:
        """Renders and encodes what is not there yet; a file that is there is whole."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for bucket in range(len(self._config.buckets)):
            if stop():
                return
            self._fill(bucket, "scenes", vae, [self.scene])
            self._fill(bucket, "edits", vae, [self._before, self._after])

    def count(self, bucket: int, kind: str) -> int:
        """How many ``scenes`` or ``edits`` a bucket has: the first, square one holds two fifths of all."""
        total = self._config.scenes if kind == "scenes" else self._config.edits
        others = len(self._config.buckets) - 1
        share = _SQUARE_SHARE if bucket == 0 else (1 - _SQUARE_SHARE) / others
        return max(1, round(total * (share if others else 1.0)))

    def scene(self, bucket: int, number: int) -> Scene:
        return sample_scene(
            random.Random(f"scene {self._config.seed} {bucket} {number}"), wide=self._wide(bucket)
        )

    def edit(self, bucket: int, number: int) -> Edit:
        return sample_edit(
            random.Random(f"edit {self._config.seed} {bucket} {number}"), wide=self._wide(bucket)
        )

    def batch(self, step: int, *, edits: float, size: int, empty: float = 0.1) -> Batch:
        """The batch of step ``step``: all edits with probability ``edits``, else all scenes.

        A share ``empty`` of the texts is "", which classifier-free guidance compares with.
        """
        dice = random.Random(f"batch {self._config.seed} {step}")
        shares = [self.count(b, "scenes") for b in range(len(self._config.buckets))]
        bucket = dice.choices(range(len(shares)), weights=shares)[0]
        draw = self._edits if dice.random() < edits else self._scenes
        batch = draw(bucket, size, dice)
        return Batch(
            batch.latents, batch.references, ["" if dice.random() < empty else t for t in batch.texts]
        )

    def _scenes(self, bucket: int, size: int, dice: random.Random) -> Batch:
        numbers = [dice.randrange(self.count(bucket, "scenes")) for _ in range(size)]
        latents = self._open(bucket, "scenes")[numbers, 0]
        texts = [caption(self.scene(bucket, n), dice).text for n in numbers]
        return Batch(_restored(latents), None, texts)

    def _edits(self, bucket: int, size: int, dice: random.Random) -> Batch:
        numbers = [dice.randrange(self.count(bucket, "edits")) for _ in range(size)]
        pairs = self._open(bucket, "edits")[numbers]
        texts = [instruction(self.edit(bucket, n), dice).text for n in numbers]
        return Batch(_restored(pairs[:, 1]), _restored(pairs[:, 0]), texts)

    def _before(self, bucket: int, number: int) -> Scene:
        return self.edit(bucket, number).before

    def _after(self, bucket: int, number: int) -> Scene:
        return self.edit(bucket, number).after

    def _fill(
        self, bucket: int, kind: str, vae: AutoencoderKLFlux2, scenes: list[Callable[[int, int], Scene]]
    ) -> None:
        file = self._file(bucket, kind)
        if file.exists():
            return
        width, height = self._config.buckets[bucket]
        rows: list[NDArray[np.float16]] = []
        for first in range(0, self.count(bucket, kind), _CHUNK):
            numbers = range(first, min(first + _CHUNK, self.count(bucket, kind)))
            pictures = [render(scene(bucket, n), width, height) for n in numbers for scene in scenes]
            latents = encode(vae, to_pixels(pictures).to(vae.device)).cpu().to(torch.float16).numpy()
            rows.append(latents.reshape(len(numbers), len(scenes), *latents.shape[1:]))
        part = file.with_suffix(".part")
        with part.open("wb") as out:
            np.save(out, np.concatenate(rows))
        part.replace(file)

    def _open(self, bucket: int, kind: str) -> NDArray[np.float16]:
        return np.load(self._file(bucket, kind), mmap_mode="r")

    def _file(self, bucket: int, kind: str) -> Path:
        return self._folder / f"{kind}-{bucket}.npy"

    def _wide(self, bucket: int) -> bool:
        width, height = self._config.buckets[bucket]
        return width >= height


def _restored(latents: NDArray[np.float16]) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(latents)).float()
