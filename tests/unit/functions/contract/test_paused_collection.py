"""The collector of garbage rests while modules are imported, and works again afterwards."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from functions.contract.paused_collection import paused_collection

PROGRAM = """
import gc
collections = []
gc.callbacks.append(lambda phase, info: collections.append(phase))
import functions.main
print(len(collections) // 2, gc.isenabled(), gc.get_freeze_count() > 50_000)
"""


def test_it_rests_in_the_block_alone() -> None:
    with paused_collection():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_an_import_that_fails_starts_it_again() -> None:
    with pytest.raises(ImportError), paused_collection():
        raise ImportError
    assert gc.isenabled()


def test_a_block_within_another_leaves_it_paused() -> None:
    with paused_collection():
        with paused_collection():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_function_is_loaded_without_it() -> None:
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    collections, *others = ended.stdout.split()
    assert (
        int(collections) < 20
    )  # of the 200 that there were: the first modules are imported before the pause
    assert others == ["True", "True"]
