"""The cache: every example encoded once, so that the transformer's training only trains."""

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

from training.starter.autoencoder import encode, to_pixels
from training.starter.config import Config

from .examples import KINDS, Kind, count, example
from .gallery import Gallery


@dataclass(frozen=True)
class Batch:
    """What one step trains on: patchified latents (batch, channels, height, width) of one bucket."""

    latents: torch.Tensor
    references: torch.Tensor | None
    """Of edits, the pictures before; of references, the subject alone."""
    layout: torch.Tensor
    """(batch, 2, height, width): the subject's and the colour's number in each patch, 0 where none is."""
    texts: list[str]


class Cache:
    """Latents and layouts of every example on disk; the texts are made again from the examples' numbers."""

    def __init__(self, config: Config, folder: Path) -> None:
        self._config = config
        self._folder = folder

    @property
    def full(self) -> bool:
        return all(self._has(bucket, kind) for bucket in range(len(self._config.buckets)) for kind in KINDS)

    def fill(
        self, vae: AutoencoderKLFlux2, gallery: Gallery, *, stop: Callable[[], bool] = lambda: False
    ) -> None:
        """Encodes what is not there yet; a file that is there is whole."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for bucket in range(len(self._config.buckets)):
            for kind in KINDS:
                if not stop() and not self._has(bucket, kind):
                    self._fill(bucket, kind, vae, gallery)

    def batch(self, step: int, *, shares: dict[Kind, float], size: int, empty: float = 0.1) -> Batch:
        """The batch of step ``step``: of one bucket and one kind, drawn by ``shares``.

        A share ``empty`` of the texts is "", which classifier-free guidance compares with.
        """
        config = self._config
        dice = random.Random(f"batch {config.seed} {step}")
        buckets = range(len(config.buckets))
        bucket = dice.choices(buckets, weights=[count(config, b, "scenes") for b in buckets])[0]
        kind = dice.choices(KINDS, weights=[shares.get(kind, 0.0) for kind in KINDS])[0]
        numbers = [dice.randrange(count(config, bucket, kind)) for _ in range(size)]
        texts = [example(config, bucket, kind, n).text(dice).text for n in numbers]
        latents = torch.from_numpy(self._open(bucket, kind, "latents")[numbers]).float()
        layout = torch.from_numpy(self._open(bucket, kind, "layout")[numbers]).long()
        return Batch(
            latents[:, 0],
            latents[:, 1] if kind != "scenes" else None,
            layout,
            ["" if dice.random() < empty else text for text in texts],
        )

    def _fill(self, bucket: int, kind: Kind, vae: AutoencoderKLFlux2, gallery: Gallery) -> None:
        latents: list[NDArray[np.float16]] = []
        layouts: list[NDArray[np.uint8]] = []
        for pictures in gallery.all_of(bucket, kind):
            examples, scenes = pictures.pixels.shape[:2]
            encoded = encode(
                vae, to_pixels(pictures.pixels.reshape(-1, *pictures.pixels.shape[2:]), vae.device)
            )
            halved = encoded.to(torch.float16).cpu().numpy()
            latents.append(halved.reshape(examples, scenes, *halved.shape[1:]))
            layouts.append(pictures.layout)
        # The layout is written last: where it is, the latents are whole too.
        for name, rows in (("latents", latents), ("layout", layouts)):
            with _whole(self._file(bucket, kind, name)) as out:
                np.save(out, np.concatenate(rows))

    def _has(self, bucket: int, kind: Kind) -> bool:
        return self._file(bucket, kind, "layout").exists()

    def _open(self, bucket: int, kind: Kind, name: str) -> NDArray[np.generic]:
        return np.load(self._file(bucket, kind, name), mmap_mode="r")

    def _file(self, bucket: int, kind: Kind, name: str) -> Path:
        return self._folder / f"{kind}-{bucket}-{name}.npy"


@contextmanager
def _whole(file: Path) -> Generator[IO[bytes]]:
    part = file.with_suffix(".part")
    with part.open("wb") as out:
        yield out
    part.replace(file)
