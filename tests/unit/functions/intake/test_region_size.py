from __future__ import annotations

from typing import Any

import pytest

from functions.contract.errors import InvalidRequest, MaskEmpty
from functions.contract.request import JobRequest
from functions.intake.region_size import check_region_sizes

SIDE = 1000
PIXEL = 1 / SIDE


def request(field: str, region: dict[str, Any]) -> JobRequest:
    given = {"task": "edit", "prompt": "make it blue", "images": [{"uri": "gs://b/n"}], field: region}
    return JobRequest.model_validate(given)


def box(width: float, height: float) -> dict[str, Any]:
    return {"box": [0.25, 0.25, 0.25 + width * PIXEL, 0.25 + height * PIXEL]}


def triangle(width: float, height: float) -> dict[str, Any]:
    left, top = 0.25, 0.25
    return {"polygon": [[left, top], [left + width * PIXEL, top], [left, top + height * PIXEL]]}


@pytest.mark.parametrize("region", [box(4.1, 4.1), box(1.1, 16), box(16, 1.1), triangle(6, 6), box(500, 500)])
def test_a_region_in_which_a_change_is_seen_is_taken(region: dict[str, Any]) -> None:
    check_region_sizes(request("region", region), SIDE, SIDE)


@pytest.mark.parametrize(
    "region",
    [box(1e-6, 500), box(0.9, 500), box(500, 0.9), box(3.9, 3.9), triangle(4, 4), triangle(500, 0.01)],
)
def test_a_region_in_which_nothing_is_seen_is_refused_and_the_smallest_is_named(
    region: dict[str, Any],
) -> None:
    with pytest.raises(MaskEmpty, match="the smallest is 16 pixels") as refused:
        check_region_sizes(request("region", region), SIDE, SIDE)
    assert (refused.value.code, refused.value.field) == ("mask_empty", "region")


def test_it_is_the_result_that_counts() -> None:
    spot = request("region", box(4.1, 4.1))
    check_region_sizes(spot, SIDE, SIDE)
    with pytest.raises(MaskEmpty):
        check_region_sizes(spot, SIDE // 2, SIDE // 2)


def test_words_get_a_region_in_which_they_can_be_read() -> None:
    check_region_sizes(request("lettering_region", box(40, 8.1)), SIDE, SIDE)
    with pytest.raises(InvalidRequest, match="at least 8 pixels") as refused:
        check_region_sizes(request("lettering_region", box(40, 7.9)), SIDE, SIDE)
    assert refused.value.field == "lettering_region"
