"""The pace of jobs: workers measure it, one small object for each model keeps it, a dry run reads it."""

from __future__ import annotations

from contextlib import suppress
from math import log2
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from .. import paths
from ..document import Document, DocumentPart
from ..errors import InvalidRequest, NotFound, Overtaken, Transient
from ..tasks import Task
from .bucket import NEW, Bucket

_WEIGHT = 0.2  # of the newest measurement in the mean
Kind = Annotated[str, StringConstraints(pattern=r"^[a-z]+-[0-9]{1,2}$")]  # a task, and log2 of the pixels
_MOST = 64  # kinds of jobs: tasks times sizes, each size twice the one before


class MeanSeconds(DocumentPart):
    """The mean seconds of a picture's stages, and the number of jobs that it is the mean of."""

    seconds: float = Field(ge=0)
    jobs: int = Field(ge=1)


class ModelPace(Document):
    """The time that a model's jobs took lately, by task and size."""

    kind: ClassVar[str] = "pace"

    kinds: dict[Kind, MeanSeconds] = Field(default_factory=dict)

    def with_job(self, task: Task, pixels: int, pictures: int, seconds: float) -> ModelPace:
        """Returns a copy whose means include one more job."""
        kind, per_picture = _kind_of(task, pixels), seconds / max(1, pictures)
        known = self.kinds.get(kind)
        if known is None and len(self.kinds) >= _MOST:
            return self
        weight = max(_WEIGHT, 1 / (known.jobs + 1)) if known else 1.0
        mean = per_picture if known is None else known.seconds + weight * (per_picture - known.seconds)
        measured = MeanSeconds(seconds=round(mean, 3), jobs=(known.jobs if known else 0) + 1)
        return self.model_copy(update={"kinds": {**self.kinds, kind: measured}})

    def estimate(self, task: Task, pixels: int, pictures: int) -> float | None:
        """Returns the seconds that such a job takes once it runs; None where no job of its task was measured.

        A size that was not measured is scaled from the task's nearest one, by the number of pixels.
        """
        wanted = _octave(pixels)
        sizes = {int(kind.rpartition("-")[2]) for kind in self.kinds if kind.startswith(f"{task}-")}
        if not sizes:
            return None
        nearest = min(sizes, key=lambda size: abs(size - wanted))
        seconds = self.kinds[f"{task}-{nearest}"].seconds * 2.0 ** (wanted - nearest)
        return round(seconds * max(1, pictures), 1)


def _octave(pixels: int) -> int:
    return round(log2(max(1, pixels)))


def _kind_of(task: Task, pixels: int) -> str:
    return f"{task}-{_octave(pixels)}"


def read_pace(jobs: Bucket, model: str) -> tuple[ModelPace, int]:
    """Returns the model's pace and its generation: an empty pace where none was measured or it is
    unreadable.
    """
    try:
        found = jobs.get(paths.model_pace(model))
    except NotFound:
        return ModelPace(), NEW
    try:
        return ModelPace.parse(found.data), found.generation
    except InvalidRequest:
        return ModelPace(), found.generation


def note_pace(jobs: Bucket, model: str, task: Task, pixels: int, pictures: int, seconds: float) -> None:
    """Adds a job to the model's pace. Skips a job when the object cannot be written now."""
    with suppress(Transient, Overtaken):
        pace, generation = read_pace(jobs, model)
        learnt = pace.with_job(task, pixels, pictures, seconds)
        jobs.put(paths.model_pace(model), learnt.encode(), if_generation=generation)
