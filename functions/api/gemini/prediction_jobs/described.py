"""What is said of batch prediction jobs in `/openapi.json`: their answers and their endpoints."""

from __future__ import annotations

from typing import Literal

from ....contract.errors import (
    Deleted,
    ForeignBucket,
    IdempotencyConflict,
    IllegalTransition,
    UnknownModel,
)
from ...description import error_groups as errors
from ...description.operation import Operation, json_answer, json_content
from ..answers import GoogleAnswer, NothingMore
from ..batches.described import RpcStatus
from .job_body import JobInput, JobOutput, PredictionJobBody
from .prediction_jobs import JobPage


class CompletionStats(GoogleAnswer):
    """How many lines have pictures, an error, or no end yet, as texts."""

    successful_count: str
    failed_count: str
    incomplete_count: str


class OutputInfo(GoogleAnswer):
    """The folder that has the files of answers."""

    gcs_output_directory: str


class PredictionJob(GoogleAnswer):
    """A batch prediction job."""

    name: str
    display_name: str
    model: str
    input_config: JobInput
    output_config: JobOutput
    state: Literal[
        "JOB_STATE_PENDING",
        "JOB_STATE_RUNNING",
        "JOB_STATE_SUCCEEDED",
        "JOB_STATE_FAILED",
        "JOB_STATE_CANCELLING",
        "JOB_STATE_CANCELLED",
        "JOB_STATE_EXPIRED",
    ]
    create_time: str
    update_time: str
    end_time: str = ""
    completion_stats: CompletionStats
    output_info: OutputInfo | None = None
    error: RpcStatus | None = None


class PredictionJobList(GoogleAnswer):
    """A page of a listing of batch prediction jobs."""

    batch_prediction_jobs: tuple[PredictionJob, ...]
    next_page_token: str = ""


class DeletedJob(GoogleAnswer):
    """The deletion as an operation, which has ended."""

    name: str
    done: Literal[True]


OPERATIONS = {
    "gemini.prediction_jobs.create": Operation(
        body=(json_content(PredictionJobBody),),
        answers={200: json_answer(PredictionJob)},
        errors=(*errors.OF_SENT_BYTES, UnknownModel, ForeignBucket, IdempotencyConflict, Deleted),
    ),
    "gemini.prediction_jobs.index": Operation(
        query=JobPage, answers={200: json_answer(PredictionJobList)}, errors=errors.OF_A_QUERY
    ),
    "gemini.prediction_jobs.show": Operation(
        answers={200: json_answer(PredictionJob)}, errors=errors.OF_A_NAME
    ),
    "gemini.prediction_jobs.cancel": Operation(
        answers={200: json_answer(NothingMore)}, errors=(*errors.OF_A_NAME, IllegalTransition)
    ),
    "gemini.prediction_jobs.delete": Operation(
        answers={200: json_answer(DeletedJob)}, errors=(*errors.OF_A_NAME, IllegalTransition)
    ),
}
