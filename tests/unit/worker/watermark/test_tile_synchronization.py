"""The pilots and the code bits together find the tile's offset."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from worker.watermark import Watermarker
from worker.watermark.canonical_view import (
    SHORT_SIDE,
    Spectrum,
    compute_residual,
    normalize_spectrum,
    scale_to_luma,
    tile_waves,
)
from worker.watermark.carriers import TILE, Carriers, derive_carriers
from worker.watermark.tile_synchronization import likeliest_offset, likely_offsets, proposes_offset

Pixels = npt.NDArray[np.float32]
CARRIERS = derive_carriers(bytes(range(32)))


@pytest.mark.parametrize("find", [likely_offsets, likeliest_offset])
def test_pilots_without_a_peak_propose_nothing(
    find: Callable[[Spectrum, Carriers], list[npt.NDArray[np.float32]]],
) -> None:
    nothing = np.full(len(CARRIERS.pilots), np.nan, np.complex64)
    data = np.zeros(len(CARRIERS.data), np.complex64)
    assert find(Spectrum(data, nothing, np.ones(len(data), np.float32)), CARRIERS) == []


@pytest.mark.parametrize(("top", "left"), [(100, 31), (37, 200)])
def test_a_piece_says_where_the_tile_begins(
    top: int, left: int, marker: Watermarker, photograph: Callable[..., Pixels]
) -> None:
    marked = marker.embed(photograph("coffee"), 7)
    seen = normalize_spectrum(
        tile_waves(compute_residual(scale_to_luma(marked[top : top + 300, left : left + 300], 1))), CARRIERS
    )
    begins = likely_offsets(seen, CARRIERS)
    assert marked.shape[0] == SHORT_SIDE
    off = (begins[0] + (top, left) + TILE / 2) % TILE - TILE / 2
    assert np.abs(off).max() <= 0.5
    assert proposes_offset(seen, CARRIERS, np.array([-top, -left]))
    assert not proposes_offset(seen, CARRIERS, np.array([-top, 2 - left]))


def test_an_unmarked_piece_says_nothing(photograph: Callable[..., Pixels]) -> None:
    seen = normalize_spectrum(
        tile_waves(compute_residual(scale_to_luma(photograph("chelsea")[:300, :300], 1))), CARRIERS
    )
    assert likely_offsets(seen, CARRIERS) == []
    assert not proposes_offset(seen, CARRIERS, np.zeros(2))
