"""How large a pass may be: it must gain, and its memory must be free."""

from __future__ import annotations

import pytest

from functions.contract.errors import ModelUnavailable, OutOfMemory
from worker.engines.mock import MockEngine
from worker.engines.pass_limits import PassLimits, PassPoint, Trial, profile_size


def profiled(seconds: dict[int, float], free: int | None = None, each: int = 0, most: int = 8) -> PassPoint:
    """What is measured on a device where passes of so many pictures take so long."""

    def draw(pictures: int) -> Trial:
        if pictures not in seconds:
            raise OutOfMemory("full")
        return Trial(seconds[pictures], each * pictures)

    return profile_size(draw, 100, most, lambda: free)


def test_a_pass_grows_while_it_makes_a_tenth_more_pictures_a_second() -> None:
    assert profiled({1: 1.0, 2: 1.2, 4: 2.0, 8: 3.7}).pictures == 4
    assert profiled({1: 1.0, 2: 1.9}).pictures == 1
    assert profiled({1: 1.0, 2: 1.0, 4: 1.0, 8: 1.0}, most=4).pictures == 4


def test_a_pass_that_is_out_of_memory_is_too_large() -> None:
    assert profiled({1: 1.0, 2: 1.0}).pictures == 2


def test_a_pass_whose_memory_is_not_free_is_not_tried() -> None:
    found = profiled({1: 1.0, 2: 1.0, 4: 1.0, 8: 1.0}, free=399, each=100)
    assert (found.pictures, found.picture_bytes) == (2, 100)


@pytest.mark.parametrize(
    ("pixels", "free", "limit"),
    [(50, None, 8), (100, None, 8), (101, None, 4), (400, None, 4), (800, None, 2), (9000, None, 1)],
)
def test_a_size_has_the_limit_of_the_next_larger_one_measured(
    pixels: int, free: int | None, limit: int
) -> None:
    points = (PassPoint(100, 8), PassPoint(400, 4))
    assert PassLimits(points).limit(pixels, free) == limit


def test_what_is_free_now_limits_a_pass_too() -> None:
    limits = PassLimits((PassPoint(100, 8, picture_bytes=10),))
    assert [limits.limit(100, free) for free in (1000, 35, 5)] == [8, 3, 1]
    assert limits.limit(200, 60) == 3


def test_nothing_shares_a_pass_before_the_profile() -> None:
    assert PassLimits().limit(1) == PassLimits().most == 1


def test_the_mock_gains_as_its_source_says() -> None:
    assert MockEngine.from_source("mock:1.8+0.2").profile_passes(8).most == 8
    assert MockEngine.from_source("mock:0.1+1").profile_passes(8).most == 1
    assert MockEngine.from_source("mock").profile_passes(8).most == 1
    for broken in ("mock:1", "mock:a+b", "mock:1+-1", "mock:1+nan", "mock:1+2+3"):
        with pytest.raises(ModelUnavailable):
            MockEngine.from_source(broken)
