"""The cache: every scene rendered and encoded once, so that the transformer's training only trains."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl_flux2 import AutoencoderKLFlux2
from numpy.typing import NDArray

from .autoencoder import encode, to_pixels
from .captions import Caption, caption
from .config import Config
from .edits import sample_edit
from .instructions import instruction
from .references import sample_reference
from .scene import Scene, render, sample_scene
from .truth import region_map

Kind = Literal["scenes", "edits", "references"]
KINDS: tuple[Kind, ...] = ("scenes", "edits", "references")

_CHUNK = 64
_SQUARE_SHARE = 0.4


@dataclass(frozen=True)
class Example:
    """One thing to learn: what is asked, the picture that answers it, and the picture it starts from."""

    after: Scene
    before: Scene | None
    text: Callable[[random.Random], Caption]


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
    """Latents and layouts of every example on disk; the scenes are drawn again from their numbers."""

    def __init__(self, config: Config, folder: Path) -> None:
        self._config = config
        self._folder = folder

    def fill(self, vae: AutoencoderKLFlux2, *, stop: Callable[[], bool] = lambda: False) -> None:
        """Renders and encodes what is not there yet; a file that is there is whole."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for bucket in range(len(self._config.buckets)):
            for kind in KINDS:
                if not stop():
                    self._fill(bucket, kind, vae)

    def count(self, bucket: int, kind: Kind) -> int:
        """How many of a kind a bucket has: the first, square one holds two fifths of all."""
        config = self._config
        total = {"scenes": config.scenes, "edits": config.edits, "references": config.references}[kind]
        others = len(config.buckets) - 1
        share = _SQUARE_SHARE if bucket == 0 else (1 - _SQUARE_SHARE) / others
        return max(1, round(total * (share if others else 1.0)))

    def example(self, bucket: int, kind: Kind, number: int) -> Example:
        dice = random.Random(f"{kind} {self._config.seed} {bucket} {number}")
        width, height = self._config.buckets[bucket]
        wide = width >= height
        if kind == "edits":
            edit = sample_edit(dice, wide=wide)
            return Example(edit.after, edit.before, lambda dice: instruction(edit, dice))
        if kind == "references":
            reference = sample_reference(dice, wide=wide)
            return Example(reference.after, reference.reference, lambda _: reference.prompt)
        scene = sample_scene(dice, wide=wide)
        return Example(scene, None, lambda dice: caption(scene, dice))

    def batch(self, step: int, *, shares: dict[Kind, float], size: int, empty: float = 0.1) -> Batch:
        """The batch of step ``step``: of one bucket and one kind, drawn by ``shares``.

        A share ``empty`` of the texts is "", which classifier-free guidance compares with.
        """
        dice = random.Random(f"batch {self._config.seed} {step}")
        buckets = range(len(self._config.buckets))
        bucket = dice.choices(buckets, weights=[self.count(b, "scenes") for b in buckets])[0]
        kind = dice.choices(KINDS, weights=[shares.get(kind, 0.0) for kind in KINDS])[0]
        numbers = [dice.randrange(self.count(bucket, kind)) for _ in range(size)]
        texts = [self.example(bucket, kind, n).text(dice).text for n in numbers]
        latents = torch.from_numpy(self._open(bucket, kind, "latents")[numbers]).float()
        layout = torch.from_numpy(self._open(bucket, kind, "layout")[numbers]).long()
        return Batch(
            latents[:, 0],
            latents[:, 1] if kind != "scenes" else None,
            layout,
            ["" if dice.random() < empty else text for text in texts],
        )

    def _fill(self, bucket: int, kind: Kind, vae: AutoencoderKLFlux2) -> None:
        if self._file(bucket, kind, "layout").exists():
            return
        width, height = self._config.buckets[bucket]
        latents: list[NDArray[np.float16]] = []
        layouts: list[NDArray[np.uint8]] = []
        for first in range(0, self.count(bucket, kind), _CHUNK):
            numbers = range(first, min(first + _CHUNK, self.count(bucket, kind)))
            examples = [self.example(bucket, kind, n) for n in numbers]
            scenes = [scene for e in examples for scene in (e.after, e.before) if scene is not None]
            pixels = to_pixels([render(scene, width, height) for scene in scenes]).to(vae.device)
            encoded = encode(vae, pixels).cpu().to(torch.float16).numpy()
            latents.append(encoded.reshape(len(numbers), -1, *encoded.shape[1:]))
            maps = [region_map(e.after, width, height, cell=width // encoded.shape[-1]) for e in examples]
            layouts.append(np.stack([np.stack(pair) for pair in maps]).astype(np.uint8))
        # The layout is written last: where it is, the latents are whole too.
        for name, rows in (("latents", latents), ("layout", layouts)):
            with _whole(self._file(bucket, kind, name)) as out:
                np.save(out, np.concatenate(rows))

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
