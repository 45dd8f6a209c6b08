"""The latent cache: every example is encoded once, before the transformer's training."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl_flux2 import AutoencoderKLFlux2
from numpy.typing import NDArray

from training.networks.autoencoder import encode_pixels, to_pixels
from training.networks.config import TrainingConfig

from .picture_cache import PictureCache
from .training_examples import EXAMPLE_KINDS, ExampleKind, example_count, sample_example


@dataclass(frozen=True)
class LatentBatch:
    """The batch of one step: patchified latents (batch, channels, height, width) of one bucket."""

    latents: torch.Tensor
    references: torch.Tensor | None
    """For edits, the pictures before; for references, the subject alone; else None."""
    layout: torch.Tensor
    """(batch, 2, height, width): the subject's and the colour's number in each patch; 0 is background."""
    texts: list[str]


class LatentCache:
    """The latents and layouts of all examples, on disk. Texts are sampled from the examples' numbers."""

    def __init__(self, config: TrainingConfig, folder: Path) -> None:
        self._config = config
        self._folder = folder

    @property
    def full(self) -> bool:
        """Returns True if every example is encoded."""
        return all(
            self._has(bucket, kind) for bucket in range(len(self._config.buckets)) for kind in EXAMPLE_KINDS
        )

    def fill(
        self,
        vae: AutoencoderKLFlux2,
        pictures_ahead: PictureCache,
        *,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        """Encodes the examples that are missing. A file that exists is complete."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for bucket in range(len(self._config.buckets)):
            for kind in EXAMPLE_KINDS:
                if not stop() and not self._has(bucket, kind):
                    self._fill(bucket, kind, vae, pictures_ahead)

    def batch(
        self, step: int, *, shares: dict[ExampleKind, float], size: int, empty: float = 0.1
    ) -> LatentBatch:
        """Returns the batch of step ``step``, of one bucket and one kind, which ``shares`` weighs.

        A share ``empty`` of the texts is "", for classifier-free guidance.
        """
        config = self._config
        rng = random.Random(f"batch {config.seed} {step}")
        buckets = range(len(config.buckets))
        bucket = rng.choices(buckets, weights=[example_count(config, b, "scenes") for b in buckets])[0]
        kind = rng.choices(EXAMPLE_KINDS, weights=[shares.get(kind, 0.0) for kind in EXAMPLE_KINDS])[0]
        numbers = [rng.randrange(example_count(config, bucket, kind)) for _ in range(size)]
        texts = [sample_example(config, bucket, kind, n).text(rng).text for n in numbers]
        latents = torch.from_numpy(self._open(bucket, kind, "latents")[numbers]).float()
        layout = torch.from_numpy(self._open(bucket, kind, "layout")[numbers]).long()
        return LatentBatch(
            latents[:, 0],
            latents[:, 1] if kind != "scenes" else None,
            layout,
            ["" if rng.random() < empty else text for text in texts],
        )

    def _fill(
        self, bucket: int, kind: ExampleKind, vae: AutoencoderKLFlux2, pictures_ahead: PictureCache
    ) -> None:
        latents: list[NDArray[np.float16]] = []
        layouts: list[NDArray[np.uint8]] = []
        for pictures in pictures_ahead.all_of(bucket, kind):
            examples, scenes = pictures.pixels.shape[:2]
            encoded = encode_pixels(
                vae, to_pixels(pictures.pixels.reshape(-1, *pictures.pixels.shape[2:]), vae.device)
            )
            halved = encoded.to(torch.float16).cpu().numpy()
            latents.append(halved.reshape(examples, scenes, *halved.shape[1:]))
            layouts.append(pictures.layout)
        # The layout is written last: if it exists, the latents are complete too.
        for name, rows in (("latents", latents), ("layout", layouts)):
            with _whole_file(self._file(bucket, kind, name)) as out:
                np.save(out, np.concatenate(rows))

    def _has(self, bucket: int, kind: ExampleKind) -> bool:
        return self._file(bucket, kind, "layout").exists()

    def _open(self, bucket: int, kind: ExampleKind, name: str) -> NDArray[np.generic]:
        return np.load(self._file(bucket, kind, name), mmap_mode="r")

    def _file(self, bucket: int, kind: ExampleKind, name: str) -> Path:
        return self._folder / f"{kind}-{bucket}-{name}.npy"


@contextmanager
def _whole_file(file: Path) -> Generator[IO[bytes]]:
    part = file.with_suffix(".part")
    with part.open("wb") as out:
        yield out
    part.replace(file)
