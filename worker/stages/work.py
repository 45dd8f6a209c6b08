"""A job's work: what each stage is given and hands on to the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from functions.contract.clips import ClipFacts
from functions.contract.intent_facts import IntentFacts
from functions.contract.job import JobRecord
from functions.contract.manifest import (
    AttemptFacts,
    CredentialsFacts,
    LetteringFacts,
    QualityFacts,
    RegionFacts,
    ScreeningResult,
    StageFacts,
    SuggestionFacts,
    UpscaleFacts,
    WatermarkFacts,
)
from functions.contract.request import JobRequest
from functions.contract.verification import VerificationFacts
from functions.contract.worker_facts import DeviceFacts
from worker.engines.protocol import Clip, Encoded
from worker.vision.protocol import Score

if TYPE_CHECKING:  # what reads credentials takes long to import, and few processes read any
    from worker.verification import Examination


@dataclass
class PictureInProgress:
    """One of a job's pictures. ``rgb`` is float32 (H, W, 3) in 0–1 from the decoder to the seal."""

    n: int
    seed: int
    rgb: np.ndarray
    attempts: list[AttemptFacts] = field(default_factory=list[AttemptFacts])
    score: Score | None = None  # of the drawing, without its words
    upscale: UpscaleFacts | None = None
    lettering: list[LetteringFacts] = field(default_factory=list[LetteringFacts])
    outside_mask_difference: float | None = None
    watermark: WatermarkFacts | None = None
    credentials: CredentialsFacts | None = None
    intent: IntentFacts | None = None  # set where each picture has a prompt of its own
    quality: QualityFacts | None = None  # None where the file is lossless
    data: bytes = b""  # the finished file


@dataclass
class ClipInProgress:
    """The clip of a job, encoded frame by frame. ``data`` is the file, unsigned until the seal."""

    seed: int
    facts: ClipFacts
    watermark: WatermarkFacts
    data: bytes
    upscale: UpscaleFacts | None = None
    credentials: CredentialsFacts | None = None


@dataclass
class Work:
    """Everything that stages know about a job. It holds no bucket, queue or client."""

    job_id: str
    request: JobRequest
    model: str
    width: int
    height: int
    seed: int
    attempt: int
    deadline: datetime
    images: tuple[np.ndarray, ...] = ()  # float32 (H, W, 3) in 0–1, upright; the first is the one to change
    mask: np.ndarray | None = None  # float32 (H, W) in 0–1, of the first image's size; 1 may change
    source_size: tuple[int, int] | None = None  # the first image's own (width, height), before it was shrunk
    ingredients: tuple[bytes, ...] = ()  # the images' own content credentials, packed for the result's
    files: tuple[bytes, ...] = ()  # the images' files as they came; kept for ``verify`` alone
    examination: Examination | None = None
    verification: VerificationFacts | None = None
    intent: IntentFacts | None = None
    intents: tuple[IntentFacts, ...] = ()  # one for each prompt; only a sequence has several
    region: RegionFacts | None = None  # where the region's name was found
    suggestions: list[SuggestionFacts] = field(default_factory=list[SuggestionFacts])
    suggestions_by: str | None = None
    clip: ClipInProgress | None = None  # the job's result 0; its poster is then the one of ``pictures``
    pictures: list[PictureInProgress] = field(default_factory=list[PictureInProgress])
    verdicts: list[ScreeningResult] = field(default_factory=list[ScreeningResult])
    stages: list[StageFacts] = field(default_factory=list[StageFacts])
    engine: str | None = None
    device: DeviceFacts | None = None
    model_revision: str | None = None
    resumed_from: str | None = None
    small_tiles: bool = False
    traceparent: str | None = None  # the parent's span, to which the engine's log lines belong
    pass_pictures: int = 1  # in the largest pass that drew this job's pictures
    encoded: Encoded | None = None  # never leaves the engine process
    drawn: Clip | None = None  # nor does this: a clip's frames, still to be decoded

    @classmethod
    def from_record(cls, record: JobRecord) -> Work:
        """Returns the work that a claimed record asks for, without its input pictures."""
        return cls(
            job_id=record.id,
            request=record.request,
            model=record.model,
            width=record.width,
            height=record.height,
            seed=record.seed,
            attempt=record.attempt,
            deadline=record.deadline,
        )

    def drop_pixels(self) -> None:
        """Frees the pictures' pixels, once another process has them."""
        for picture in self.pictures:
            picture.rgb = np.empty((0, 0, 3), np.float32)

    @property
    def labels(self) -> dict[str, str]:
        """Returns the labels for the engine: the request's own, and the number of the attempt."""
        return {**self.request.labels, "mock.attempt": str(self.attempt)}
