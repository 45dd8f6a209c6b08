"""A key's carriers never change."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from worker.watermark.carriers import RING, derive_carriers
from worker.watermark.convolutional_code import CODE_BITS

KEY = bytes(range(32))


def test_the_carriers_of_a_key_never_change() -> None:
    """Delivered pictures are read with them: a new digest here needs a new name of the scheme."""
    found = derive_carriers(KEY)
    parts = (found.data, found.pilots, found.chips.astype(np.int64), found.slots, found.scramble)
    digest = hashlib.sha256(b"".join(np.asarray(part, "<i8").tobytes() for part in parts)).hexdigest()
    assert digest == "b781b83fa39530d68fe852c0330e0c562d2ab5885e1ffc63383ef2cfda79128e"


def test_another_key_has_other_carriers() -> None:
    mine, other = derive_carriers(KEY), derive_carriers(bytes(32))
    assert not np.array_equal(mine.pilots, other.pilots)
    assert abs(np.mean(mine.chips == other.chips) - 0.5) < 0.05


def test_every_code_bit_has_the_same_number_of_carriers() -> None:
    counts = np.bincount(derive_carriers(KEY).slots, minlength=CODE_BITS)
    assert counts.min() == counts.max() >= 25


def test_the_carriers_are_distinct_and_in_the_ring() -> None:
    found = derive_carriers(KEY)
    frequencies = np.concatenate([found.data, found.pilots])
    assert len(np.unique(frequencies, axis=0)) == len(frequencies)
    mirrored = np.concatenate([frequencies, -frequencies])
    assert len(np.unique(mirrored, axis=0)) == len(mirrored)
    radius = np.hypot(*frequencies.T)
    assert radius.min() >= RING[0]
    assert radius.max() <= RING[1]


def test_waves_that_are_laid_out_say_what_they_say_in_order() -> None:
    carriers, random = derive_carriers(KEY), np.random.default_rng(0)
    data = random.normal(size=(3, len(carriers.data))) + 1j * random.normal(size=(3, len(carriers.data)))
    laid_out = np.stack([carriers.lay_out(each) for each in data])
    np.testing.assert_allclose(carriers.gather_laid_out(laid_out), carriers.gather(data), atol=1e-4)


def test_a_key_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        derive_carriers(b"short")
