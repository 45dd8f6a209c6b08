"""Which pictures an agent may name, and which files it never reaches."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from functions.contract.errors import InvalidRequest
from local.client.api_client import PlantainClient
from local.mcp import picture_sources
from local.mcp.arguments import PictureSource
from local.mcp.picture_sources import PictureReader

DATA = b"\xfb\xff\xfe picture"


@pytest.fixture
def plantain() -> Iterator[PlantainClient]:
    with PlantainClient("http://127.0.0.1:1") as client:  # no picture here needs the service
        yield client


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "open"
    folder.mkdir()
    (folder / "boat.png").write_bytes(DATA)
    (tmp_path / "secret.png").write_bytes(b"secret")
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    (tmp_path / "open-too").mkdir()
    (tmp_path / "open-too" / "other.png").write_bytes(b"secret")
    return folder


def test_a_file_below_the_root_is_read(plantain: PlantainClient, root: Path) -> None:
    source = PictureSource(file="boat.png")
    assert PictureReader(plantain, root).read_input(source) == {"data": base64.b64encode(DATA).decode()}


@pytest.mark.parametrize(
    "name",
    [
        "../secret.png",
        "./x/../../secret.png",
        "link.png",
        "../open-too/other.png",
        "/etc/passwd",
        ".",
        "none.png",
        "a\x00b",
        "file:///etc/passwd",
        "https://example.com/a.png",
        "x" * 999,
    ],
)
def test_no_other_file_is_reached(plantain: PlantainClient, root: Path, name: str) -> None:
    with pytest.raises(InvalidRequest, match="no such file"):
        PictureReader(plantain, root).read_input(PictureSource(file=name))


def test_an_absolute_path_within_the_root_is_fine(plantain: PlantainClient, root: Path) -> None:
    source = PictureSource(file=str(root / "boat.png"))
    assert PictureReader(plantain, root).read_input(source)["data"]


def test_a_name_that_looks_like_an_upload_is_a_file(plantain: PlantainClient, root: Path) -> None:
    with pytest.raises(InvalidRequest):
        PictureReader(plantain, root).read_input(PictureSource(file="up_aaaa"))


def test_without_a_root_no_file_is_read(plantain: PlantainClient, root: Path) -> None:
    with pytest.raises(InvalidRequest, match="reads no files"):
        PictureReader(plantain, None).read_input(PictureSource(file=str(root / "boat.png")))


def test_a_large_file_is_refused_unread(
    plantain: PlantainClient, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_sources, "MAX_PICTURE", 5)
    with pytest.raises(InvalidRequest, match="20 MiB"):
        PictureReader(plantain, root).read_input(PictureSource(file="boat.png"))
    with pytest.raises(InvalidRequest, match="20 MiB"):
        PictureReader(plantain, root).read_input(PictureSource(data=base64.b64encode(DATA).decode()))


@pytest.mark.parametrize(
    "text",
    [
        base64.b64encode(DATA).decode(),
        base64.urlsafe_b64encode(DATA).decode().rstrip("="),
        "data:image/png;base64," + base64.b64encode(DATA).decode(),
        base64.encodebytes(DATA * 20).decode(),
    ],
)
def test_both_alphabets_and_data_urls_are_read(plantain: PlantainClient, text: str) -> None:
    found = PictureReader(plantain, None).read_input(PictureSource(data=text))
    assert base64.b64decode(found["data"], validate=True).startswith(DATA)


@pytest.mark.parametrize("text", ["not base64!", "a", "data:image/png,abc", "data:image/png;base64,%%%"])
def test_broken_data_is_refused(plantain: PlantainClient, text: str) -> None:
    with pytest.raises(InvalidRequest):
        PictureReader(plantain, None).read_input(PictureSource(data=text))


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"data": "aaaa", "file": "a.png"},
        {"uri": "https://example.com/a.png"},
        {"uri": "file:///etc/passwd"},
        {"url": "https://example.com/a.png"},
    ],
)
def test_a_picture_is_named_in_exactly_one_known_way(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        PictureSource.model_validate(given)


@pytest.mark.parametrize(
    "uri",
    [
        "plantain://jobs/job_x/images/0",
        "plantain://jobs/../../v1/uploads",
        "http://127.0.0.1/",
        "plantain://jobs",
    ],
)
def test_a_resource_of_another_kind_is_refused(plantain: PlantainClient, uri: str) -> None:
    with pytest.raises(InvalidRequest, match="written plantain"):
        PictureReader(plantain, None).read_input(PictureSource(resource=uri))
