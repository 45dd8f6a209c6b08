"""The manifest: written once, for every job that ends. Its existence is the commit."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .document import Document, Instant, Part
from .errors import ErrorFacts
from .job import JobRecord, Step
from .paths import event_id
from .request import JobRequest
from .states import State


class WatermarkFacts(Part):
    """The invisible mark of one picture, as it was read back."""

    scheme: str
    payload: str  # 16 hexadecimal digits
    key_version: int
    score: float
    survives: tuple[str, ...]  # the attacks under which the read-back found the payload


class UpscaleFacts(Part):
    method: str  # a network's name, or "lanczos"
    from_width: int
    from_height: int


class AttemptFacts(Part):
    """One drawing by the correction loop: the best one is delivered."""

    seed: int
    score: float
    reasons: tuple[str, ...] = ()
    chosen: bool = False


class ImageFacts(Part):
    name: str
    width: int
    height: int
    bit_depth: int
    content_type: str
    bytes: int
    sha256: str
    seed: int
    upscale: UpscaleFacts | None = None
    attempts: tuple[AttemptFacts, ...] = ()
    outside_mask_difference: float | None = None  # largest, in 0–1, before the watermark
    watermark: WatermarkFacts | None = None
    content_credentials: Literal["unsigned", "signed"] = "unsigned"


class Verdict(Part):
    """What the policy said of a prompt, an input or an output."""

    subject: str
    verdict: Literal["allow", "block", "not_classified"]
    categories: tuple[str, ...] = ()
    policy_version: str


class StageFacts(Part):
    name: str
    seconds: float


class IntentFacts(Part):
    """What the prompt was understood to ask for."""

    by: str
    prompt: str  # as the model was given it
    subjects: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
    setting: str | None = None
    light: str | None = None
    count: int | None = None


class Origin(Part):
    """What a record holds and a manifest needs to rebuild it."""

    owner: str
    request: JobRequest
    created: Instant
    deadline: Instant
    attempt: int
    source: str | None = None
    traceparent: str | None = None
    history: tuple[Step, ...] = ()


class Manifest(Document):
    """How a job ended, and everything that can be said about how its pictures were made."""

    kind: ClassVar[str] = "manifest"

    job_id: str
    event_id: str
    state: State
    request_sha256: str
    origin: Origin
    ended: Instant
    width: int
    height: int
    seed: int
    model: str
    model_revision: str | None = None
    engine: str | None = None
    images: tuple[ImageFacts, ...] = ()
    stages: tuple[StageFacts, ...] = ()
    intent: IntentFacts | None = None
    safety: tuple[Verdict, ...] = ()
    timings: dict[str, Instant] = Field(default_factory=dict)  # claimed, first_stage, last_stage
    cold_start_ms: int | None = None
    resumed_from: str | None = None
    error: ErrorFacts | None = None

    @classmethod
    def of(cls, record: JobRecord, state: State, ended: Instant, **facts: object) -> Manifest:
        """The manifest that ends ``record`` in ``state``."""
        return cls.model_validate(
            {
                "job_id": record.id,
                "event_id": event_id(record.id),
                "state": state,
                "request_sha256": record.request_sha256,
                "origin": Origin(
                    owner=record.owner,
                    request=record.request,
                    created=record.created,
                    deadline=record.deadline,
                    attempt=record.attempt,
                    source=record.source,
                    traceparent=record.traceparent,
                    history=record.history,
                ),
                "ended": ended,
                "width": record.width,
                "height": record.height,
                "seed": record.seed,
                "model": record.model,
                **facts,
            }
        )

    def record(self) -> JobRecord:
        """The record that this manifest ended, rebuilt from it alone."""
        origin = self.origin
        return JobRecord(
            id=self.job_id,
            owner=origin.owner,
            request=origin.request,
            request_sha256=self.request_sha256,
            model=self.model,
            width=self.width,
            height=self.height,
            seed=self.seed,
            source=origin.source,
            traceparent=origin.traceparent,
            state=self.state,
            progress=1.0 if self.state is State.SUCCEEDED else 0.0,
            created=origin.created,
            updated=self.ended,
            deadline=origin.deadline,
            ended=self.ended,
            attempt=origin.attempt,
            error=self.error,
            images=tuple(image.name for image in self.images),
            history=(*origin.history, Step(at=self.ended, state=self.state)),
        )
