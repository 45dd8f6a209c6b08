"""Streams of server-sent events: a job's previews and its end, in the events of one interface."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

from flask import Response

from ...contract.errors import PlantainError, StillWaiting
from ...contract.job import JobRecord
from ...waiting.finished_job import FinishedJob
from ...waiting.synchronous_job import SynchronousJob
from ..answered_job import answering
from .errors import error_body
from .image_answer import answer_headers

EVENT_STREAM = "text/event-stream"
_KEEP_ALIVE = b": the job goes on\n\n"  # a comment, which OpenAI's clients skip

Events = Iterator[bytes]


def event(name: str | None, data: dict[str, Any]) -> bytes:
    """Returns one event; without a ``name`` as streams of chat completions have it."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(data, ensure_ascii=True)}\n\n".encode()


def error_event(error: PlantainError) -> Events:
    """Yields the event at which the clients raise the error."""
    yield event("error", {"type": "error", "error": error_body(error)})


def deliver_events(
    job: SynchronousJob,
    *,
    partial_images: int,
    partial: Callable[[JobRecord, str, int], Events],
    completed: Callable[[FinishedJob], Events],
    failed: Callable[[PlantainError], Events] = error_event,
    opening: Callable[[JobRecord], Events] | None = None,
) -> Response:
    """Returns the stream of a job.

    ``opening`` begins it. ``partial`` writes one of at most ``partial_images`` previews, given in base64 with
    its number from 0. ``completed`` or ``failed`` ends it. Raises TooManyWaiting before the stream has begun.
    """
    with answering(job):
        updates = job.updates()
        first = next(updates)
    source = _StreamedJob(job, partial_images, partial, completed, failed)
    begun = chain((_first_comment(job),), opening(job.record) if opening else ())
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", **answer_headers(job)}
    return job.deliver(
        chain(begun, source.events(chain((first,), updates))), mimetype=EVENT_STREAM, headers=headers
    )


def _first_comment(job: SynchronousJob) -> bytes:
    """Returns a comment, with which the client has the answer's headers at once."""
    return f": {job.record.id}\n\n".encode()


class _StreamedJob:
    """The events of one job, from its updates to its end."""

    def __init__(
        self,
        job: SynchronousJob,
        partial_images: int,
        partial: Callable[[JobRecord, str, int], Events],
        completed: Callable[[FinishedJob], Events],
        failed: Callable[[PlantainError], Events],
    ) -> None:
        self._job, self._most = job, partial_images
        self._partial, self._completed, self._failed = partial, completed, failed

    def events(self, updates: Iterator[JobRecord | None]) -> Events:
        try:
            yield from self._previews(updates)
            yield from self._completed(self._job.finish())
        except StillWaiting as error:
            self._job.close()  # no answer: the repeat of the request finds the job
            yield from self._failed(error)
        except PlantainError as error:
            yield from self._failed(error)

    def _previews(self, updates: Iterator[JobRecord | None]) -> Events:
        shown, last = 0, ""
        for record in updates:
            if record is None:
                yield _KEEP_ALIVE
            elif shown < self._most and record.preview and record.preview != last:
                yield from self._partial(record, record.preview.partition(",")[2], shown)
                shown, last = shown + 1, record.preview
