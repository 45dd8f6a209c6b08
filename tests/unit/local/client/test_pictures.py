"""Pictures on their way between files and the API."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from functions.contract.errors import InvalidRequest
from local.client.api_client import PlantainClient
from local.client.pictures import image_input, output_format, save_pictures, write_whole_file

JOB: dict[str, Any] = {
    "id": "job_1",
    "images": [{"uri": "gs://r/job_1/0.png"}, {"uri": "gs://r/job_1/1.png"}],
}


class Shelf(PlantainClient):
    """A service whose pictures are their numbers."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:1")

    def image(self, job_id: str, n: int) -> bytes:
        return f"{job_id} {n}".encode()


@pytest.mark.parametrize(
    ("source", "image"),
    [
        ("gs://bucket/a.png", {"uri": "gs://bucket/a.png"}),
        ("up_aaaaaaaaaaaaaaaaaaaaaaaaaa", {"upload": "up_aaaaaaaaaaaaaaaaaaaaaaaaaa"}),
    ],
)
def test_what_the_service_has_goes_by_name(source: str, image: dict[str, str]) -> None:
    assert image_input(Shelf(), source) == image


def test_a_file_goes_inline(tmp_path: Path) -> None:
    (tmp_path / "up_to.png").write_bytes(b"pixels")
    image = image_input(Shelf(), str(tmp_path / "up_to.png"))
    assert base64.b64decode(image["data"]) == b"pixels"


@pytest.mark.parametrize(
    ("target", "names"),
    [
        ("boat.png", ["boat-0.png", "boat-1.png"]),
        ("there/boat.PNG", ["there/boat-0.PNG", "there/boat-1.PNG"]),
        ("there", ["there/job_1-0.png", "there/job_1-1.png"]),
        (".", ["job_1-0.png", "job_1-1.png"]),
    ],
)
def test_pictures_are_saved_as_a_file_or_into_a_directory(
    tmp_path: Path, target: str, names: list[str]
) -> None:
    (tmp_path / "there").mkdir()
    saved = save_pictures(Shelf(), JOB, tmp_path / target)
    assert saved == [tmp_path / name for name in names]
    assert [path.read_bytes() for path in saved] == [b"job_1 0", b"job_1 1"]


def test_a_single_picture_has_the_name_that_it_was_given(tmp_path: Path) -> None:
    alone = {**JOB, "images": JOB["images"][:1]}
    assert save_pictures(Shelf(), alone, tmp_path / "boat.png") == [tmp_path / "boat.png"]


def test_pictures_of_another_format_are_not_mislabelled(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="another kind"):
        save_pictures(Shelf(), JOB, tmp_path / "boat.jpg")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("target", "format", "found"),
    [
        (".", None, None),
        (".", "webp", "webp"),
        ("boat.png", None, "png"),
        ("boat.JPG", None, "jpeg"),
        ("boat.jpeg", "jpeg", "jpeg"),
        ("boat.avif", "AVIF", "avif"),
    ],
)
def test_a_target_names_its_format(
    tmp_path: Path, target: str, format: str | None, found: str | None
) -> None:
    assert output_format(tmp_path / target, format) == found


@pytest.mark.parametrize(
    ("target", "format", "says"),
    [
        ("boat.gif", None, "neither a folder"),
        ("boat", None, "neither a folder"),
        ("boat.tar.gz", None, "neither a folder"),
        ("boat.png", "jpeg", "--format says jpeg"),
        ("boat.jpg", "png", "--format says png"),
        ("missing/boat.png", None, "no folder"),
        ("a/b/c", None, "no folder"),
    ],
)
def test_what_could_not_be_saved_is_refused_and_no_folder_is_made(
    tmp_path: Path, target: str, format: str | None, says: str
) -> None:
    with pytest.raises(InvalidRequest, match=says):
        output_format(tmp_path / target, format)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_replaced_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="taken"):
        write_whole_file(tmp_path / "taken", b"pixels")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_of_a_clip_the_poster_is_left_where_it_is(tmp_path: Path) -> None:
    clip = {"id": "job_1", "images": [{"uri": "gs://r/0.mp4"}, {"uri": "gs://r/1.jpg"}]}
    assert save_pictures(Shelf(), clip, tmp_path / "boat.mp4") == [tmp_path / "boat.mp4"]
    assert save_pictures(Shelf(), clip, tmp_path) == [tmp_path / "job_1-0.mp4"]
    assert (tmp_path / "boat.mp4").read_bytes() == b"job_1 0"
