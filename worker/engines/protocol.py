"""The protocols of an engine and of an enlarger."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]
"""An upright picture, (H, W, 3), 0..1, sRGB."""

Mask = NDArray[np.float32]
"""(H, W), 0..1; 1 is where the picture changes."""

Domain = Literal["illustration"]
"""The kind of pictures that a model is limited to."""

OnStep = Callable[[int, int, Callable[[], Picture] | None], None]
"""Called with (steps done, steps in all, a function that makes a preview of at most 128 px, or None).

It raises an error (Canceled, DeadlineExceeded, …) to stop the engine; ``diffuse`` lets that error through.
"""


@dataclass(frozen=True, kw_only=True)
class Brief:
    """The description of a drawing that an engine is to make.

    ``width`` and ``height`` are the size wanted in the end, in pixels; the engine renders at
    ``native_size`` of it. The first of ``images`` is the one to change, the rest are references. ``mask``
    has the first image's size. The model chooses ``steps``, ``guidance`` and ``strength`` that are None.
    A clip has ``frames`` frames, ``fps`` of them in a second, and begins with its image, if it has one; a
    still picture has 0. ``bit_depth`` is that of the file, 8 or 16 bits a channel: for 8 an engine may draw
    less finely.
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
    frames: int = 0
    fps: int = 0
    bit_depth: int = 16
    labels: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Encoded:
    """A brief that its engine has prepared: it can draw it any number of times, from seeds alone."""

    width: int
    height: int
    conditions: object
    unread_prompt: str | None = None
    """The end of the prompt that was too long for the text encoder."""
    frames: int = 0
    """Of a clip, as the brief asks; 0 for a still picture."""
    bit_depth: int = 16
    """As the brief asks."""


class Engine(Protocol):
    """Draws pictures. Only one thread uses it at a time."""

    name: str
    model: str
    revision: str
    enlargers: tuple[str, ...]
    """The names of the super-resolution networks made for what the model draws, in the order of the passes.

    The last one makes all further passes. Empty if there is none.
    """
    domain: Domain | None
    """What the model draws, and is made to change; None if that is not limited."""
    writes: bool | None
    """Whether the model can write words that are asked for. None: not known."""
    follows_instructions: bool
    """True if a prompt that comes with an image says what to change in it."""

    def load(self) -> None:
        """Makes the model ready. Raises ModelUnavailable."""
        ...

    def warm_up(self) -> None:
        """Draws once, so that the first job is not slowed by what only a first run does."""
        ...

    def native_size(self, width: int, height: int) -> tuple[int, int]:
        """Returns the (width, height) it draws at for this target, at most its own and the target's area."""
        ...

    def estimate_bytes(self, width: int, height: int, count: int) -> int:
        """Returns the bytes that ``count`` pictures for this target take beside the loaded model."""
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


class Clip(Protocol):
    """A drawn clip, kept in the form in which the model drew it."""

    def frames(self) -> Iterator[Picture]:
        """Yields the frames that the brief asked for, at the native size, each decoded when it is taken.

        It may be called again, and yields the same. Raises OutOfMemory and EngineFailed.
        """
        ...


@runtime_checkable
class Animator(Protocol):
    """An engine that draws clips as well."""

    def animate(self, encoded: Encoded, seed: int, on_step: OnStep) -> Clip:
        """Draws a clip, as ``Engine.diffuse`` draws a picture. Raises UnsupportedTask if it cannot."""
        ...


class Enlarger(Protocol):
    """A super-resolution network."""

    name: str
    factor: int

    def enlarge(self, rgb: np.ndarray, tile: int) -> np.ndarray:
        """Returns float32 (factor·h, factor·w, 3) in 0–1; ``tile`` is in pixels of the small picture."""
        ...


EnlargersOf = Callable[[str | None], tuple[Enlarger, ...]]
"""Returns the networks for what that model draws, as in ``Engine.enlargers``; for None, for any picture."""
