"""Sizes that are too small for the watermark that is demanded."""

from __future__ import annotations

import pytest

from functions.contract.errors import UnsupportedSize
from functions.contract.manifest import ProofLevel
from functions.contract.proofs import TOO_FEW_PIXELS, check_provable_size


@pytest.mark.parametrize("size", [(320, 320), (64, 64), (512, 192)])
def test_a_picture_that_is_too_small_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(UnsupportedSize, match="ask for 512 pixels a side"):
        check_provable_size(*size, "robust")


@pytest.mark.parametrize("proof", ["exact", "compressed"])
def test_no_size_is_refused_where_less_is_demanded(proof: ProofLevel) -> None:
    check_provable_size(64, 64, proof)


def test_with_more_pixels_the_picture_decides() -> None:
    assert TOO_FEW_PIXELS["robust"] == 320 * 320
    check_provable_size(336, 320, "robust")
