"""The size a model renders at."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.contract.sizes import PIXELS
from worker.engines.native_size import NativeSizes

STARTER = NativeSizes(area=64 * 64, multiple=8, side=128)
LARGE = NativeSizes(area=1024 * 1024, multiple=16, side=2048)


@pytest.mark.parametrize(
    ("target", "native"),
    [
        ((1024, 1024), (64, 64)),
        ((1248, 832), (72, 48)),
        ((1360, 768), (80, 48)),
        ((768, 1360), (48, 80)),
        ((1568, 672), (96, 40)),
    ],
)
def test_a_small_model_draws_the_same_shape_small(target: tuple[int, int], native: tuple[int, int]) -> None:
    assert STARTER.fit(*target) == native


def test_what_a_model_can_draw_outright_is_drawn_outright() -> None:
    assert LARGE.fit(1024, 1024) == (1024, 1024)
    assert LARGE.fit(832, 1248) == (832, 1248)
    assert LARGE.fit(512, 512) == (512, 512)


def test_four_times_the_model_s_area_is_drawn_at_the_model_s_area() -> None:
    assert LARGE.fit(4096, 4096) == (1024, 1024)


@pytest.mark.parametrize("sizes", [STARTER, LARGE])
@pytest.mark.parametrize("target", sorted(set(PIXELS.values())))
def test_every_size_of_the_table_keeps_its_shape(sizes: NativeSizes, target: tuple[int, int]) -> None:
    width, height = sizes.fit(*target)
    assert (width / height) / (target[0] / target[1]) == pytest.approx(1, rel=0.08)
    longest = sizes.side * sizes.side * min(target) / max(target)  # the area where the side's limit is met
    assert width * height >= 0.8 * min(sizes.area, target[0] * target[1], longest)


@settings(deadline=None)
@given(
    width=st.integers(1, 20_000),
    height=st.integers(1, 20_000),
    sizes=st.builds(
        NativeSizes,
        area=st.integers(64 * 64, 2**21),
        multiple=st.sampled_from([8, 16, 32]),
        side=st.just(2048),
    ),
)
def test_a_native_size_is_never_above_the_model_s_own(width: int, height: int, sizes: NativeSizes) -> None:
    across, down = sizes.fit(width, height)
    assert across * down <= sizes.area
    assert max(across, down) <= sizes.side
    assert across % sizes.multiple == down % sizes.multiple == 0
    assert min(across, down) > 0
