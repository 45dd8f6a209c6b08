"""What a size and a ratio mean in pixels."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.contract import schemas, sizes
from functions.contract.errors import UnsupportedSize

PAIRS = [(size, ratio) for size in sizes.SIDE for ratio in get_args(sizes.AspectRatio)]


def test_there_are_four_sizes_in_fourteen_ratios() -> None:
    assert len(PAIRS) == 56
    assert set(sizes.PIXELS) == set(PAIRS)


@pytest.mark.parametrize(("size", "ratio"), PAIRS)
def test_sides_are_multiples_of_16_and_the_area_is_the_squares(size: str, ratio: str) -> None:
    width, height = sizes.pixel_size(size, ratio)
    across, down = (int(part) for part in ratio.split(":"))
    assert width % 16 == 0
    assert height % 16 == 0
    exact = sizes.SIDE[size] * (across / down) ** 0.5, sizes.SIDE[size] * (down / across) ** 0.5
    assert abs(width - exact[0]) <= 8
    assert abs(height - exact[1]) <= 8


@pytest.mark.parametrize(("size", "ratio"), PAIRS)
def test_a_turned_ratio_is_the_turned_picture(size: str, ratio: str) -> None:
    turned = ":".join(reversed(ratio.split(":")))
    if turned in get_args(sizes.AspectRatio):
        assert sizes.pixel_size(size, turned) == tuple(reversed(sizes.pixel_size(size, ratio)))


@pytest.mark.parametrize(("size", "ratio"), [("8K", "1:1"), ("1K", "5:3"), ("1k", "1:1"), ("", "")])
def test_a_pair_outside_the_table_is_refused_and_the_table_is_named(size: str, ratio: str) -> None:
    with pytest.raises(UnsupportedSize, match=r"512, 1K, 2K, 4K.*21:9"):
        sizes.pixel_size(size, ratio)


@pytest.mark.parametrize(("size", "ratio"), PAIRS)
def test_a_picture_of_the_table_is_nearest_to_its_own_ratio(size: str, ratio: str) -> None:
    assert sizes.nearest_ratio(*sizes.pixel_size(size, ratio)) == ratio


@given(st.integers(1, 20_000), st.integers(1, 20_000))
def test_every_shape_has_a_nearest_ratio(width: int, height: int) -> None:
    assert sizes.nearest_ratio(width, height) in get_args(sizes.AspectRatio)


def test_the_published_table_names_all_fifty_six() -> None:
    page = Path("docs/sizes.md").read_text("utf-8")
    assert page == schemas.size_table()
    for width, height in sizes.PIXELS.values():
        assert f"{width} × {height}" in page


@pytest.mark.parametrize(("width", "height"), [(64, 512), (4096, 512), (1008, 720), (4096, 4096), (64, 64)])
def test_an_exact_size_may_be_eight_times_as_long_as_wide(width: int, height: int) -> None:
    sizes.check_exact_size(width, height)


@pytest.mark.parametrize(("width", "height", "field"), [(64, 528, "height"), (4096, 496, "width")])
def test_and_no_longer(width: int, height: int, field: str) -> None:
    with pytest.raises(UnsupportedSize, match="8 times") as refused:
        sizes.check_exact_size(width, height)
    assert refused.value.field == field
