"""A request of a waiting caller becomes a job here, and the job's end its answer, in every dialect."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import Response

from ..contract.errors import PlantainError, StillWaiting
from ..contract.request import JobRequest
from ..http_edge.json_response import json_response
from ..intake.admission import JobPlan
from ..waiting.answer_size import check_answer_size
from ..waiting.synchronous_job import SynchronousJob, begin_job
from ..waiting.wait_hints import read_wait_hints
from .api_call import ApiCall
from .encoded_pictures import SplicedPictures


def begin_answer(
    call: ApiCall,
    request: JobRequest,
    *,
    in_base64: bool = True,
    is_streamed: bool = False,
    copies: int = 1,
    check_plan: Callable[[JobPlan], None] | None = None,
) -> SynchronousJob:
    """Returns the job of the request: a new one, or that of an equal request whose caller lost the answer.

    ``in_base64``: the answer carries the pictures themselves, each in so many ``copies``. ``check_plan``
    may refuse the job by raising, before anything is drawn. Raises AnswerTooLarge, and what ``begin_job``
    raises.
    """
    size_check = _size_check(request, is_streamed, copies) if in_base64 and request.picture_count else None

    def check(plan: JobPlan) -> None:
        for each in (check_plan, size_check):
            if each is not None:
                each(plan)

    return begin_job(
        call.services,
        call.owner,
        request,
        read_wait_hints(call.request.headers),
        dialect=call.dialect,
        is_abandoned=call.is_abandoned,
        check_plan=check,
        arrived=call.arrived,
        sends_pictures=in_base64,
    )


def _size_check(request: JobRequest, is_streamed: bool, copies: int) -> Callable[[JobPlan], None]:
    def check(plan: JobPlan) -> None:
        check_answer_size(
            plan.width,
            plan.height,
            copies * request.picture_count,
            request.format,
            bit_depth=request.bit_depth,
            quality=request.quality,
            is_streamed=is_streamed,
        )

    return check


@contextmanager
def answering(job: SynchronousJob) -> Generator[None]:
    """Closes the job where the block raises. A job's own error is an answer; a wait that ended is none, and
    the repeat of the request finds the job.
    """
    try:
        yield
    except PlantainError as error:
        error.job_id, error.quota = job.record.id, job.quota
        job.close(is_answered=not isinstance(error, StillWaiting))
        raise
    except BaseException:
        job.close()
        raise


def deliver_json(
    job: SynchronousJob,
    body: Mapping[str, Any],
    headers: Mapping[str, str] | None = None,
    pictures: SplicedPictures | None = None,
) -> Response:
    """Returns the answer of a job, which counts as answered once all of it has been sent. ``pictures`` are
    put where ``body`` has their marks.
    """
    answer = json_response(body, headers=headers)
    chunks = pictures.chunks(answer.get_data(as_text=True)) if pictures else [answer.get_data()]
    answer.headers["Content-Length"] = str(sum(map(len, chunks)))
    return job.deliver(chunks, answer.mimetype, dict(answer.headers))
