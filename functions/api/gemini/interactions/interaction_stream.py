"""The stream of an interaction. An event's id is its place, so that any instance resumes the stream.

| id | event | |
|---|---|---|
| 0 | `interaction.created` | |
| 1 | `interaction.status_update` | the job is under way |
| 2 | `step.start` | what the model made begins |
| 3 | `step.delta` | words |
| 10, 11, … | `step.delta` | pictures |
| 90 | `step.stop` | |
| 91 | `error` | in place of a step, where there is none |
| 99 | `interaction.completed` | with the status at the end; `[DONE]` follows |

Where previews are asked for and come, these stand before the step, and what follows counts from 100:

| id | event | |
|---|---|---|
| 100 | `step.start` | a thought begins: what it shows is not a result |
| none | `step.delta` | a preview |
| 101 | `step.stop` | |

Lines that begin with a colon keep the connection alive; both of Google's clients skip them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ....contract.errors import InvalidRequest, PlantainError, StillWaiting
from ....contract.job import JobRecord
from ....contract.states import State
from ....services import Services
from ....waiting.finished_job import FinishedJob
from .interaction_view import (
    created_head,
    interaction_error,
    interaction_head,
    interaction_id,
    output_contents,
    status_of,
)

EVENT_STREAM = "text/event-stream"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Content-Type-Options": "nosniff"}
_CREATED, _UNDER_WAY, _START, _WORDS, _PICTURES, _STOP, _ERROR, _COMPLETED = 0, 1, 2, 3, 10, 90, 91, 99
_THOUGHT, _THOUGHT_STOP = 100, 101
_MOST_PREVIEWS = 8  # of some kilobytes each: they share a stream's 10 MB with the pictures
_KEEP_ALIVE = b": the job goes on\n\n"
_DONE = b"data: [DONE]\n\n"

Events = Iterator[bytes]


def read_last_event(text: str | None) -> int:
    """Returns the number of the last event that a client has, -1 for none. Raises InvalidRequest."""
    if not text:
        return -1
    if not (text.isascii() and text.isdecimal() and int(text[:9]) <= _THOUGHT + _COMPLETED):
        raise InvalidRequest("There is no such event of an interaction.", field="last_event_id")
    return int(text[:9])


@dataclass(frozen=True)
class InteractionEvents:
    """The events of one interaction after the one numbered ``after``."""

    services: Services
    after: int = -1
    with_text: bool = True
    by_uri: bool = False
    with_previews: bool = False

    def follow(
        self,
        record: JobRecord,
        updates: Iterator[JobRecord | None],
        finish: Callable[[JobRecord], FinishedJob],
    ) -> Events:
        """Yields the events of a job from its updates to its end. ``finish`` returns the ended job or raises
        the error that there is instead.
        """
        yield from self._event(_CREATED, "interaction.created", interaction=created_head(record))
        yield from self._event(
            _UNDER_WAY,
            "interaction.status_update",
            interaction_id=interaction_id(record),
            status="in_progress",
        )
        shown = _Previews(is_wanted=self.with_previews, is_begun=self.after >= _THOUGHT)
        for update in updates:
            if update is None:
                yield _KEEP_ALIVE
            else:
                record = update
                yield from shown.events(record)
        yield from self._outcome(record, finish, _THOUGHT if shown.is_begun else 0)

    def _outcome(self, record: JobRecord, finish: Callable[[JobRecord], FinishedJob], first: int) -> Events:
        """Yields the step and the end, or the error, with ids that count from ``first``."""
        try:
            finished = finish(record)
            contents = output_contents(
                self.services, finished, with_text=self.with_text, by_uri=self.by_uri, is_streamed=True
            )
        except StillWaiting as error:
            yield _encode_event("error", error=interaction_error(error))  # no id: it may be resumed before it
            return
        except PlantainError as error:
            yield from self._thought_end(first)
            yield from self._failure(record, error, first)
            return
        yield from self._thought_end(first)
        yield from self._step(contents, first)
        yield from self._end(finished.record, first)

    def _thought_end(self, first: int) -> Events:
        if first == _THOUGHT:
            yield from self._event(_THOUGHT_STOP, "step.stop", index=0)

    def _step(self, contents: list[dict[str, Any]], first: int) -> Events:
        index = 1 if first else 0  # a thought is the first step
        yield from self._event(first + _START, "step.start", index=index, step={"type": "model_output"})
        pictures = 0
        for content in contents:
            is_text = content["type"] == "text"
            number = first + (_WORDS if is_text else _PICTURES + pictures)
            yield from self._event(number, "step.delta", index=index, delta=content)
            pictures += 0 if is_text else 1
        yield from self._event(first + _STOP, "step.stop", index=index)

    def _failure(self, record: JobRecord, error: PlantainError, first: int) -> Events:
        if record.state is not State.CANCELED:
            yield from self._event(first + _ERROR, "error", error=interaction_error(error))
        if record.state is State.SUCCEEDED:  # its pictures cannot be sent in a stream
            yield _DONE
        else:
            yield from self._end(record, first)

    def _end(self, record: JobRecord, first: int) -> Events:
        ended = {**interaction_head(record), "status": status_of(record)}
        yield from self._event(first + _COMPLETED, "interaction.completed", interaction=ended)
        yield _DONE

    def _event(self, number: int, name: str, **facts: object) -> Events:
        """Yields the event unless the client has it."""
        if number > self.after:
            yield _encode_event(name, **facts, event_id=str(number))


class _Previews:
    """The previews of a job as the summary of a thought, which clients keep apart from what the model made.

    ``is_begun`` is True once the client has the beginning of that step, as it may from an earlier stream.
    """

    def __init__(self, *, is_wanted: bool, is_begun: bool) -> None:
        self.is_begun = is_begun
        self._left = _MOST_PREVIEWS if is_wanted or is_begun else 0
        self._last = ""

    def events(self, record: JobRecord) -> Events:
        """Yields the record's preview, if it is a new one."""
        if not record.preview or record.preview == self._last or not self._left:
            return
        if not self.is_begun:
            start = {"index": 0, "step": {"type": "thought"}, "event_id": str(_THOUGHT)}
            yield _encode_event("step.start", **start)
            self.is_begun = True
        self._left, self._last = self._left - 1, record.preview
        kind, _, data = record.preview.removeprefix("data:").partition(";base64,")
        content = {"type": "image", "mime_type": kind, "data": data}
        yield _encode_event("step.delta", index=0, delta={"type": "thought_summary", "content": content})


def _encode_event(name: str, **facts: object) -> bytes:
    data = json.dumps({"event_type": name, **facts}, ensure_ascii=True)
    return f"event: {name}\ndata: {data}\n\n".encode()
