"""Keys as they are kept."""

from __future__ import annotations

import json

import pytest

from functions.contract.api_keys.digests import digest_key, owner_of_key, parse_owners
from functions.contract.errors import InvalidRequest


def test_a_key_is_found_by_its_digest_alone() -> None:
    owners = {digest_key("a").upper(): "ada", digest_key("b"): "bob"}
    assert [owner_of_key(key, owners) for key in ("a", "b", "c", digest_key("b"))] == [
        "ada",
        "bob",
        None,
        None,
    ]


def test_a_header_of_any_bytes_has_a_digest() -> None:
    assert owner_of_key("k\udce4se", {digest_key("key"): "ada"}) is None


def test_the_variable_is_read() -> None:
    assert parse_owners(json.dumps({"00": "ada"})) == {"00": "ada"}


@pytest.mark.parametrize("text", ["{", "[]", '"secret"', '{"secret": 1}', "secret"])
def test_what_is_no_map_of_owners_is_refused_unseen(text: str) -> None:
    with pytest.raises(InvalidRequest, match="PLANTAIN_API_KEYS") as refused:
        parse_owners(text)
    assert "secret" not in refused.value.message
