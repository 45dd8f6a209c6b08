"""The events of a job, as a client reads them: server-sent events, each with one line of JSON.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator
from typing import Any

import httpx

from functions.contract.states import State

_EVENT_STREAM = "text/event-stream"
_DATA = "data: "


def listen(http: httpx.Client, path: str) -> Generator[dict[str, Any], None, bool]:
    """Yields what the events at ``path`` tell of a job, until the job or the connection ends.

    Returns False if there are no events for this caller: asking again would not help.
    """
    try:
        with http.stream("GET", path) as answer:
            kind = answer.headers.get("Content-Type", "")
            if not (answer.is_success and kind.startswith(_EVENT_STREAM)):
                return False
            for event in _read_events(answer.iter_lines()):
                if State(event["state"]).is_terminal:
                    break
                yield event
    except httpx.TransportError:
        return True
    except (ValueError, LookupError, TypeError):
        return False
    return True


def _read_events(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yields what each event says. Signs of life, names and ids of events say nothing here."""
    for line in lines:
        if line.startswith(_DATA):
            yield json.loads(line.removeprefix(_DATA))
