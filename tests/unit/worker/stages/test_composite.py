from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.contract.errors import MaskEmpty
from functions.contract.region import MIN_REGION_PIXELS, Region
from tests.unit.worker.stages.making import noise, work
from worker.pictures.blend import blend_pictures
from worker.stages.composite import check_mask, composite, feather_mask, region_mask
from worker.stages.work import PictureInProgress

REGIONS = [
    Region(box=(0.25, 0.25, 0.75, 0.75)),
    Region(box=(0.0, 0.0, 1.0, 0.5)),
    Region(polygon=((0.5, 0.1), (0.9, 0.9), (0.1, 0.9))),
]


@pytest.mark.parametrize("region", REGIONS)
def test_outside_the_region_not_a_bit_changes(region: Region) -> None:
    before, after = noise(200, 160, seed=1), noise(200, 160, seed=2)
    mask = region_mask(region, 200, 160)
    out = blend_pictures(before, after, feather_mask(mask))
    assert np.array_equal(out[mask == 0], before[mask == 0])
    assert np.array_equal(np.rint(out * 255)[mask == 0], np.rint(before * 255)[mask == 0])


@pytest.mark.parametrize("region", REGIONS)
def test_well_inside_the_region_the_edit_is_whole(region: Region) -> None:
    weight = feather_mask(region_mask(region, 200, 160))
    assert weight.max() > 0.999
    assert weight[60, 100] > 0.999


def test_the_seam_is_feathered_inside_only() -> None:
    mask = region_mask(Region(box=(0.25, 0.25, 0.75, 0.75)), 400, 400)
    weight = feather_mask(mask)
    assert not weight[mask == 0].any()
    assert ((weight > 0.05) & (weight < 0.95)).any()


def test_the_difference_outside_is_measured() -> None:
    job = work(200, 160)
    job.images, job.mask = (noise(200, 160, 1),), region_mask(REGIONS[0], 200, 160)
    job.pictures = [PictureInProgress(n=0, seed=1, rgb=noise(200, 160, 2))]
    assert composite(job).pictures[0].outside_mask_difference == 0.0


@given(left=st.floats(0, 0.9), top=st.floats(0, 0.9), width=st.floats(0.05, 0.5), height=st.floats(0.05, 0.5))
def test_a_box_covers_about_its_share(left: float, top: float, width: float, height: float) -> None:
    right, bottom = min(1.0, left + width), min(1.0, top + height)
    covered = float(region_mask(Region(box=(left, top, right, bottom)), 200, 100).mean())
    assert abs(covered - (right - left) * (bottom - top)) < 0.03


@pytest.mark.parametrize("width", [1, 2, 3, 5, 9])
def test_what_is_narrower_than_the_feather_changes_all_the_same(width: int) -> None:
    mask = np.zeros((512, 512), np.float32)
    mask[100:400, 200 : 200 + width] = 1
    mask[:50, :50] = 1  # beside something wide
    weight = feather_mask(mask)
    assert weight[100:400, 200 : 200 + width].max() >= 0.5
    assert not weight[mask == 0].any()


def test_a_wide_region_is_feathered_as_ever_beside_a_narrow_one() -> None:
    wide = region_mask(Region(box=(0.25, 0.25, 0.75, 0.75)), 512, 512)
    both = wide.copy()
    both[10, 10] = 1
    weight = feather_mask(both)
    assert weight[10, 10] == 1
    np.testing.assert_array_equal(weight[20:], feather_mask(wide)[20:])


@pytest.mark.parametrize(
    "region",
    [
        Region(box=(0.9999, 0.9999, 1.0, 1.0)),
        Region(box=(0.0, 0.999, 1.0, 1.0)),
        Region(polygon=((1.0, 0.0), (1.0, 0.5), (0.9999, 0.2))),
        Region(polygon=((0.5, 0.5), (0.5001, 0.5), (0.5, 0.5001))),
    ],
)
def test_the_smallest_region_covers_a_pixel(region: Region) -> None:
    assert region_mask(region, 64, 64).any()


@pytest.mark.parametrize("corner", [0.0, 0.3, 0.999])
def test_a_region_of_the_least_area_may_change(corner: float) -> None:
    side = MIN_REGION_PIXELS**0.5 / 512
    left = min(corner, 1 - side)
    check_mask(region_mask(Region(box=(left, left, left + side, left + side)), 512, 512))


def test_a_mask_of_a_few_pixels_is_refused() -> None:
    mask = np.zeros((64, 64), np.float32)
    mask[10, 10 : 10 + MIN_REGION_PIXELS] = 1
    check_mask(mask)
    mask[10, 10] = 0
    with pytest.raises(MaskEmpty, match="fewer than 16 pixels"):
        check_mask(mask)


@pytest.mark.parametrize("level", [0.0, 3 / 255])
def test_a_mask_in_which_nothing_may_change_is_refused(level: float) -> None:
    with pytest.raises(MaskEmpty, match="white may change and black stays") as refused:
        check_mask(np.full((64, 64), level, np.float32))
    assert refused.value.field == "mask"
