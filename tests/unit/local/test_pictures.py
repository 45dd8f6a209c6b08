"""Pictures on their way between files and the API."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from local.client import Plantain
from local.pictures import image_input, save, write

JOB: dict[str, Any] = {
    "id": "job_1",
    "images": [{"uri": "gs://r/job_1/0.png"}, {"uri": "gs://r/job_1/1.png"}],
}


class Shelf(Plantain):
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
        ("boat.png", ["boat.png", "boat-2.png"]),
        ("there/boat.png", ["there/boat.png", "there/boat-2.png"]),
        ("there", ["there/job_1-1.png", "there/job_1-2.png"]),
        (".", ["job_1-1.png", "job_1-2.png"]),
    ],
)
def test_pictures_are_saved_as_a_file_or_into_a_directory(
    tmp_path: Path, target: str, names: list[str]
) -> None:
    saved = save(Shelf(), JOB, tmp_path / target)
    assert saved == [tmp_path / name for name in names]
    assert [path.read_bytes() for path in saved] == [b"job_1 0", b"job_1 1"]


def test_a_file_that_cannot_be_replaced_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="taken"):
        write(tmp_path / "taken", b"pixels")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
