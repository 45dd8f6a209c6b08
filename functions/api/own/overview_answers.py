"""The answers of /v1/overview, for their description: `/openapi.json`."""

from __future__ import annotations

from ...contract.document import Instant
from ...contract.job import JobRecord
from ...notifications.deliveries import WebhookDelivery
from ..description.operation import DescribedModel
from ..description.shown_fields import model_of_fields
from .overview import HIDDEN_OF_LATE_DELIVERY, SHOWN_OF_RUNNING


class OpenQueue(DescribedModel):
    """The jobs of one lane and priority that have not ended."""

    lane: str
    priority: str
    open: int
    oldest: Instant


class RunningJob(model_of_fields(JobRecord, SHOWN_OF_RUNNING)):
    """A job that a worker has now."""

    task: str
    worker: str | None


class BusyWorker(DescribedModel):
    """A worker that has jobs."""

    name: str
    jobs: int


class LateDelivery(
    model_of_fields(WebhookDelivery, set(WebhookDelivery.model_fields) - HIDDEN_OF_LATE_DELIVERY)
):
    """A delivery whose receiver did not take it yet."""


class FailedJob(DescribedModel):
    """A job that failed or expired in the last seven days."""

    id: str
    state: str
    code: str
    stage: str | None
    model: str
    ended: Instant


class DeploymentOverview(DescribedModel):
    """What happens in the deployment now."""

    queues: tuple[OpenQueue, ...]
    running: tuple[RunningJob, ...]
    workers: tuple[BusyWorker, ...]
    deliveries: tuple[LateDelivery, ...]
    failures: tuple[FailedJob, ...]
    set_aside: int
    """Documents that could not be read, up to 1,000."""
    complete: bool
    """False where there is more than was looked at."""
