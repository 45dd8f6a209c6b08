"""What goes from one process to the other arrives as it was, and is never there twice as a whole."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from multiprocessing import Pipe
from typing import Any

import numpy as np
import pytest

from worker.engine_process.transfer import receive_object, send_object


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
    thread = threading.Thread(target=send_object, args=(ours, np.zeros(1_000_000)))
    thread.start()
    assert len(theirs.recv_bytes()) < 1_000
    theirs.recv_bytes()
    thread.join()


def test_who_waits_for_a_process_that_is_gone_is_told() -> None:
    ours, theirs = Pipe()
    ours.close()
    with pytest.raises((EOFError, OSError)):
        receive_object(theirs)
