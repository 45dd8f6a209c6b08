"""A picture in progress, and the job it belongs to: what one stage hands to the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import numpy as np

from functions.contract.job import JobRecord
from functions.contract.manifest import (
    AttemptFacts,
    CredentialsFacts,
    DeviceFacts,
    IntentFacts,
    ProofLevel,
    RegionFacts,
    ScreeningResult,
    StageFacts,
    SuggestionFacts,
    UpscaleFacts,
    VerificationFacts,
    WatermarkFacts,
)
from functions.contract.request import JobRequest
from functions.contract.tasks import Task
from functions.policy import Screener
from worker.engines.protocol import Encoded, Engine, OnStep
from worker.verification import Examination, Examiner
from worker.vision.protocol import VisionTools
from worker.vision.vision_tools import RulesVisionTools
from worker.watermark import Watermarker


@dataclass
class PictureInProgress:
    """One of the job's pictures. ``rgb`` is float32 (H, W, 3) in 0–1, from the decoder to the seal."""

    n: int
    seed: int
    rgb: np.ndarray
    attempts: list[AttemptFacts] = field(default_factory=list[AttemptFacts])
    upscale: UpscaleFacts | None = None
    outside_mask_difference: float | None = None
    watermark: WatermarkFacts | None = None
    credentials: CredentialsFacts | None = None
    intent: IntentFacts | None = None  # its own, where each picture has another prompt
    data: bytes = b""


@dataclass
class Work:
    """Everything that the stages know of a job. It holds no bucket, no queue and no client."""

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
    ingredients: tuple[bytes, ...] = ()  # the images once more, as their files' own credentials tell of them
    files: tuple[bytes, ...] = ()  # the images once more, as they came; for who asks about the file itself
    examination: Examination | None = None
    verification: VerificationFacts | None = None
    intent: IntentFacts | None = None
    intents: tuple[IntentFacts, ...] = ()  # one for each prompt: a sequence has several
    region: RegionFacts | None = None  # where the region's name was found
    suggestions: list[SuggestionFacts] = field(default_factory=list[SuggestionFacts])
    suggestions_by: str | None = None
    pictures: list[PictureInProgress] = field(default_factory=list[PictureInProgress])
    verdicts: list[ScreeningResult] = field(default_factory=list[ScreeningResult])
    stages: list[StageFacts] = field(default_factory=list[StageFacts])
    engine: str | None = None
    device: DeviceFacts | None = None
    model_revision: str | None = None
    resumed_from: str | None = None
    small_tiles: bool = False
    traceparent: str | None = None  # where the parent process stands: the engine's log lines belong there
    encoded: Encoded | None = None  # never leaves the engine process

    @classmethod
    def of(cls, record: JobRecord) -> Work:
        """The work that a claimed record asks for, without its pictures."""
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

    @property
    def labels(self) -> dict[str, str]:
        """The labels that an engine may read: the request's own, and which attempt this is."""
        return {**self.request.labels, "mock.attempt": str(self.attempt)}


class Reader(Protocol):
    """A language model that reads prompts."""

    def read(self, prompt: str, task: Task) -> IntentFacts:
        """Raises ModelGaveNoAnswer."""
        ...


@dataclass(frozen=True)
class IntakeTools:
    """What the stages of the intake may need; they run in the parent process, several jobs at a time."""

    reader: Reader | None = None  # None: the rules alone read
    plain_models: tuple[str, ...] = ()  # drawn from the caller's words, whatever a reader makes of them
    screener: Screener = field(default_factory=Screener)  # what may be asked for


class Enlarger(Protocol):
    """A super-resolution network."""

    name: str
    factor: int

    def enlarge(self, rgb: np.ndarray, tile: int) -> np.ndarray:
        """float32 (factor·h, factor·w, 3) in 0–1; ``tile`` is in pixels of the small picture."""
        ...


@dataclass(frozen=True)
class EngineTools:
    """What stages may need; each takes what it declares and nothing else."""

    engine: Callable[[str], Engine]  # by the model's name; loads it on first use
    enlarger: Callable[[str | None], Enlarger | None]  # made for what that model draws; None: for any picture
    marker: Watermarker
    on_step: OnStep  # reports a step; raises Canceled, DeadlineExceeded or LeaseLost to stop
    keep: Callable[[Work], None]  # keeps the drawn pictures, so that a later failure resumes after them
    examiner: Examiner  # reads marks of every known key, and content credentials
    vision: VisionTools = field(default_factory=RulesVisionTools)  # judge, find and suggest
    screener: Screener = field(default_factory=Screener)  # which pictures may be worked on, and leave
    watermark_proof: ProofLevel = "exact"  # the least that a mark must survive for its picture to leave
