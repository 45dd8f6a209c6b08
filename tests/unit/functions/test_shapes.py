"""How large the pictures become."""

from __future__ import annotations

from typing import Any

import pytest

from functions.contract.errors import UnsupportedSize
from functions.contract.pictures import PictureFacts
from functions.contract.request import ImageInput, JobRequest
from functions.contract.sizes import PIXELS
from functions.shapes import output_size

IMAGE = ImageInput(upload="up_" + "a" * 26)


def size_of(task: str, image: tuple[int, int] | None = None, **fields: Any) -> tuple[int, int]:
    prompt = {} if task == "upscale" else {"prompt": "a boat"}
    images = (IMAGE,) if image else ()
    request = JobRequest.model_validate({"task": task, "images": images, **prompt, **fields})
    facts = PictureFacts("png", "image/png", *image, False, 8, False) if image else None
    return output_size(request, facts)


@pytest.mark.parametrize(
    ("fields", "size"),
    [
        ({}, (1024, 1024)),
        ({"size": "4K"}, (4096, 4096)),
        ({"aspect_ratio": "16:9"}, PIXELS["1K", "16:9"]),
        ({"size": "512", "aspect_ratio": "2:3"}, PIXELS["512", "2:3"]),
    ],
)
def test_generate_goes_by_the_table(fields: dict[str, Any], size: tuple[int, int]) -> None:
    assert size_of("generate", **fields) == size


def test_generate_does_not_take_its_shape_from_a_reference() -> None:
    assert size_of("generate", (640, 480)) == (1024, 1024)


@pytest.mark.parametrize("image", [(256, 256), (641, 479), (8192, 2048), *PIXELS.values()])
def test_an_edit_keeps_the_picture_s_own_size(image: tuple[int, int]) -> None:
    assert size_of("edit", image) == image


@pytest.mark.parametrize("image", [(255, 400), (400, 255), (8193, 2048), (4500, 4500)])
def test_but_not_one_that_cannot_be_delivered(image: tuple[int, int]) -> None:
    with pytest.raises(UnsupportedSize, match="ask for a size"):
        size_of("edit", image)
    assert size_of("edit", image, size="512") in PIXELS.values()


@pytest.mark.parametrize(
    ("image", "fields", "size"),
    [
        ((640, 480), {"size": "2K"}, PIXELS["2K", "4:3"]),
        ((1000, 1500), {"size": "1K"}, PIXELS["1K", "2:3"]),
        ((1000, 1000), {"aspect_ratio": "21:9"}, PIXELS["1K", "21:9"]),
        ((3000, 3000), {"aspect_ratio": "1:1"}, PIXELS["4K", "1:1"]),
        ((640, 480), {"size": "512", "aspect_ratio": "9:16"}, PIXELS["512", "9:16"]),
    ],
)
def test_an_edit_goes_by_the_table_when_asked_to(
    image: tuple[int, int], fields: dict[str, Any], size: tuple[int, int]
) -> None:
    assert size_of("edit", image, **fields) == size


@pytest.mark.parametrize("image", [(640, 480), (333, 1000), (1000, 200), (512, 512)])
@pytest.mark.parametrize(("size", "side"), [("1K", 1024), ("2K", 2048), ("4K", 4096)])
def test_an_upscale_keeps_the_shape_and_has_the_area(image: tuple[int, int], size: str, side: int) -> None:
    width, height = size_of("upscale", image, size=size)
    assert width / height == pytest.approx(image[0] / image[1], rel=0.005)
    assert width * height == pytest.approx(side * side, rel=0.005)


@pytest.mark.parametrize(
    ("image", "fields"),
    [((1024, 1024), {"size": "512"}), ((640, 480), {"size": "1K", "aspect_ratio": "1:1"})],
)
def test_an_upscale_neither_shrinks_nor_bends(image: tuple[int, int], fields: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedSize):
        size_of("upscale", image, **fields)


def test_an_upscale_to_the_same_size_is_no_change() -> None:
    assert size_of("upscale", (512, 512), size="512") == (512, 512)
