"""How large the pictures become."""

from __future__ import annotations

from typing import Any

import pytest

from functions.contract.errors import InvalidRequest, UnsupportedSize
from functions.contract.pictures import PictureFacts
from functions.contract.request import ImageInput, JobRequest
from functions.contract.sizes import PIXELS
from functions.intake.output_size import OWN_AREA, output_size

IMAGE = ImageInput(upload="up_" + "a" * 26)


def size_of(task: str, image: tuple[int, int] | None = None, **fields: Any) -> tuple[int, int]:
    prompt = {"prompt": "a boat"} if task in ("generate", "edit", "animate") else {}
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


@pytest.mark.parametrize(
    ("image", "size"),
    [
        ((100, 100), (176, 176)),
        ((175, 400), (176, 403)),
        ((16, 16), (176, 176)),
        ((100, 900), (176, 1584)),
        ((16, 512), (176, 5632)),
        ((16_384, 512), (11_584, 362)),
        ((11_585, 1024), (11_584, 1023)),
    ],
)
def test_or_the_nearest_size_that_can_be_delivered(image: tuple[int, int], size: tuple[int, int]) -> None:
    assert size_of("edit", image) == size
    assert size_of("edit", image, size="512") in PIXELS.values()


@pytest.mark.parametrize("image", [(4500, 4500), (5200, 3500), (3500, 5200), (8000, 8000), (9000, 7000)])
def test_a_picture_that_is_too_large_becomes_as_large_as_can_be(image: tuple[int, int]) -> None:
    width, height = size_of("edit", image)
    assert width / height == pytest.approx(image[0] / image[1], rel=0.001)
    assert 0.998 * OWN_AREA < width * height <= OWN_AREA


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


@pytest.mark.parametrize(
    ("image", "ratio", "frame"),
    [
        ((1024, 1024), "16:9", (1820, 1024)),
        ((1024, 1024), "9:16", (1024, 1820)),
        ((640, 480), "1:1", (640, 640)),
        ((480, 640), "21:9", (1493, 640)),
    ],
)
def test_an_outpaint_is_a_frame_around_the_picture_as_it_is(
    image: tuple[int, int], ratio: str, frame: tuple[int, int]
) -> None:
    assert size_of("outpaint", image, aspect_ratio=ratio) == frame


def test_an_outpaint_goes_by_the_table_when_a_size_is_asked_for() -> None:
    assert size_of("outpaint", (300, 300), aspect_ratio="16:9", size="2K") == PIXELS["2K", "16:9"]


@pytest.mark.parametrize(
    ("image", "ratio"), [((800, 800), "1:1"), (PIXELS["1K", "16:9"], "16:9"), (PIXELS["4K", "4:5"], "4:5")]
)
def test_an_outpaint_to_the_same_shape_is_refused(image: tuple[int, int], ratio: str) -> None:
    with pytest.raises(InvalidRequest, match="already"):
        size_of("outpaint", image, aspect_ratio=ratio)


def test_an_outpaint_that_would_be_too_large_is_as_large_as_can_be() -> None:
    width, height = size_of("outpaint", (4096, 4096), aspect_ratio="16:9")
    assert width / height == pytest.approx(16 / 9, rel=0.001)
    assert width * height <= OWN_AREA


def test_an_upscale_ends_where_formats_end() -> None:
    with pytest.raises(UnsupportedSize, match="smaller size"):
        size_of("upscale", (3200, 100), size="4K")


@pytest.mark.parametrize("task", ["suggest", "verify"])
@pytest.mark.parametrize("image", [(20, 9_000), (640, 480)])
def test_what_makes_no_picture_takes_one_of_any_size(task: str, image: tuple[int, int]) -> None:
    assert size_of(task, image) == image


def test_a_sequence_goes_by_the_table() -> None:
    assert size_of("sequence", (640, 480), prompts=("a", "b"), size="2K") == (2048, 2048)


@pytest.mark.parametrize("size", [(64, 512), (4096, 512), (1008, 720), (4096, 4096)])
@pytest.mark.parametrize(
    ("task", "image"), [("generate", None), ("edit", (640, 480)), ("outpaint", (300, 200))]
)
def test_an_exact_size_is_the_size(task: str, image: tuple[int, int] | None, size: tuple[int, int]) -> None:
    assert size_of(task, image, width=size[0], height=size[1]) == size


def test_a_sequence_takes_an_exact_size() -> None:
    assert size_of("sequence", (64, 64), prompts=("a", "b"), width=1008, height=720) == (1008, 720)


@pytest.mark.parametrize("task", ["generate", "edit"])
def test_an_exact_size_longer_than_eight_to_one_is_refused(task: str) -> None:
    with pytest.raises(UnsupportedSize, match="8 times"):
        size_of(task, (640, 480), width=64, height=528)


@pytest.mark.parametrize(("image", "size"), [((500, 500), (1008, 1008)), ((641, 481), (1280, 960))])
def test_an_upscale_takes_an_exact_size_of_its_shape(image: tuple[int, int], size: tuple[int, int]) -> None:
    assert size_of("upscale", image, width=size[0], height=size[1]) == size


@pytest.mark.parametrize(("size", "message"), [((512, 512), "smaller"), ((2048, 1024), "another shape")])
def test_and_of_no_other(size: tuple[int, int], message: str) -> None:
    with pytest.raises(UnsupportedSize, match=message):
        size_of("upscale", (640, 640), width=size[0], height=size[1])


def test_an_exact_frame_of_the_picture_s_shape_leaves_nothing_to_paint() -> None:
    with pytest.raises(InvalidRequest, match="already"):
        size_of("outpaint", (512, 512), width=1024, height=1024)


@pytest.mark.parametrize(
    ("image", "fields", "size"),
    [
        (None, {}, PIXELS["1K", "16:9"]),
        (None, {"size": "512", "aspect_ratio": "1:1"}, (512, 512)),
        ((640, 480), {}, PIXELS["1K", "4:3"]),
        ((640, 480), {"aspect_ratio": "9:16"}, PIXELS["1K", "9:16"]),
        (None, {"width": 1920, "height": 1088}, (1920, 1088)),
    ],
)
def test_a_clip_has_the_shape_of_its_picture(
    image: tuple[int, int] | None, fields: dict[str, Any], size: tuple[int, int]
) -> None:
    assert size_of("animate", image, **fields) == size


@pytest.mark.parametrize("fields", [{"size": "2K"}, {"width": 2048, "height": 1088}])
def test_a_frame_is_at_most_1080p(fields: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedSize, match="1920×1088 at most"):
        size_of("animate", **fields)


def test_an_animated_webp_is_of_fewer_pixels() -> None:
    assert size_of("animate", format="webp") == PIXELS["1K", "16:9"]
    with pytest.raises(UnsupportedSize, match="ask for mp4"):
        size_of("animate", format="webp", seconds=8)


def test_every_size_has_even_sides_as_h264_needs() -> None:
    assert all(width % 2 == height % 2 == 0 for width, height in PIXELS.values())
