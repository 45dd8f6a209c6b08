"""A shared pass: one run of the model that draws several pictures at once, of one job or of several."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol, runtime_checkable

from functions.contract.errors import PlantainError
from worker.engines.pass_limits import PassLimits
from worker.engines.protocol import Encoded, OnStep, Picture

PreviewOf = Callable[[int], Picture]
"""Returns the preview of the picture with that number in the pass."""


@dataclass(frozen=True)
class PassDrawing:
    """One picture to be drawn. ``on_step`` may raise an error, with which this picture leaves the pass."""

    encoded: Encoded
    seed: int
    on_step: OnStep


@runtime_checkable
class PassEngine(Protocol):
    """An engine that draws several pictures in one pass, each from a generator of its own."""

    def profile_passes(self, most: int) -> PassLimits:
        """Measures how many pictures, at most ``most``, gain from one pass. Until then every limit is 1."""
        ...

    def pass_key(self, encoded: Encoded) -> Hashable:
        """Returns what drawings must have in common to share a pass."""
        ...

    def pass_limit(self, encoded: Encoded) -> int:
        """Returns how many such pictures one pass may draw, by the profile and the memory that is free."""
        ...

    def diffuse_together(self, drawings: Sequence[PassDrawing]) -> list[Picture | PlantainError]:
        """Draws pictures of one ``pass_key``. Returns for each the picture, or the error of that one alone.

        Raises OutOfMemory and EngineFailed where the whole pass failed; the engine can be used again.
        """
        ...


class PassAbandoned(Exception):
    """Every picture has left the pass."""


class PassSteps:
    """Reports a pass's steps to each of its drawings, and keeps the errors with which drawings leave it.

    The model draws on for one that has left: its place is computed and thrown away, and the others are what
    they would have been.
    """

    def __init__(self, drawings: Sequence[PassDrawing]) -> None:
        self._drawings = drawings
        self.errors: dict[int, PlantainError] = {}

    def report(self, step: int, steps: int, preview: PreviewOf | None) -> None:
        """Calls ``on_step`` of those that are left. Raises PassAbandoned when there are none."""
        for n, drawing in enumerate(self._drawings):
            if n in self.errors:
                continue
            try:
                drawing.on_step(step, steps, None if preview is None else partial(preview, n))
            except PlantainError as error:
                self.errors[n] = error
        if len(self.errors) == len(self._drawings):
            raise PassAbandoned

    def finish(self, picture_of: PreviewOf) -> list[Picture | PlantainError]:
        """Returns the outcome of each drawing; ``picture_of`` may raise the error of one picture."""
        return [self._outcome(n, picture_of) for n in range(len(self._drawings))]

    def _outcome(self, n: int, picture_of: PreviewOf) -> Picture | PlantainError:
        if n in self.errors:
            return self.errors[n]
        try:
            return picture_of(n)
        except PlantainError as error:
            return error
