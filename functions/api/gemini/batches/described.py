"""What is said of batches in `/openapi.json`: their answers and their endpoints."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from ....contract.errors import BodiesBusy, Deleted, IdempotencyConflict, IllegalTransition, UnknownModel
from ...description import error_groups as errors
from ...description.operation import DescribedModel, Operation, json_answer, json_content
from ..answers import GeneratedContent, GoogleAnswer, NothingMore
from .batch_body import BatchBody
from .batches import BatchPage


class RpcStatus(DescribedModel):
    """Why a request has no answer; `code` is one of gRPC's."""

    code: int
    message: str


class InlinedResponse(GoogleAnswer):
    """The answer of one request."""

    response: GeneratedContent | None = None
    error: RpcStatus | None = None
    metadata: dict[str, Any] | None = None


class InlinedResponses(GoogleAnswer):
    """The answers, in the order of the requests."""

    inlined_responses: tuple[InlinedResponse, ...]


class BatchOutput(GoogleAnswer):
    """The answers, or the file that has them."""

    responses_file: str = ""
    inlined_responses: InlinedResponses | None = None


class BatchStats(GoogleAnswer):
    """How many requests there are, as texts."""

    request_count: str
    successful_request_count: str
    failed_request_count: str
    pending_request_count: str


class GenerateContentBatch(GoogleAnswer):
    """A batch."""

    type: str = Field(alias="@type")
    name: str
    model: str
    display_name: str
    state: Literal[
        "BATCH_STATE_PENDING",
        "BATCH_STATE_RUNNING",
        "BATCH_STATE_SUCCEEDED",
        "BATCH_STATE_FAILED",
        "BATCH_STATE_CANCELLED",
        "BATCH_STATE_EXPIRED",
    ]
    create_time: str
    update_time: str
    end_time: str = ""
    batch_stats: BatchStats
    output: BatchOutput | None = None


class BatchResponse(BatchOutput):
    """The answers again, where clients of operations look for them."""

    type: str = Field(alias="@type")


class BatchOperation(GoogleAnswer):
    """A batch as a long-running operation."""

    name: str
    metadata: GenerateContentBatch
    done: bool = False
    response: BatchResponse | None = None
    error: RpcStatus | None = None


class BatchOperationList(GoogleAnswer):
    """A page of a listing of batches."""

    operations: tuple[BatchOperation, ...]
    next_page_token: str = ""


OPERATIONS = {
    "gemini.batches.create": Operation(
        body=(json_content(BatchBody),),
        answers={200: json_answer(BatchOperation)},
        errors=(*errors.OF_SENT_BYTES, UnknownModel, IdempotencyConflict, Deleted),
    ),
    "gemini.batches.index": Operation(
        query=BatchPage,
        answers={200: json_answer(BatchOperationList)},
        errors=errors.OF_A_QUERY,
    ),
    "gemini.batches.show": Operation(
        answers={200: json_answer(BatchOperation)}, errors=(*errors.OF_A_NAME, BodiesBusy)
    ),
    "gemini.batches.cancel": Operation(
        answers={200: json_answer(NothingMore)},
        errors=(*errors.OF_A_NAME, IllegalTransition),
    ),
    "gemini.batches.delete": Operation(
        answers={200: json_answer(NothingMore)},
        errors=(*errors.OF_A_NAME, IllegalTransition),
    ),
}
