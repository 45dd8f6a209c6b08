"""The list of keys."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from functions.contract.api_keys.digests import digest_key
from functions.contract.api_keys.key_list import KeyEntry, KeyList
from functions.contract.api_keys.key_text import id_of_key, make_key
from functions.contract.document import now
from functions.contract.errors import DamagedDocument, UnsupportedVersion

HOUR = timedelta(hours=1)


def test_a_key_names_its_id_and_hides_the_rest() -> None:
    keys = [make_key() for _ in range(50)]
    assert all(id_of_key(key.text) == key.id for key in keys)
    assert len({key.id for key in keys}) == 50
    assert all(len(key.text) == 64 and key.text not in repr(key) for key in keys)


@pytest.mark.parametrize(
    "text", ["", "pk_", "pk_aaaaaaaa_", "pk_aaaaaaaa_x", "x" * 64, "pk_AAAAAAAA_" + "a" * 52]
)
def test_another_text_names_no_id(text: str) -> None:
    assert id_of_key(text) is None


def test_a_key_is_found_by_its_id_and_its_hash() -> None:
    key, other = make_key(), make_key()
    entry = KeyEntry(sha256=digest_key(key.text), owner="ada", created=now())
    listed = KeyList().with_entry(key.id, entry)
    assert listed.find_entry(key.text) == (key.id, entry)
    assert listed.find_entry(other.text) is None
    forged = f"pk_{key.id}_{other.text.rpartition('_')[2]}"
    assert id_of_key(forged) == key.id
    assert listed.find_entry(forged) is None
    assert KeyList.parse(listed.encode()).find_entry(key.text) == (key.id, entry)
    assert key.text not in listed.encode().decode()


def test_an_entry_says_why_it_is_not_taken() -> None:
    at = now()
    entry = KeyEntry(sha256="0" * 64, owner="ada", created=at, expires=at + HOUR)
    assert entry.refusal(at) is None
    assert "expired" in (entry.refusal(at + HOUR) or "")
    assert "revoked" in (entry.model_copy(update={"revoked": at}).refusal(at) or "")


def test_a_map_of_earlier_versions_is_a_list_too() -> None:
    listed = KeyList.parse(json.dumps({digest_key("k").upper(): "ada"}).encode())
    assert listed.find_plain_owner("k") == "ada"
    assert listed.find_plain_owner("other") is None
    assert KeyList.parse(b"{}") == KeyList()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        b'{"secret": "ada"}',
        b'{"keys": {"secret": {}}}',
        b'{"digests": {"secret": "ada"}}',
        b'{"keys": {"aaaaaaaa": {"sha256": "secret", "owner": "ada", "created": "2026-01-01T00:00:00Z"}}}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_list_is_refused_unseen(data: bytes) -> None:
    with pytest.raises(DamagedDocument) as refused:
        KeyList.parse(data)
    assert "secret" not in refused.value.message


@pytest.mark.parametrize("scopes", [[], ["write"]])
def test_a_key_has_scopes_that_there_are(scopes: list[str]) -> None:
    entry = {"sha256": "0" * 64, "owner": "ada", "created": "2026-01-01T00:00:00Z", "scopes": scopes}
    with pytest.raises(DamagedDocument):
        KeyList.parse(json.dumps({"keys": {"aaaaaaaa": entry}}).encode())


def test_a_newer_list_is_told_from_a_damaged_one() -> None:
    with pytest.raises(UnsupportedVersion):
        KeyList.parse(b'{"version": 99, "keys": {}}')
