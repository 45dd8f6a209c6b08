"""What goes from one process to the other arrives as it was, and is never there twice as a whole."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from worker.stage_processes.transfer import SharedBlock, buffer_owner, receive_object, send_object

LARGE = 20_000  # numbers, more than what is pickled


def block_of(array: np.ndarray) -> SharedBlock:
    owner = buffer_owner(array)
    assert isinstance(owner, SharedBlock)
    return owner


@dataclass
class Parcel:
    name: str
    arrays: tuple[np.ndarray, ...]


def through(value: object) -> Any:
    ours, theirs = Pipe()
    thread = threading.Thread(target=send_object, args=(ours, value))
    thread.start()
    found = receive_object(theirs)
    thread.join()
    ours.close()
    theirs.close()
    return found


@pytest.mark.parametrize("side", [0, 1, 2000])  # 48 MB: several pieces
def test_arrays_arrive_as_they_were(side: int) -> None:
    rgb = np.random.default_rng(0).random((side, side, 3), np.float32)
    found = through(Parcel("a", (rgb, rgb[::2], np.asfortranarray(rgb))))
    assert found.name == "a"
    for sent, arrived in zip((rgb, rgb[::2], rgb), found.arrays, strict=True):
        np.testing.assert_array_equal(sent, arrived)


def test_an_array_that_arrived_may_be_written_to() -> None:
    found = through(np.zeros((4, 4), np.float32))
    found += 1
    assert found.sum() == 16


def test_the_pickle_holds_no_pixels() -> None:
    ours, theirs = Pipe()
    send_object(ours, np.zeros(1_000_000))  # nothing is read yet: the pixels need no room in the pipe
    assert len(theirs.recv_bytes()) < 1_000


def test_what_one_receiver_writes_no_other_sees() -> None:
    ours, theirs = Pipe()
    send_object(ours, np.zeros(LARGE))
    between = receive_object(theirs, copies=False)
    send_object(ours, between)
    found = receive_object(theirs)
    found += 1
    assert (between.sum(), found.sum()) == (0, LARGE)


def test_what_is_passed_on_unread_is_the_same_memory() -> None:
    ours, theirs = Pipe()
    send_object(ours, np.ones(LARGE))
    between = receive_object(theirs, copies=False)
    with pytest.raises(ValueError, match="read-only"):
        between += 1
    blocks: list[int] = []
    for _ in range(2):
        send_object(ours, between)
        passed = receive_object(theirs, copies=False)
        blocks.append(os.fstat(block_of(passed).descriptor).st_ino)
    assert blocks == [os.fstat(block_of(between).descriptor).st_ino] * 2


def test_a_part_of_what_arrived_is_passed_on_alone() -> None:
    ours, theirs = Pipe()
    send_object(ours, np.arange(2 * LARGE))
    between = receive_object(theirs, copies=False)
    send_object(ours, between[LARGE:])
    assert receive_object(theirs).tolist() == list(range(LARGE, 2 * LARGE))


def test_an_array_that_is_there_twice_is_sent_once() -> None:
    array = np.zeros(LARGE)
    first, second = through((array, array))
    assert block_of(first) is block_of(second)


def test_no_descriptor_is_left() -> None:
    before = len(list(Path("/dev/fd").iterdir()))
    found = through([np.zeros(LARGE) for _ in range(3)])
    del found
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_who_waits_for_a_process_that_is_gone_is_told() -> None:
    ours, theirs = Pipe()
    ours.close()
    with pytest.raises((EOFError, OSError)):
        receive_object(theirs)
