"""A webhook's deliveries: recorded before they are sent, with a schedule of attempts, listed and replayed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Literal

from pydantic import Field

from ..contract.batch import AnyEvent, BatchEventType
from ..contract.document import Document, Instant, Part, now
from ..contract.errors import NotFound, Overtaken
from ..contract.manifest import Manifest
from ..contract.request import EventType
from ..contract.storage import paths
from ..contract.storage.bucket import NEW
from ..services import Services
from .webhooks import SECONDS, receiver_of

# The Standard Webhooks specification's example schedule: what is waited after each failed attempt.
SCHEDULE = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
GONE = 410
KEPT = 50  # attempts in the record: replays may be asked for without end
# How long an attempt belongs to whoever began it; afterwards it counts as lost.
_CLAIM = timedelta(seconds=SECONDS * 3)


class Attempt(Part):
    """One call. Without a status and an error it has begun and nothing is known of its end."""

    at: Instant
    seconds: float | None = None
    status: int | None = None
    error: str | None = None

    @property
    def succeeded(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Delivery(Document):
    kind: ClassVar[str] = "delivery"

    job_id: str  # or the batch's
    event_id: str
    type: EventType | BatchEventType
    url: str
    receiver: str = ""  # its place in the queue; none in records from before there was a queue
    state: Literal["pending", "delivered", "gone", "given_up"] = "pending"
    attempts: tuple[Attempt, ...] = ()
    tried: int = Field(default=0, ge=0)  # attempts since the last replay: the place in the schedule
    next_attempt: Instant | None = None

    def is_due(self, at: datetime) -> bool:
        return self.state == "pending" and self.next_attempt is not None and self.next_attempt <= at

    @property
    def is_under_way(self) -> bool:
        """True while an attempt has begun and has not ended; its sender may have died."""
        return self.state == "pending" and bool(self.attempts) and self.attempts[-1].seconds is None

    def begun(self, at: datetime) -> Delivery:
        """A copy with an attempt under way, which nobody else repeats until the claim has lapsed.

        Of more attempts than ``KEPT`` the latest are listed.
        """
        return self.model_copy(
            update={
                "attempts": (*self.attempts, Attempt(at=at))[-KEPT:],
                "tried": self.tried + 1,
                "next_attempt": at + _CLAIM,
            }
        )

    def answered(self, attempt: Attempt, at: datetime) -> Delivery:
        """A copy whose last attempt went like this."""
        attempts = (*self.attempts[:-1], attempt)
        if attempt.succeeded or attempt.status == GONE:
            state = "delivered" if attempt.succeeded else "gone"
            return self.model_copy(update={"attempts": attempts, "state": state, "next_attempt": None})
        if self.tried > len(SCHEDULE):
            return self.model_copy(update={"attempts": attempts, "state": "given_up", "next_attempt": None})
        return self.model_copy(update={"attempts": attempts, "next_attempt": at + SCHEDULE[self.tried - 1]})

    def again(self, at: datetime) -> Delivery:
        """A copy that starts over, whatever became of it."""
        return self.model_copy(update={"state": "pending", "tried": 0, "next_attempt": at})


@dataclass(frozen=True)
class StoredDelivery:
    delivery: Delivery
    generation: int


def wanted(manifest: Manifest) -> str | None:
    """The address to call about this end, if the job's caller wants to be called about it."""
    webhook = manifest.origin.request.webhook
    if webhook is None or (webhook.events is not None and _type(manifest) not in webhook.events):
        return None
    return webhook.url


def _type(manifest: Manifest) -> str:
    return f"job.{manifest.state}"


def read(services: Services, job_id: str) -> StoredDelivery:
    """Raises NotFound for a job that has no delivery."""
    try:
        found = services.jobs.get(paths.delivery(job_id))
    except NotFound:
        raise NotFound("The job has no webhook delivery.") from None
    return StoredDelivery(Delivery.parse(found.data), found.generation)


def recorded(services: Services, job_id: str, owner: str, event: AnyEvent, url: str) -> StoredDelivery:
    """The delivery of the job's (or batch's) event to ``url``, recorded now if it was not before."""
    delivery = Delivery(
        job_id=job_id,
        event_id=event.id,
        type=event.type,
        url=url,
        receiver=receiver_of(owner, url),
        next_attempt=now(),
    )
    try:
        return _write(services, delivery, NEW)
    except Overtaken:
        return read(services, job_id)


def _write(services: Services, delivery: Delivery, generation: int) -> StoredDelivery:
    name = paths.delivery(delivery.job_id)
    written = services.jobs.put(name, delivery.encode(), if_generation=generation)
    return StoredDelivery(delivery, written)


def begin_attempt(services: Services, stored: StoredDelivery) -> StoredDelivery:
    """Records that an attempt is under way. Raises Overtaken when somebody else makes it."""
    return _write(services, stored.delivery.begun(now()), stored.generation)


def end_attempt(services: Services, begun: StoredDelivery, attempt: Attempt) -> Delivery | None:
    """Records how the attempt went; None when it counts for nothing: the claim lapsed, or a replay began."""
    try:
        return _write(services, begun.delivery.answered(attempt, now()), begun.generation).delivery
    except (Overtaken, NotFound):
        return None


def make_due(services: Services, job_id: str) -> StoredDelivery:
    """Starts the delivery's schedule again, now. Raises NotFound."""
    while True:
        stored = read(services, job_id)
        try:
            return _write(services, stored.delivery.again(now()), stored.generation)
        except Overtaken:
            continue
