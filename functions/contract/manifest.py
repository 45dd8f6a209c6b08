"""The manifest: written once, for every job that ends. Its existence is the commit."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from .clips import ClipFacts
from .document import Document, DocumentPart, Instant
from .errors import ErrorFacts
from .ids import event_id
from .intent_facts import IntentFacts
from .job import HistoryEntry, JobRecord
from .policy_decision import Decision
from .request import JobRequest
from .states import State
from .verification import VerificationFacts
from .worker_facts import ColdStartFacts, DeviceFacts

# What the proof of a mark showed, from the least to the most: that it is read from the file as it is; also
# after a JPEG of quality 75; and after all that pictures go through when they are shared.
ProofLevel = Literal["exact", "compressed", "robust"]


class WatermarkFacts(DocumentPart):
    """The invisible watermark of one picture, as it was read back."""

    scheme: str  # plantain-1, or plantain-m1 where texture drowns that one: docs/watermark.md
    payload: str  # 16 hexadecimal digits
    key_version: int
    score: float
    survives: tuple[str, ...]  # the attacks after which the payload is read; see docs/watermark.md
    psnr: float | None = None  # decibels between the picture and its marked copy, as it was asked for
    proof: ProofLevel | None = None  # what `survives` comes to; None in manifests of before


class CredentialsFacts(DocumentPart):
    """The content credentials (C2PA) of one picture, as they were read back from its file."""

    manifest: str  # the C2PA manifest's own name, urn:c2pa:…
    issuer: str | None = None  # the organisation that the signer's certificate names
    algorithm: str  # as C2PA spells it: ES256, PS256 …
    actions: tuple[str, ...]
    time_stamped: Instant | None = None  # attested by a time stamp authority; None where none is asked


class UpscaleFacts(DocumentPart):
    method: str  # the networks' names, in the order of their use and with a plus between, or "lanczos"
    from_width: int
    from_height: int


class AttemptFacts(DocumentPart):
    """One drawing of the correction loop, which delivers the best one."""

    seed: int
    # From 0 to 1: how far what was asked for was seen, times the share of it that could be checked. None:
    # nothing could be checked.
    score: float | None = None
    reasons: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()  # what was asked for and could not be checked
    by: str | None = None  # the critic
    repair: str | None = None  # the edit of an earlier drawing that this one is; None: drawn anew
    chosen: bool = False


class QualityFacts(DocumentPart):
    """The quality of a lossy file, 1 to 100."""

    requested: int | None = None  # None: the format's usual one
    used: int  # above the requested one where that would lose the watermark


class LetteringFacts(DocumentPart):
    """Words that a prompt has in quotation marks, and how the picture shows them."""

    text: str  # as they were asked for
    method: Literal["model", "typeset"] | None = None  # what wrote them; None: nothing did
    surface: str | None = None  # what typeset words stand on: "sign", "cake"; "title": on the picture itself
    box: tuple[float, float, float, float] | None = None  # left, top, right, bottom in fractions of the sides
    font: str | None = None  # of typeset words
    read: str | None = None  # as a reader read them in the finished picture; None: it read nothing like them
    similarity: float | None = None  # of `read` to `text`, 0 to 1; None: they could not be read
    matches: bool | None = None  # every letter is right; None: they could not be read
    by: str | None = None  # the reader
    problem: str | None = None  # why they were not typeset


class ImageFacts(DocumentPart):
    name: str
    width: int
    height: int
    bit_depth: int
    content_type: str
    quality: QualityFacts | None = None  # None for png, and in manifests of before
    bytes: int
    sha256: str
    seed: int
    clip: ClipFacts | None = None  # None for a still picture
    upscale: UpscaleFacts | None = None
    attempts: tuple[AttemptFacts, ...] = ()
    lettering: tuple[LetteringFacts, ...] = ()  # one for each of the words in quotation marks
    intent: IntentFacts | None = None  # of a sequence's picture: its own prompt, and how it was understood
    outside_mask_difference: float | None = None  # largest, in 0–1, before the watermark
    watermark: WatermarkFacts | None = None
    content_credentials: Literal["unsigned", "signed"] = "unsigned"
    credentials: CredentialsFacts | None = None  # None where they are unsigned


class ScreeningResult(DocumentPart):
    """The decision of the policy, or of the classifier that ``by`` names, on a prompt, an input or an output.

    ``review`` lets the job continue and asks for a person to look at it.
    """

    subject: str
    by: str = "policy"
    verdict: Decision | Literal["not_classified"]
    categories: tuple[str, ...] = ()
    policy_version: str


class StageFacts(DocumentPart):
    name: str
    seconds: float  # of a pass that jobs shared: the whole pass's
    pass_pictures: int | None = None  # in the largest pass that drew this job's; None: each was drawn alone


class RegionFacts(DocumentPart):
    """The place of a region that was named in words."""

    by: str  # the model that found it
    box: tuple[float, float, float, float]  # left, top, right, bottom in fractions of the sides
    share: float  # of the picture
    unrecognized: tuple[str, ...] = ()  # words of the name that the finder does not know and did not follow


class FittedFacts(DocumentPart):
    """The picture to change had a size that cannot be delivered, and was resized to the nearest one."""

    from_width: int  # px
    from_height: int  # px


class SuggestionFacts(DocumentPart, use_attribute_docstrings=True):
    """Something useful that could be done with a picture."""

    instruction: str
    """What to do, for people."""
    task: Literal["edit", "outpaint", "upscale"]
    """How it is done."""
    why: str
    """Why it would make sense, for people."""
    request: dict[str, Any] | None = None
    """The body of `POST /v1/jobs` that does it, ready to be sent; manifests of before have none."""


class OriginFacts(DocumentPart):
    """The fields of a record that a manifest needs to rebuild it."""

    owner: str
    request: JobRequest
    created: Instant
    deadline: Instant
    attempt: int
    source: str | None = None
    traceparent: str | None = None
    history: tuple[HistoryEntry, ...] = ()


class Manifest(Document):
    """The end of a job, and everything known about how its pictures were made."""

    kind: ClassVar[str] = "manifest"

    job_id: str
    event_id: str
    state: State
    traceparent: str | None = None  # where it was committed: later spans belong there
    request_sha256: str
    origin: OriginFacts
    ended: Instant
    width: int
    height: int
    seed: int
    model: str
    model_revision: str | None = None
    engine: str | None = None
    device: DeviceFacts | None = None  # None: the job ended before a worker had it
    images: tuple[ImageFacts, ...] = ()
    stages: tuple[StageFacts, ...] = ()
    intent: IntentFacts | None = None
    region: RegionFacts | None = None
    fitted: FittedFacts | None = None  # None: the size is what was asked for, or the picture's own
    suggestions: tuple[SuggestionFacts, ...] = ()
    suggestions_by: str | None = None
    safety: tuple[ScreeningResult, ...] = ()
    verification: VerificationFacts | None = None  # of the task verify: its whole answer
    timings: dict[str, Instant] = Field(default_factory=dict)  # claimed, first_stage, last_stage
    cold_start_ms: int | None = None  # of the worker, in the manifest of the first job that it finishes
    cold_start: ColdStartFacts | None = None  # its parts
    resumed_from: str | None = None
    error: ErrorFacts | None = None

    @classmethod
    def of(
        cls,
        record: JobRecord,
        state: State,
        ended: Instant,
        traceparent: str | None = None,
        **facts: object,
    ) -> Manifest:
        """Returns the manifest that ends ``record`` in ``state``.

        ``traceparent`` is where in the trace it is committed. Default: the record's own.
        """
        return cls.model_validate(
            {
                "job_id": record.id,
                "event_id": event_id(record.id),
                "state": state,
                "traceparent": traceparent or record.traceparent,
                "request_sha256": record.request_sha256,
                "origin": OriginFacts(
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
        """Returns the record that this manifest ended, rebuilt from it alone."""
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
            history=(*origin.history, HistoryEntry(at=self.ended, state=self.state)),
        )
