"""What is said of each endpoint of Plantain's own API in `/openapi.json`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ...contract.batch import BatchManifest
from ...contract.errors import (
    ExpiredResult,
    IdempotencyConflict,
    IllegalTransition,
    ImageTooLarge,
    NotFound,
    Overtaken,
    PlantainError,
    TooManyWaiting,
)
from ...contract.formats import CONTENT_TYPES
from ...contract.manifest import Manifest
from ...contract.request import JobRequest
from ...contract.states import State
from ...contract.verification import VerificationFacts
from ...http_edge.json_response import PROBLEM
from ...intake.picture_preview import LARGEST
from ..description import error_groups as errors
from ..description.operation import (
    Answer,
    Content,
    DescribedModel,
    DialectDescription,
    Operation,
    event_content,
    json_answer,
    json_content,
    links_by_id,
)
from ..query_string import MAX_LIMIT
from ..quota_headers import QUOTA_HEADERS
from . import answers, overview_answers
from .batch_lines import LINES
from .batches import BatchRequest
from .uploads import UploadRequest

_Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT)]


class PageParameters(DescribedModel):
    """The query of a listing."""

    limit: _Limit = 50
    cursor: str | None = None
    """The `next_cursor` of the page before."""


class JobListParameters(PageParameters):
    """The query of a listing of jobs."""

    state: State | None = None
    label: tuple[str, ...] = ()
    """`key:value`; several are all asked for."""
    text: str = ""
    """Words that are all in the prompts, the labels or the id."""
    details: Literal["true", "false"] = "false"
    """Whether each entry says more, from its record."""


class ImageParameters(DescribedModel):
    """The query of a picture."""

    download: Literal["true", "false"] = "false"
    """Whether a browser saves the file in place of showing it."""


class PreviewParameters(DescribedModel):
    """The query of a preview."""

    size: Annotated[int, Field(ge=16, le=LARGEST)] = 512
    """The longer side in pixels."""


class NewJobHeaders(DescribedModel):
    """The headers of a request that makes something."""

    key: str | None = Field(None, alias="Idempotency-Key", min_length=1, max_length=255)
    """Requests of one key are one job."""


class WaitingHeaders(NewJobHeaders):
    """The headers of a request whose caller may wait."""

    prefer: str | None = Field(None, alias="Prefer", description="`wait=30`: seconds, at most 60.")


class StreamHeaders(DescribedModel):
    """The headers of a request for events."""

    last: str | None = Field(None, alias="Last-Event-ID", description="The last event that the client has.")


_CREATED = {
    "Location": "Where the new thing is.",
    "Idempotent-Replayed": "`true`: an earlier request of the same key made it.",
}
_WAITED = {**_CREATED, **QUOTA_HEADERS, "Preference-Applied": "How long the request could wait."}
_REQUESTS = {
    "generate": {"task": "generate", "prompt": "a red boat on the sea", "size": "512", "seed": 7},
    "sequence": {
        "task": "sequence",
        "prompt": "watercolour",
        "prompts": ["a boat in the morning", "the same boat at night"],
        "size": "512",
    },
    "estimate": {"task": "generate", "prompt": "a red boat on the sea", "dry_run": True},
}
_TO_A_JOB = (
    *links_by_id("job_id", "jobs.show", "jobs.events", "jobs.cancel", "jobs.delete"),
    *links_by_id("job_id", "results.manifest", "results.verification"),
    *links_by_id("job_id", "results.image", "previews.image", "previews.input", n="0"),
    *links_by_id("job_id", "deliveries.index", "deliveries.replay"),
)
_TO_A_BATCH = links_by_id(
    "batch_id", "batches.show", "batches.items", "batches.manifest", "batches.cancel", "batches.delete"
)
_OF_A_JOB = errors.OF_A_NAME
_OF_RESULTS = (*errors.OF_A_NAME, ExpiredResult)
_OF_A_CHANGE = (*errors.OF_A_NAME, IllegalTransition, Overtaken)

_PREVIEW = Operation(
    query=PreviewParameters,
    answers={200: Answer("The preview.", (Content("image/jpeg"),)), 304: Answer("The client has it.")},
    errors=(*_OF_RESULTS, *errors.OF_A_QUERY, ImageTooLarge),
)

_OPERATIONS = {
    "jobs.create": Operation(
        body=(json_content(JobRequest, **_REQUESTS),),
        headers=WaitingHeaders,
        answers={
            200: Answer(
                "The job, which has ended; or the estimate.", (json_content(answers.JobOrEstimate),), _WAITED
            ),
            202: Answer("The job, which goes on.", (json_content(answers.JobView),), _WAITED, _TO_A_JOB),
        },
        errors=errors.OF_A_NEW_JOB,
    ),
    "jobs.index": Operation(
        query=JobListParameters, answers={200: json_answer(answers.JobPage)}, errors=errors.OF_A_QUERY
    ),
    "jobs.show": Operation(answers={200: json_answer(answers.JobView)}, errors=_OF_A_JOB),
    "jobs.events": Operation(
        headers=StreamHeaders,
        answers={
            200: Answer("Events, until the job has ended.", (event_content(answers.JobProgress),)),
            204: Answer("The client has the last event."),
        },
        errors=(*_OF_A_JOB, TooManyWaiting),
    ),
    "jobs.cancel": Operation(answers={200: json_answer(answers.JobView)}, errors=_OF_A_CHANGE),
    "jobs.delete": Operation(answers={200: json_answer(answers.TombstoneView)}, errors=_OF_A_CHANGE),
    "results.image": Operation(
        query=ImageParameters,
        answers={
            200: Answer(
                "The picture; or with `Accept: application/json`, in the cloud, where it is.",
                (
                    *(Content(kind) for kind in CONTENT_TYPES.values()),
                    json_content(answers.SignedPicture),
                ),
            ),
            302: Answer("Where the picture is.", headers={"Location": "A signed URL."}),
            304: Answer("The client has the picture."),
        },
        errors=(*_OF_RESULTS, *errors.OF_A_QUERY),
    ),
    "previews.image": _PREVIEW,
    "previews.input": _PREVIEW,
    "results.manifest": Operation(answers={200: json_answer(Manifest)}, errors=_OF_RESULTS),
    "results.verification": Operation(answers={200: json_answer(VerificationFacts)}, errors=_OF_RESULTS),
    "batches.create": Operation(
        body=(json_content(BatchRequest), Content(LINES)),
        headers=NewJobHeaders,
        answers={202: Answer("The batch.", (json_content(answers.BatchView),), _CREATED, _TO_A_BATCH)},
        errors=(*errors.OF_SENT_BYTES, *errors.OF_A_NAME, IdempotencyConflict),
    ),
    "batches.index": Operation(
        query=PageParameters, answers={200: json_answer(answers.BatchPage)}, errors=errors.OF_A_QUERY
    ),
    "batches.show": Operation(answers={200: json_answer(answers.BatchView)}, errors=_OF_A_JOB),
    "batches.items": Operation(
        query=PageParameters,
        answers={200: json_answer(answers.BatchItemPage)},
        errors=(*_OF_A_JOB, *errors.OF_A_QUERY),
    ),
    "batches.manifest": Operation(answers={200: json_answer(BatchManifest)}, errors=_OF_RESULTS),
    "batches.cancel": Operation(answers={200: json_answer(answers.BatchView)}, errors=_OF_A_CHANGE),
    "batches.delete": Operation(
        answers={
            200: json_answer(answers.DeletedBatch, "Everything is removed."),
            202: json_answer(answers.DeletedBatch, "Jobs are still to be removed: ask again."),
        },
        errors=_OF_A_CHANGE,
    ),
    "deliveries.index": Operation(answers={200: json_answer(answers.DeliveryList)}, errors=_OF_A_JOB),
    "deliveries.replay": Operation(answers={200: json_answer(answers.DeliveryView)}, errors=_OF_A_CHANGE),
    "uploads.create": Operation(
        body=(json_content(UploadRequest, picture={"content_type": "image/png"}),),
        answers={201: json_answer(answers.UploadPlace, "Where to send the file.")},
        errors=errors.OF_A_BODY,
    ),
    "capabilities.show": Operation(answers={200: json_answer(answers.Capabilities)}),
    "overview.show": Operation(answers={200: json_answer(overview_answers.DeploymentOverview)}),
    "overview.replay": Operation(
        answers={200: json_answer(overview_answers.LateDelivery)}, errors=_OF_A_CHANGE
    ),
    "webhook_secret.show": Operation(answers={200: json_answer(answers.WebhookSecrets)}, errors=(NotFound,)),
}


def _status(error: PlantainError) -> int:
    return error.status


DESCRIPTION = DialectDescription(
    title="Plantain",
    text="Plantain's own API: jobs, batches, uploads and results. docs/api.md is its guide.",
    operations=_OPERATIONS,
    prefixes=("/v1/",),
    error_model=answers.ProblemDocument,
    error_status=_status,
    error_media_type=PROBLEM,
    path_parameters={
        "job_id": {"pattern": "^job_[a-z2-7]{26}$"},
        "batch_id": {"pattern": "^batch_[a-z2-7]{26}$"},
        "n": {"description": "Which picture, from 0."},
    },
)
