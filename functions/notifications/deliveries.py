"""A webhook's deliveries: recorded before they are sent, attempted on a schedule, listed and replayed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar, Literal

from pydantic import Field

from ..contract import paths
from ..contract.batch import BatchEventType
from ..contract.document import Document, DocumentPart, Instant, now
from ..contract.errors import NotFound, Overtaken
from ..contract.request import EventType
from ..contract.storage.bucket import NEW
from ..contract.storage.record_store import VersionedRecord
from ..services import Services
from .end_notice import EndNotice
from .webhooks import SECONDS, receiver_of

# The Standard Webhooks specification's example schedule: the wait after each failed attempt.
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
# How long an attempt belongs to its sender; afterwards it counts as lost.
_CLAIM = timedelta(seconds=SECONDS * 3)


class DeliveryAttempt(DocumentPart):
    """One call. Without a status and an error it has begun, and its end is unknown."""

    at: Instant
    seconds: float | None = None
    status: int | None = None
    error: str | None = None

    @property
    def succeeded(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class WebhookDelivery(Document):
    """The delivery of one event to one webhook."""

    kind: ClassVar[str] = "delivery"

    job_id: str  # or the batch's
    event_id: str
    type: EventType | BatchEventType
    url: str
    receiver: str = ""  # its ordering key in the queue; empty in records that are older than the queue
    state: Literal["pending", "delivered", "gone", "given_up"] = "pending"
    attempts: tuple[DeliveryAttempt, ...] = ()
    tried: int = Field(default=0, ge=0)  # attempts since the last replay: the place in the schedule
    next_attempt: Instant | None = None

    def is_due(self, at: datetime) -> bool:
        """Returns True if an attempt is to be made at the time ``at``."""
        return self.state == "pending" and self.next_attempt is not None and self.next_attempt <= at

    @property
    def is_under_way(self) -> bool:
        """Returns True while an attempt has begun and has not ended; its sender may have died."""
        return self.state == "pending" and bool(self.attempts) and self.attempts[-1].seconds is None

    def with_attempt(self, at: datetime) -> WebhookDelivery:
        """Returns a copy with an attempt under way, which no other process repeats until the claim has
        lapsed.

        Only the latest ``KEPT`` attempts are listed.
        """
        return self.model_copy(
            update={
                "attempts": (*self.attempts, DeliveryAttempt(at=at))[-KEPT:],
                "tried": self.tried + 1,
                "next_attempt": at + _CLAIM,
            }
        )

    def with_result(self, attempt: DeliveryAttempt, at: datetime) -> WebhookDelivery:
        """Returns a copy whose last attempt ended like this."""
        attempts = (*self.attempts[:-1], attempt)
        if attempt.succeeded or attempt.status == GONE:
            state = "delivered" if attempt.succeeded else "gone"
            return self.model_copy(update={"attempts": attempts, "state": state, "next_attempt": None})
        if self.tried > len(SCHEDULE):
            return self.model_copy(update={"attempts": attempts, "state": "given_up", "next_attempt": None})
        return self.model_copy(update={"attempts": attempts, "next_attempt": at + SCHEDULE[self.tried - 1]})

    def reset(self, at: datetime) -> WebhookDelivery:
        """Returns a copy that starts its schedule over, whatever its state."""
        return self.model_copy(update={"state": "pending", "tried": 0, "next_attempt": at})


StoredDelivery = VersionedRecord[WebhookDelivery]


def read_delivery(services: Services, job_id: str) -> StoredDelivery:
    """Returns the job's delivery. Raises NotFound for a job without one."""
    try:
        found = services.jobs.get(paths.delivery_record(job_id))
    except NotFound:
        raise NotFound("The job has no webhook delivery.") from None
    return StoredDelivery(WebhookDelivery.parse(found.data), found.generation)


def record_delivery(services: Services, notice: EndNotice, url: str) -> StoredDelivery:
    """Returns the delivery of the notice to ``url``, recorded now if it was not before."""
    delivery = WebhookDelivery(
        job_id=notice.subject,
        event_id=notice.event.id,
        type=notice.event.type,
        url=url,
        receiver=receiver_of(notice.owner, url),
        next_attempt=now(),
    )
    try:
        return _write_delivery(services, delivery, NEW)
    except Overtaken:
        return read_delivery(services, notice.subject)


def _write_delivery(services: Services, delivery: WebhookDelivery, generation: int) -> StoredDelivery:
    name = paths.delivery_record(delivery.job_id)
    written = services.jobs.put(name, delivery.encode(), if_generation=generation)
    return StoredDelivery(delivery, written)


def begin_attempt(services: Services, stored: StoredDelivery) -> StoredDelivery:
    """Records that an attempt is under way. Raises Overtaken when another process makes it."""
    return _write_delivery(services, stored.record.with_attempt(now()), stored.generation)


def end_attempt(
    services: Services, begun: StoredDelivery, attempt: DeliveryAttempt
) -> WebhookDelivery | None:
    """Records the attempt's result. Returns None when it no longer counts: the claim lapsed, or a
    replay began.
    """
    try:
        return _write_delivery(services, begun.record.with_result(attempt, now()), begun.generation).record
    except (Overtaken, NotFound):
        return None


def restart_delivery(services: Services, job_id: str) -> StoredDelivery:
    """Starts the delivery's schedule again, now. Raises NotFound."""
    while True:
        stored = read_delivery(services, job_id)
        try:
            return _write_delivery(services, stored.record.reset(now()), stored.generation)
        except Overtaken:
            continue
