"""A drawn clip that is kept as latents, and decoded frame by frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import torch

from worker.engines.diffusion.decoding.decoder import in_float32, to_picture
from worker.engines.diffusion.failures import typed_failures
from worker.engines.diffusion.families.clip_family import ClipFamily
from worker.engines.protocol import Picture


@dataclass(frozen=True)
class LatentClip:
    """A clip of ``count`` frames, ``fps`` in a second; ``latents`` has ``drawn_fps``, (1, C, T, h, w)."""

    family: ClipFamily
    latents: Any
    count: int
    fps: int
    drawn_fps: int

    def frames(self) -> Iterator[Picture]:
        """Yields the frames, as ``Clip.frames`` says."""
        with typed_failures(), in_float32(self.family.pipeline.vae):
            for frame in at_rate(self._decoded(), self.drawn_fps, self.fps, self.count):
                yield to_picture(frame)

    @torch.no_grad()
    def _decoded(self) -> Iterator[Any]:
        yield from self.family.decode_frames(self.latents.float())


def at_rate(frames: Iterable[Any], drawn_fps: int, fps: int, count: int) -> Iterator[Any]:
    """Yields ``count`` frames at another rate: for each time the frame that is then shown."""
    due = 0
    for n, frame in enumerate(frames):
        while due < count and due * drawn_fps // fps == n:
            yield frame
            due += 1
        if due == count:
            return
