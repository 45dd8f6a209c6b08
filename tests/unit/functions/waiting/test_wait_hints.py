"""What headers say about waiting: the shortest time counts, and the answer leaves before the client does."""

from __future__ import annotations

import pytest
from werkzeug.datastructures import Headers

from functions.contract.errors import InvalidRequest
from functions.waiting.wait_hints import LONGEST_WAIT, read_wait_hints


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, LONGEST_WAIT),
        ({"X-Server-Timeout": "30"}, 28.5),
        ({"X-Server-Timeout": "2"}, 1.5),
        ({"X-Server-Timeout": "0"}, 0),
        ({"x-stainless-read-timeout": "600"}, LONGEST_WAIT),
        ({"x-stainless-read-timeout": "10.0"}, 9.5),
        ({"Prefer": "wait=40"}, 40),
        ({"Prefer": "respond-async, wait=40", "X-Server-Timeout": "20"}, 19),
        ({"X-Server-Timeout": "NaN", "Prefer": "wait=-3"}, LONGEST_WAIT),
        ({"X-Server-Timeout": "1e9"}, LONGEST_WAIT),
    ],
)
def test_how_long_a_caller_waits(headers: dict[str, str], seconds: float) -> None:
    assert read_wait_hints(Headers(headers)).seconds == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("count", "is_repeat"), [("0", False), ("1", True), ("2", True), ("x", False), ("", False)]
)
def test_what_counts_as_a_repeat(count: str, is_repeat: bool) -> None:
    assert read_wait_hints(Headers({"x-stainless-retry-count": count})).is_repeat is is_repeat


@pytest.mark.parametrize("key", ["", "a\tb", "k" * 256])
def test_a_key_that_no_header_should_carry(key: str) -> None:
    with pytest.raises(InvalidRequest):
        read_wait_hints(Headers({"Idempotency-Key": key}))
