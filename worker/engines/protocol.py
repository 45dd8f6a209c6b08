"""What the worker asks of an engine, and nothing about how it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]
"""An upright picture, (H, W, 3), 0..1, sRGB."""

Mask = NDArray[np.float32]
"""(H, W), 0..1; 1 is where the picture changes."""

OnStep = Callable[[int, int, Callable[[], Picture] | None], None]
"""Called with (steps done, steps in all, a function that makes a preview of at most 128 px, or None).

It raises (Canceled, DeadlineExceeded, …) to stop the engine; what it raises comes out of ``diffuse``.
"""


@dataclass(frozen=True, kw_only=True)
class Brief:
    """What one picture needs from an engine.

    ``width`` and ``height`` are the size wanted in the end, in pixels; the engine renders at
    ``native_size`` of it. The first of ``images`` is the one to change, the rest are references. ``mask``
    has the first image's size. ``None`` in ``steps``, ``guidance`` or ``strength`` leaves it to the model.
    """

    prompt: str
    negative_prompt: str | None = None
    width: int
    height: int
    images: tuple[Picture, ...] = ()
    mask: Mask | None = None
    steps: int | None = None
    guidance: float | None = None
    strength: float | None = None
    labels: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Encoded:
    """A brief made ready: what its engine needs to draw it, any number of times, from a seed alone."""

    width: int
    height: int
    conditions: object


class Engine(Protocol):
    """Draws pictures. One thread uses it at a time."""

    name: str
    model: str
    revision: str
    enlarger: str | None
    """The super-resolution network made for what the model draws; None where there is none."""
    follows_instructions: bool
    """Whether a prompt with an image is read as what to change in it."""

    def load(self) -> None:
        """Makes the model ready. Raises ModelUnavailable."""
        ...

    def warm_up(self) -> None:
        """Draws once, so that the first job does not pay for what only the first run costs."""
        ...

    def native_size(self, width: int, height: int) -> tuple[int, int]:
        """The (width, height) it renders at for this target: never above its own maximum or the target's."""
        ...

    def estimate_bytes(self, width: int, height: int, count: int) -> int:
        """The memory, beyond the loaded model, that ``count`` pictures for this target take."""
        ...

    def encode(self, brief: Brief) -> Encoded:
        """Encodes the prompt and prepares the images, once for all seeds.

        Raises UnsupportedTask for what the model cannot do, and OutOfMemory.
        """
        ...

    def diffuse(self, encoded: Encoded, seed: int, on_step: OnStep) -> Picture:
        """Draws one picture at the native size, in the decoder's own precision.

        The same encoded brief and seed give the same picture. Raises OutOfMemory, EngineFailed, and
        whatever ``on_step`` raises; the engine can be used again after each of them but EngineFailed.
        """
        ...
