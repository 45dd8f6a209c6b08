"""Pictures are fetched and decoded one at a time, each as small as its task allows."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from functions.contract.errors import ImageTooLarge
from functions.contract.pictures.memory_budget import MemoryBudget
from functions.contract.storage.bucket import ObjectData
from tests.unit.worker.job_io.test_memory_estimate import record
from worker.job_io.inputs import InputLoader
from worker.job_io.memory_estimate import REFERENCE_PIXELS

pytestmark = pytest.mark.slow


class Bucket:
    """Objects by their name."""

    def __init__(self, *pictures: bytes) -> None:
        self._pictures = pictures

    def get(self, name: str, generation: int | None = None) -> ObjectData:
        return ObjectData(self._pictures[int(name)], generation or 1)


def file(size: tuple[int, int], format: str = "PNG") -> bytes:
    out = BytesIO()
    across = np.linspace(0, 255, size[0]).astype(np.uint8)
    Image.fromarray(np.broadcast_to(across[None, :, None], (size[1], size[0], 3)).copy()).save(out, format)
    return out.getvalue()


def inputs(*pictures: bytes, **options: Any) -> InputLoader:
    bucket: Any = Bucket(*pictures)
    return InputLoader(lambda _: bucket, **options)


@pytest.mark.parametrize("format", ["PNG", "JPEG"])
def test_references_are_shrunk_to_what_an_engine_sees(format: str) -> None:
    large, small = file((5000, 2500), format), file((400, 300), format)
    work = inputs(small, large).load(record("edit", (400, 300), images=2))
    assert work.images[0].shape[:2] == (300, 400)
    height, width = work.images[1].shape[:2]
    assert width * height <= REFERENCE_PIXELS < 1.01 * width * height
    assert width / height == pytest.approx(2, rel=0.002)
    ramp = np.linspace(0, 1, width)
    assert np.abs(work.images[1][height // 2, :, 0] - ramp).max() < 0.02  # nothing has moved


def test_the_picture_to_change_is_as_it_came_where_the_result_is_as_large() -> None:
    data = file((2600, 2500))
    work = inputs(data).load(record("edit", (2600, 2500)))
    np.testing.assert_array_equal(np.rint(work.images[0] * 255), np.asarray(Image.open(BytesIO(data))))
    assert work.source_size == (2600, 2500)


def test_a_region_edit_that_was_fitted_has_picture_and_mask_of_the_result_s_size() -> None:
    mask = Image.new("L", (3000, 2900))
    mask.paste(255, (0, 0, 1500, 2900))
    out = BytesIO()
    mask.save(out, "PNG")
    asked = record("edit", (2000, 1933), mask={"uri": "gs://bucket/1"})
    work = inputs(file((3000, 2900)), out.getvalue()).load(asked)
    assert work.mask is not None
    assert work.images[0].shape == (1933, 2000, 3)
    assert work.mask.shape == (1933, 2000)
    assert work.mask.mean() == pytest.approx(0.5, abs=0.002)


def test_what_can_never_be_decoded_here_fails_with_a_type() -> None:
    with pytest.raises(ImageTooLarge, match="scale the image down"):
        inputs(file((2000, 2000)), decoders=MemoryBudget(1 << 20)).load(record("edit", (2000, 2000)))


def test_decoding_holds_what_it_takes_and_gives_it_back() -> None:
    reserved: list[int] = []

    class Watched(MemoryBudget):
        def release(self, size: int) -> None:
            reserved.append(size)
            super().release(size)

    budget = Watched(1 << 28)
    inputs(file((1000, 1000)), file((1000, 1000)), decoders=budget).load(record("edit", images=2))
    assert len(reserved) == 2
    assert all(size >= 4_000_000 for size in reserved)


def test_a_jpeg_is_decoded_at_a_fraction_of_its_sides_where_that_is_enough() -> None:
    reserved: list[int] = []

    class Watched(MemoryBudget):
        def release(self, size: int) -> None:
            reserved.append(size)

    small, large = file((64, 64)), file((8000, 4400), "JPEG")
    inputs(small, large, decoders=Watched(1 << 30)).load(record("edit", images=2))
    assert reserved[1] < 8000 * 4400 * 3
