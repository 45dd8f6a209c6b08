"""Where a request carries a key."""

from __future__ import annotations

import base64

import pytest

from functions.contract.api_keys.sent_keys import find_sent_keys

BASIC = "Basic " + base64.b64encode(b"anyone:k").decode()


@pytest.mark.parametrize(
    "headers",
    [
        {"x-api-key": "k"},
        {"x-goog-api-key": "k"},
        {"api-key": "k"},
        {"authorization": "Bearer k"},
        {"authorization": "bearer  k "},
        {"authorization": BASIC},
        {"x-forwarded-authorization": "Bearer k"},
        {"x-api-key": "k", "authorization": "Bearer another"},
        {"x-api-key": "k", "x-goog-api-key": "k"},
    ],
)
def test_the_key_that_counts(headers: dict[str, str]) -> None:
    sent = find_sent_keys(headers)
    assert sent.counting == ("k",)
    assert sent.has_key


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-api-key": ""},
        {"authorization": ""},
        {"authorization": "Bearer"},
        {"authorization": "Basic %%%"},
        {"authorization": "Digest k"},
        {"authorization": "Bearer e30.e30.c2ln"},
        {"authorization": "Bearer e30.e30."},
    ],
)
def test_what_is_no_key(headers: dict[str, str]) -> None:
    assert not find_sent_keys(headers).has_key


def test_a_key_in_the_query_string_counts_as_one_in_a_header() -> None:
    assert find_sent_keys({"authorization": "Bearer token"}, ["k"]).counting == ("k",)
    assert find_sent_keys({"x-api-key": "k"}, ["k", "other"]).named == ("k", "other")
    assert find_sent_keys({}, [""]).counting == ()
