"""A webhook's deliveries: recorded before they are sent, tried again on a schedule, listed and replayed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter
from typing import ClassVar, Literal

from .contract import paths
from .contract.batch import AnyEvent, BatchEventType
from .contract.document import Document, Instant, Part, now
from .contract.errors import NotFound, Overtaken, PlantainError
from .contract.log import log
from .contract.manifest import Manifest
from .contract.objects import NEW
from .contract.request import EventType
from .contract.telemetry import JOB, fail, note, span
from .services import Services
from .webhooks import SECONDS, call

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
    state: Literal["pending", "delivered", "gone", "given_up"] = "pending"
    attempts: tuple[Attempt, ...] = ()
    tried: int = 0  # attempts since the last replay: the place in the schedule
    next_attempt: Instant | None = None

    def is_due(self, at: datetime) -> bool:
        return self.state == "pending" and self.next_attempt is not None and self.next_attempt <= at

    def begun(self, at: datetime) -> Delivery:
        """A copy with an attempt under way, which nobody else repeats until the claim has lapsed."""
        return self.model_copy(
            update={
                "attempts": (*self.attempts, Attempt(at=at)),
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


def recorded(services: Services, job_id: str, event: AnyEvent, url: str) -> StoredDelivery:
    """The delivery of the job's (or batch's) event to ``url``, recorded now if it was not before."""
    delivery = Delivery(job_id=job_id, event_id=event.id, type=event.type, url=url, next_attempt=now())
    try:
        return _write(services, delivery, NEW)
    except Overtaken:
        return read(services, job_id)


def _write(services: Services, delivery: Delivery, generation: int) -> StoredDelivery:
    name = paths.delivery(delivery.job_id)
    written = services.jobs.put(name, delivery.encode(), if_generation=generation)
    return StoredDelivery(delivery, written)


def attempt_if_due(services: Services, stored: StoredDelivery, event: AnyEvent) -> Delivery:
    """Makes the attempt that is due, if one is and nobody else makes it; returns the delivery after it."""
    if not stored.delivery.is_due(now()):
        return stored.delivery
    try:
        begun = _write(services, stored.delivery.begun(now()), stored.generation)
    except Overtaken:  # somebody else makes it
        return read(services, stored.delivery.job_id).delivery
    answer = _attempt(services, begun.delivery, event)
    ended = begun.delivery.answered(answer, now())
    log(
        "webhook.attempted",
        job_id=ended.job_id,
        event_id=ended.event_id,
        attempt=ended.tried,
        status=answer.status,
        error=answer.error and answer.error.partition(":")[0],  # what follows may name the host
        state=ended.state,
    )
    try:
        return _write(services, ended, begun.generation).delivery
    except Overtaken:  # the claim lapsed meanwhile, or a replay began: theirs stands
        return read(services, ended.job_id).delivery


def _attempt(services: Services, delivery: Delivery, event: AnyEvent) -> Attempt:
    began, clock = now(), perf_counter()
    said = {JOB: delivery.job_id, "plantain.event.id": event.id, "plantain.attempt": delivery.tried}
    with span("webhook", "client", attributes=said) as calling:
        try:
            status, error = call(services, delivery.url, event), None
            note(calling, {"http.response.status_code": status})
        except PlantainError as failure:
            status, error = None, f"{failure.code}: {failure.message}"
            fail(calling, failure)
    return Attempt(at=began, seconds=round(perf_counter() - clock, 3), status=status, error=error)


def replay(services: Services, job_id: str) -> StoredDelivery:
    """Makes the delivery due again, now. Raises NotFound."""
    while True:
        stored = read(services, job_id)
        try:
            return _write(services, stored.delivery.again(now()), stored.generation)
        except Overtaken:
            continue
