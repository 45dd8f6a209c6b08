"""What a request's headers say about waiting and about repeats, in the words of the clients that send them.

| header                          | sent by        | meaning                                   |
|---------------------------------|----------------|-------------------------------------------|
| `X-Server-Timeout: 30`          | google-genai   | the server gives up after so many seconds |
| `x-stainless-read-timeout: 600` | openai         | the client reads for so many seconds      |
| `Prefer: wait=30`               | own clients    | wait for so many seconds                  |
| `x-stainless-retry-count: 1`    | openai         | the client sends the same request again   |
| `Idempotency-Key`               | any client     | requests of one key are one job           |
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from werkzeug.datastructures import Headers

from ..contract.errors import InvalidRequest

LONGEST_WAIT = 570.0  # seconds: openai reads for 600, and Cloud Run ends the request after 660
_MARGIN = 0.05  # of the caller's time, for the way back: the answer has to arrive before the caller leaves
_SHORTEST_MARGIN = 0.5  # seconds
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,6})?\Z")
_PREFER = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,9})\"?(?:$|[,;\s])")
_PRINTABLE = re.compile(r"[\x20-\x7e]{1,255}\Z")


@dataclass(frozen=True)
class WaitHints:
    """How long a caller waits, and whether it says that it sends a request again."""

    seconds: float = LONGEST_WAIT
    is_repeat: bool = False
    idempotency_key: str | None = None


def read_wait_hints(headers: Headers) -> WaitHints:
    """Returns the hints of a request; the shortest time that it names counts.

    Raises InvalidRequest for an Idempotency-Key that is empty, too long or not printable ASCII.
    """
    named = [
        float(text) - max(float(text) * _MARGIN, _SHORTEST_MARGIN)
        for text in (headers.get("X-Server-Timeout", ""), headers.get("x-stainless-read-timeout", ""))
        if _NUMBER.match(text)
    ]
    preferred = preferred_wait(headers)
    if preferred is not None:
        named.append(preferred)
    count = headers.get("x-stainless-retry-count", "")
    return WaitHints(
        seconds=max(0.0, min([*named, LONGEST_WAIT])),
        is_repeat=bool(_NUMBER.match(count)) and float(count) >= 1,
        idempotency_key=read_idempotency_key(headers),
    )


def preferred_wait(headers: Headers) -> float | None:
    """Returns the seconds of ``Prefer: wait=N``; None without one."""
    found = _PREFER.search(headers.get("Prefer", ""))
    return float(found[1]) if found else None


def read_idempotency_key(headers: Headers) -> str | None:
    """Returns the key. Raises InvalidRequest for one that is empty, too long or not printable ASCII."""
    key = headers.get("Idempotency-Key")
    if key is not None and not _PRINTABLE.match(key):
        raise InvalidRequest("The key must be 1 to 255 printable ASCII characters.", field="Idempotency-Key")
    return key
