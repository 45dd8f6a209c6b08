"""Inputs: masks of every kind, and those in which nothing may change."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from functions.contract.errors import ImageUnreadable, MaskEmpty, MaskMismatch
from functions.contract.job import JobRecord
from functions.contract.request import JobRequest
from functions.contract.storage.bucket import Bucket
from worker.job_io.inputs import InputLoader

SIZE = (640, 480)  # width, height
BOX = (slice(100, 200), slice(300, 400))


def saved(levels: np.ndarray, format: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.fromarray(levels.astype(np.uint8)).save(out, format)
    return out.getvalue()


def grey(inside: int, outside: int) -> np.ndarray:
    levels = np.full((SIZE[1], SIZE[0]), outside, np.uint8)
    levels[BOX] = inside
    return levels


def by_alpha(inside: int, outside: int) -> np.ndarray:
    """White throughout: only the alpha says anything."""
    return np.dstack([np.full((SIZE[1], SIZE[0], 3), 255, np.uint8), grey(inside, outside)])


def asking(record: JobRecord, bucket: Bucket, size: tuple[int, int] = SIZE, **region: Any) -> JobRecord:
    """The record of an edit, with a picture and perhaps a mask (bytes) in the bucket."""
    image = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    named = {"picture": saved(image)} | ({"mask": region.pop("mask")} if "mask" in region else {})
    at = {
        name: {"uri": f"gs://{bucket.name}/{name}", "generation": bucket.put(name, data)}
        for name, data in named.items()
    }
    region |= {"mask": at["mask"]} if "mask" in at else {}
    asked = {"task": "edit", "prompt": "snow", "images": [at["picture"]], **region}
    request = JobRequest.model_validate(asked)
    return record.model_copy(update={"request": request, "width": size[0], "height": size[1]})


@pytest.fixture
def inputs(bucket: Bucket) -> InputLoader:
    return InputLoader(lambda _: bucket)


@pytest.mark.parametrize(
    "mask",
    [
        saved(grey(0, 0)),
        saved(grey(0, 0), "JPEG"),
        saved(grey(2, 0), "JPEG"),
        saved(by_alpha(0, 0)),
        saved(np.zeros((SIZE[1], SIZE[0], 3))),
    ],
    ids=["black", "black jpeg", "noise", "transparent", "black colour"],
)
@pytest.mark.parametrize("size", [SIZE, (320, 240), (1280, 960)])
def test_a_mask_in_which_nothing_may_change_is_refused(
    inputs: InputLoader, bucket: Bucket, record: JobRecord, mask: bytes, size: tuple[int, int]
) -> None:
    with pytest.raises(MaskEmpty, match="black stays"):
        inputs.load(asking(record, bucket, size, mask=mask))


@pytest.mark.parametrize("mask", [saved(grey(255, 0)), saved(grey(255, 0), "JPEG"), saved(by_alpha(255, 0))])
def test_what_is_white_or_opaque_may_change(
    inputs: InputLoader, bucket: Bucket, record: JobRecord, mask: bytes
) -> None:
    found = inputs.load(asking(record, bucket, mask=mask)).mask
    assert found is not None
    assert found[150, 350] > 0.9
    assert found[400, 100] < 0.1


def test_a_mask_in_which_everything_may_change_is_taken(
    inputs: InputLoader, bucket: Bucket, record: JobRecord
) -> None:
    found = inputs.load(asking(record, bucket, mask=saved(grey(255, 255)))).mask
    assert found is not None
    assert (found == 1).all()


def test_a_thin_line_is_not_lost_where_the_result_is_smaller(
    inputs: InputLoader, bucket: Bucket, record: JobRecord
) -> None:
    line = grey(0, 0)
    line[:, 301] = 255
    found = inputs.load(asking(record, bucket, (160, 120), mask=saved(line))).mask
    assert found is not None
    assert (found.max(axis=1) > 0.2).all()


def test_the_smallest_region_at_the_edge_is_whole(
    inputs: InputLoader, bucket: Bucket, record: JobRecord
) -> None:
    region = {"box": [1 - 4 / SIZE[0], 1 - 4 / SIZE[1], 1, 1]}
    found = inputs.load(asking(record, bucket, region=region)).mask
    assert found is not None
    assert found.sum() == 16


def test_a_mask_of_another_size_is_refused(inputs: InputLoader, bucket: Bucket, record: JobRecord) -> None:
    with pytest.raises(MaskMismatch):
        inputs.load(asking(record, bucket, mask=saved(np.full((240, 320), 255))))


def test_an_input_that_is_gone_is_not_named_to_those_who_are_told_of_the_end(
    inputs: InputLoader, bucket: Bucket, record: JobRecord
) -> None:
    asked = asking(record, bucket)
    bucket.delete("picture")
    with pytest.raises(ImageUnreadable) as refused:
        inputs.load(asked)
    assert "picture" not in refused.value.message.replace("input picture", "")
    assert bucket.name not in refused.value.message
