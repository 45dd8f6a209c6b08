"""The answers about batches of Google's interface, for its description: `/openapi.json`."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from ..description.operation import DescribedModel
from .answers import GeneratedContent, GoogleAnswer


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
