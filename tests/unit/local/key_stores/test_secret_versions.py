"""The list of keys in Secret Manager."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from functions.contract.api_keys.digests import digest_key
from functions.contract.api_keys.key_list import MAX_BYTES, KeyEntry, KeyList
from functions.contract.document import now
from functions.contract.errors import DamagedDocument, InvalidRequest
from local.key_stores.key_store import EditList, StoreRefused
from local.key_stores.secret_versions import SecretVersions
from tests.unit.local.key_stores.secret_manager import SECRET, SecretManager, running_secret_manager


@pytest.fixture
def manager() -> Iterator[SecretManager]:
    with running_secret_manager() as manager:
        yield manager


def store_on(manager: SecretManager) -> SecretVersions:
    return SecretVersions(SECRET, lambda: "token", manager.url)


def entry(owner: str = "ada") -> KeyEntry:
    return KeyEntry(sha256="0" * 64, owner=owner, created=now())


def adding(key_id: str) -> EditList:
    made = entry(key_id)
    return lambda listed: listed.with_entry(key_id, made)


def test_the_first_list_is_empty_and_each_change_is_a_version(manager: SecretManager) -> None:
    store = store_on(manager)
    assert store.read() == KeyList()
    store.change(adding("aaaaaaaa"))
    store.change(adding("bbbbbbbb"))
    assert list(store.read().keys) == ["aaaaaaaa", "bbbbbbbb"]
    assert len(manager.versions) == 2
    assert manager.tokens == {"Bearer token"}


def test_a_map_of_earlier_versions_goes_on_to_count(manager: SecretManager) -> None:
    manager.versions = [b'{"%s": "ada"}' % digest_key("k").encode()]
    store_on(manager).change(adding("aaaaaaaa"))
    assert store_on(manager).read().find_plain_owner("k") == "ada"


def test_what_others_change_at_the_same_time_is_kept(manager: SecretManager) -> None:
    manager.versions = [KeyList().with_entry("aaaaaaaa", entry()).encode()]
    revoked = entry().model_copy(update={"revoked": now()})

    def others() -> None:
        manager.versions.append(KeyList().with_entry("aaaaaaaa", revoked).encode())
        manager.versions.append(
            KeyList().with_entry("aaaaaaaa", entry()).with_entry("cccccccc", entry()).encode()
        )

    manager.before_add = others
    store_on(manager).change(adding("bbbbbbbb"))
    listed = store_on(manager).read()
    assert set(listed.keys) == {"aaaaaaaa", "bbbbbbbb", "cccccccc"}
    assert listed.keys["aaaaaaaa"].revoked is not None, "a revocation is not lost"
    assert len(manager.versions) == 5


@pytest.mark.parametrize(("status", "says"), [(401, "Sign in"), (403, "roles"), (500, "Try again")])
def test_a_refusal_says_what_to_do(manager: SecretManager, status: int, says: str) -> None:
    manager.refuses = status
    with pytest.raises(StoreRefused, match=says):
        store_on(manager).change(adding("aaaaaaaa"))


def test_a_secret_that_is_not_there_is_told(manager: SecretManager) -> None:
    with pytest.raises(StoreRefused, match="no such secret"):
        SecretVersions("projects/demo/secrets/other", lambda: "token", manager.url).change(adding("aaaaaaaa"))


def test_a_damaged_list_is_not_written_over(manager: SecretManager) -> None:
    manager.versions = [b"{"]
    with pytest.raises(DamagedDocument):
        store_on(manager).change(adding("aaaaaaaa"))
    assert manager.versions == [b"{"]


def test_a_list_that_a_secret_cannot_hold_is_refused(manager: SecretManager) -> None:
    long = entry().model_copy(update={"owner": "x" * MAX_BYTES})
    with pytest.raises(InvalidRequest, match="64 KiB"):
        store_on(manager).change(lambda listed: listed.with_entry("aaaaaaaa", long))
    assert manager.versions == []


def test_a_service_that_is_away_is_told() -> None:
    with pytest.raises(StoreRefused, match="does not answer"):
        SecretVersions(SECRET, lambda: "token", "http://127.0.0.1:1").read()
