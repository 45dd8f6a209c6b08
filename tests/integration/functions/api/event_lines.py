"""Server-sent events of an answer, read as they arrive."""

from __future__ import annotations

import json
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from tests.integration.functions.deployment import Answer


@dataclass(frozen=True)
class SentEvent:
    """One event: its name, and what its ``data`` lines say."""

    name: str | None
    text: str

    @property
    def data(self) -> dict[str, Any]:
        return json.loads(self.text)


def read_events(answer: Answer) -> Generator[SentEvent]:
    """Yields each event as soon as it has arrived; comments are skipped, as clients do."""
    assert answer.mimetype == "text/event-stream"
    waiting = b""
    for chunk in answer.response.iter_encoded():
        waiting += chunk
        while b"\n\n" in waiting:
            block, _, waiting = waiting.partition(b"\n\n")
            found = _event_of(block.decode())
            if found is not None:
                yield found
    answer.response.close()
    assert waiting == b""


def _event_of(block: str) -> SentEvent | None:
    name, data = None, list[str]()
    for line in block.splitlines():
        field, _, value = line.partition(":")
        if field == "event":
            name = value.strip()
        elif field == "data":
            data.append(value.strip())
    return SentEvent(name, "\n".join(data)) if data else None
