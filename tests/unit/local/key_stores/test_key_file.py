"""The list of keys in a file."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from functions.contract.api_keys.key_list import KeyEntry, KeyList
from functions.contract.document import now
from functions.contract.errors import DamagedDocument
from local.key_stores.key_file import KeyFile

ENTRY = KeyEntry(sha256="0" * 64, owner="ada", created=now())


def test_a_list_is_its_users_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "keys.json"
    store = KeyFile(path)
    assert store.read() == KeyList()
    store.change(lambda listed: listed.with_entry("aaaaaaaa", ENTRY))
    assert store.read().keys == {"aaaaaaaa": ENTRY}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["keys.json"]


def test_changes_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    ids = [f"aaaaaaa{letter}" for letter in "abcdefghij"]

    def add(key_id: str) -> None:
        KeyFile(tmp_path / "keys.json").change(lambda listed: listed.with_entry(key_id, ENTRY))

    threads = [threading.Thread(target=add, args=(key_id,)) for key_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(KeyFile(tmp_path / "keys.json").read().keys) == ids


def test_a_damaged_list_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(b"{")
    with pytest.raises(DamagedDocument):
        KeyFile(path).change(lambda listed: listed)
    assert path.read_bytes() == b"{"


def test_a_change_that_fails_leaves_the_file(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    KeyFile(path).change(lambda listed: listed.with_entry("aaaaaaaa", ENTRY))

    def fail(listed: KeyList) -> KeyList:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        KeyFile(path).change(fail)
    assert KeyFile(path).read().keys == {"aaaaaaaa": ENTRY}
    assert [each.name for each in tmp_path.iterdir()] == ["keys.json"]
