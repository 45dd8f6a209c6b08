"""The message that carries a job to a worker, and the event of its end: names only, never pixels."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import Field, ValidationError

from . import paths
from .document import Document, DocumentPart, Instant, refuse_newer
from .errors import ErrorFacts, PlantainError, UnreadableMessage
from .manifest import Manifest
from .request import EventType
from .states import State
from .validation.messages import explain_fault, text_pattern

MAX_MESSAGE = 16 * 2**10  # bytes: far more than an id and a trace need


class QueueMessage(Document):
    """A message of one of our queues: a small document, whose size is checked before it is parsed."""

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Parses a message. Raises UnsupportedVersion or UnreadableMessage."""
        if len(data) > MAX_MESSAGE:
            raise UnreadableMessage(f"A message has {MAX_MESSAGE:,} bytes at the most.")
        try:
            return cls.model_validate_json(data)
        except ValidationError as error:
            refuse_newer(data, cls.kind)
            raise UnreadableMessage(explain_fault(error)) from None


class JobMessage(QueueMessage):
    """Names the job that a worker, or the remote endpoint, is to run."""

    kind: ClassVar[str] = "message"

    job_id: Annotated[str, text_pattern(r"^job_[a-z2-7]{26}$", "job_ and 26 letters and digits")]
    traceparent: str | None = None


def traceparent_of(data: bytes) -> str | None:
    """Returns the trace of a job's message; None if it names none or cannot be understood."""
    try:
        return JobMessage.decode(data).traceparent
    except PlantainError:
        return None


class JobEnded(DocumentPart, use_attribute_docstrings=True):
    """The facts of a job's end, for a webhook's receiver and a subscriber of the events topic."""

    job_id: str
    """The job that has ended."""
    state: State
    """How it ended: succeeded, failed, blocked, canceled or expired."""
    images: tuple[str, ...] = ()
    """The pictures, as `gs://` names in the order of their numbers."""
    manifest: str
    """The manifest, as a `gs://` name: how each picture was made."""
    labels: dict[str, str] = Field(default_factory=dict)
    """The labels of the request."""
    error: ErrorFacts | None = None
    """Why there are no pictures, where there are none."""


class JobEvent(Document, use_attribute_docstrings=True):
    """A Standard Webhooks payload: type, timestamp, data."""

    kind: ClassVar[str] = "event"

    id: str
    """The event's id: the same in every attempt and on the topic, so it tells a repetition."""
    type: EventType
    """Which end the job came to."""
    timestamp: Instant
    """When the job ended, in UTC (RFC 3339)."""
    data: JobEnded
    """The job that has ended."""

    @classmethod
    def of(cls, manifest: Manifest, results_bucket: str) -> JobEvent:
        """Returns the event of the end of the job with this manifest."""
        return cls.model_validate(
            {
                "id": manifest.event_id,
                "type": f"job.{manifest.state}",
                "timestamp": manifest.ended,
                "data": JobEnded(
                    job_id=manifest.job_id,
                    state=manifest.state,
                    images=tuple(f"gs://{results_bucket}/{image.name}" for image in manifest.images),
                    manifest=f"gs://{results_bucket}/{paths.manifest(manifest.job_id)}",
                    labels=manifest.origin.request.labels,
                    error=manifest.error,
                ),
            }
        )
