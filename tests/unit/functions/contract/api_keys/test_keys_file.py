"""The list of keys in a file, read again after a while."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path

import pytest

from functions.contract.api_keys import keys_file
from functions.contract.api_keys.digests import digest_key
from functions.contract.api_keys.key_list import MAX_BYTES, KeyEntry, KeyList
from functions.contract.api_keys.key_text import make_key
from functions.contract.api_keys.keys_file import SECONDS, KeysFile, read_key_file
from functions.contract.document import now
from functions.contract.errors import Transient

KEY = make_key()
ENTRY = KeyEntry(sha256=digest_key(KEY.text), owner="ada", created=now())
GOOD = KeyList().with_entry(KEY.id, ENTRY)
REVOKED = GOOD.with_entry(KEY.id, ENTRY.model_copy(update={"revoked": now()}))


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    path.write_bytes(GOOD.encode())
    return path


def test_a_revoked_key_ends_once_the_list_is_no_longer_fresh(path: Path) -> None:
    clock = Clock()
    file = KeysFile(partial(read_key_file, path), clock)
    assert file.current() == GOOD
    path.write_bytes(REVOKED.encode())
    clock.seconds += SECONDS - 0.1
    assert file.current() == GOOD
    clock.seconds += 0.1
    assert file.current() == REVOKED


@pytest.mark.parametrize("broken", [b"", b"{", b'{"keys": 1}', b" " * (MAX_BYTES + 1), None])
def test_a_broken_file_changes_nothing_and_is_told(
    path: Path, broken: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def hear(event: str, *_: object, **__: object) -> None:
        told.append(event)

    monkeypatch.setattr(keys_file, "log", hear)
    clock = Clock()
    file = KeysFile(partial(read_key_file, path), clock)
    file.current()
    if broken is None:
        path.unlink()
    else:
        path.write_bytes(broken)
    clock.seconds += SECONDS
    assert file.current() == GOOD
    assert file.fault
    assert told == ["keys.unreadable"]
    assert file.current() == GOOD
    assert told == ["keys.unreadable"], "it is not read again at once"
    path.write_bytes(REVOKED.encode())
    clock.seconds += SECONDS
    assert file.current() == REVOKED
    assert file.fault is None


def test_without_a_good_list_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    file = KeysFile(partial(read_key_file, path), Clock())
    with pytest.raises(Transient):
        file.current()
    path.write_bytes(b"{")
    with pytest.raises(Transient):
        file.current()
    path.write_bytes(GOOD.encode())
    assert file.current() == GOOD, "a first list is looked for by each request"


def test_while_one_request_reads_the_others_do_not_wait(path: Path) -> None:
    clock, begun, go_on = Clock(), threading.Event(), threading.Event()
    go_on.set()

    def read_slowly() -> bytes:
        begun.set()
        go_on.wait()
        return path.read_bytes()

    file = KeysFile(read_slowly, clock)
    file.current()
    path.write_bytes(REVOKED.encode())
    clock.seconds += SECONDS
    begun.clear()
    go_on.clear()
    found: list[KeyList] = []
    reading = threading.Thread(target=lambda: found.append(file.current()))
    reading.start()
    begun.wait()
    assert file.current() == GOOD
    go_on.set()
    reading.join()
    assert found == [REVOKED]


def test_after_a_pause_no_request_goes_on_with_the_old_list(path: Path) -> None:
    clock = Clock()
    file = KeysFile(partial(read_key_file, path), clock)
    file.current()
    path.write_bytes(REVOKED.encode())
    clock.seconds += 3600
    found: list[KeyList] = []
    threads = [threading.Thread(target=lambda: found.append(file.current())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [REVOKED] * 8
