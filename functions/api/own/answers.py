"""The answers of Plantain's own API, for its description: `/openapi.json`."""

from __future__ import annotations

from typing import Literal

from pydantic import RootModel

from ...contract.api_keys.key_list import KeyScope
from ...contract.batch import BatchItem, BatchRecord, BatchState, BatchTombstone
from ...contract.document import Instant
from ...contract.errors import BlockFacts
from ...contract.job import JobRecord
from ...contract.request import JobRequest
from ...contract.states import State
from ...contract.tombstone import Tombstone
from ...notifications.deliveries import WebhookDelivery
from ..description.operation import DescribedModel
from ..description.shown_fields import model_of_fields
from .batches import HIDDEN_OF_ITEM, SHOWN_OF_BATCH, SHOWN_OF_TOMBSTONE
from .deliveries import HIDDEN_OF_DELIVERY
from .events import SHOWN_OF_PROGRESS
from .job_view import HIDDEN_OF_TOMBSTONE, SHOWN_OF_JOB


class TombstoneView(
    model_of_fields(Tombstone, set(Tombstone.model_fields) - HIDDEN_OF_TOMBSTONE, is_complete=False)
):
    """What remains of a deleted job: hashes, and nothing that was written or drawn."""


class ProblemDocument(DescribedModel):
    """An error as problem+json (RFC 9457)."""

    type: str
    """`urn:plantain:error:` and the code."""
    title: str
    status: int
    detail: str
    """What went wrong and what to do, for people."""
    code: str
    """The error's stable name; docs/errors.md lists all of them."""
    retryable: bool
    """Whether the same request may succeed later."""
    field: str = ""
    """The field of the request that is at fault."""
    block: BlockFacts | None = None
    """Why the policy did not allow it."""
    job_id: str = ""
    """The job, which goes on."""
    instance: str = ""
    """Finds an internal error in the deployment's log."""
    ended: Instant | None = None
    kept_until: Instant | None = None
    tombstone: TombstoneView | None = None
    """What remains of a deleted job."""


class QueuePlace(DescribedModel):
    """Where a queued job stands."""

    ahead: int
    """How many jobs of its queue have not ended."""
    exact: bool
    """Whether that is counted, or estimated from a sample."""
    seconds: float | None
    """How long the job itself takes once it runs; null where none was measured."""


class JobPicture(DescribedModel):
    """A picture of a job."""

    uri: str
    url: str
    width: int
    height: int
    content_type: str


class JobView(model_of_fields(JobRecord, SHOWN_OF_JOB, nullable=("width", "height", "seed"))):
    """A job as its owner sees it."""

    task: str
    labels: dict[str, str]
    images: tuple[JobPicture, ...]
    """The pictures that exist; the number at the end of a `url` stays that of the picture."""
    results_expired: bool
    """Whether a retention rule has deleted pictures of the job."""
    results_kept_until: Instant | None
    request: JobRequest
    """The request as it was taken in: pictures that came with it are named, not repeated."""
    url: str
    queue: QueuePlace | None
    """Its place, while it is queued."""


class JobEstimate(DescribedModel):
    """What a job would take."""

    model: str
    width: int
    height: int
    count: int
    paid_calls: int
    seconds: float | None
    """Counted from when the job runs; null where none was measured."""
    steps: int = 0


class SignedPicture(DescribedModel):
    """Where a picture is, for a page that cannot follow a redirect."""

    url: str
    expires: Instant


class ModelCapabilities(DescribedModel):
    """A model of this deployment."""

    name: str
    refuses: tuple[str, ...]
    """The fields and tasks that it does not take."""
    paid: bool
    """Whether every drawing is paid for."""


class Capabilities(DescribedModel):
    """What this deployment can do for the caller."""

    release: str
    profile: Literal["local", "production"]
    """`local` on a laptop, whose emulators have faults that can be switched on."""
    owner: str
    scopes: tuple[KeyScope, ...]
    default_model: str
    models: tuple[ModelCapabilities, ...]


class DryRun(DescribedModel):
    """The answer to a `dry_run`."""

    estimate: JobEstimate


class JobOrEstimate(RootModel[JobView | DryRun]):
    """The job, or the estimate of a `dry_run`."""


class ErrorSummary(DescribedModel):
    """Why a job of a listing did not succeed."""

    code: str
    message: str


class JobEntry(DescribedModel):
    """A job in a listing; what comes after `url` is there with `details=true`."""

    id: str
    state: State | Literal["unknown"]
    """`unknown` where the entry of the index is damaged; the job itself says."""
    task: str | None
    created: str | None
    labels: dict[str, str]
    url: str
    prompt: str | None = None
    prompts: tuple[str, ...] = ()
    model: str = ""
    width: int | None = None
    height: int | None = None
    seed: int | None = None
    images: int = 0
    inputs: int = 0
    ended: Instant | None = None
    error: ErrorSummary | None = None


class JobPage(DescribedModel):
    """A page of a listing."""

    jobs: tuple[JobEntry, ...]
    next_cursor: str | None
    """The `cursor` of the next page; null on the last one."""


class JobProgress(model_of_fields(JobRecord, SHOWN_OF_PROGRESS)):
    """What an event of a job's stream says: `progress` for each change, `end` for the last."""

    queue: QueuePlace | None
    url: str


class BatchView(model_of_fields(BatchRecord, SHOWN_OF_BATCH)):
    """A batch as its owner sees it."""

    counts: dict[str, int]
    """How many lines are in each state."""
    url: str


class BatchEntry(DescribedModel):
    """A batch in a listing."""

    id: str
    state: BatchState | None
    lane: str | None
    created: str | None
    url: str


class BatchPage(DescribedModel):
    """A page of a listing."""

    batches: tuple[BatchEntry, ...]
    next_cursor: str | None


class BatchItemView(
    model_of_fields(BatchItem, set(BatchItem.model_fields) - HIDDEN_OF_ITEM, is_complete=False)
):
    """A line of a batch, with its job's current state."""

    images: tuple[str, ...]
    """The pictures that exist, as `gs://` names."""
    results_expired: bool
    url: str = ""


class BatchItemPage(DescribedModel):
    """A page of the lines of a batch."""

    items: tuple[BatchItemView, ...]
    next_cursor: str | None


class DeletedBatch(model_of_fields(BatchTombstone, SHOWN_OF_TOMBSTONE)):
    """What remains of a deleted batch."""


class DeliveryView(model_of_fields(WebhookDelivery, set(WebhookDelivery.model_fields) - HIDDEN_OF_DELIVERY)):
    """The delivery of a job's end to its webhook."""


class DeliveryList(DescribedModel):
    """What was sent to a job's webhook."""

    deliveries: tuple[DeliveryView, ...]


class UploadPlace(DescribedModel):
    """Where to send a file, and how."""

    upload: str
    """The id that names the file in a request."""
    url: str
    method: Literal["PUT"]
    headers: dict[str, str]
    """The headers to send with it, exactly."""
    expires: Instant


class WebhookSecrets(DescribedModel):
    """The secrets that sign the caller's webhooks, the newest first."""

    owner: str
    secrets: tuple[str, ...]
