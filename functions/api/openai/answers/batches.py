"""Batches."""

from __future__ import annotations

from typing import Literal

from ...description.operation import DescribedModel

BatchStatus = Literal[
    "validating", "in_progress", "finalizing", "completed", "failed", "expired", "cancelling", "cancelled"
]


class BatchFault(DescribedModel):
    """Why a file was refused."""

    code: str
    line: int | None
    """The line at fault, from 1; null where it is the whole file."""
    message: str
    param: str | None


class BatchFaultList(DescribedModel):
    """The faults of a file, up to 20."""

    object: Literal["list"]
    data: tuple[BatchFault, ...]


class BatchCounts(DescribedModel):
    """How many lines there are, and how many of them have ended."""

    total: int
    completed: int
    failed: int


class BatchObject(DescribedModel):
    """A file of calls that are answered within a day. Times are seconds since 1970."""

    id: str
    object: Literal["batch"]
    endpoint: str
    errors: BatchFaultList | None
    input_file_id: str
    completion_window: Literal["24h"]
    status: BatchStatus
    output_file_id: str | None
    """The lines that were answered with pictures."""
    error_file_id: str | None
    """The other lines."""
    created_at: int
    in_progress_at: int | None
    expires_at: int | None
    finalizing_at: int | None
    completed_at: int | None
    failed_at: int | None
    expired_at: int | None
    cancelling_at: int | None
    cancelled_at: int | None
    request_counts: BatchCounts
    metadata: dict[str, str] | None


class BatchObjectList(DescribedModel):
    """A page of a listing of batches."""

    object: Literal["list"]
    data: tuple[BatchObject, ...]
    first_id: str | None
    last_id: str | None
    has_more: bool
