"""``plantain verify``, without any stack: what it prints, and its exit status."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from local.cli import output
from tests.command import Command, Result, run_command
from tests.unit.worker.verification.delivered_files import (
    change_byte,
    delivered_file,
    photograph,
    remove_credentials,
    take_screenshot,
)
from worker.credentials.development_chain import development_signer
from worker.credentials.sealer import Sealer
from worker.pictures.encode import encode_picture
from worker.watermark import Watermarker

pytestmark = pytest.mark.slow

KEY = bytes(range(32))
OURS, NOT_OURS, BAD_INPUT = 0, 1, 2


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the keys that a stack has made."""
    data = tmp_path_factory.mktemp("data")
    development_signer(data / "keys" / "credentials")
    (data / "keys" / "watermark.key").write_text(KEY.hex())
    return data


@pytest.fixture(scope="module")
def files(data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    sealer = Sealer(development_signer(data / "keys" / "credentials"))
    original = delivered_file(Watermarker(KEY, 1), sealer)
    contents = {
        "original.png": original,
        "tampered.png": change_byte(original, original.index(b"caBX") + 900),
        "stripped.png": remove_credentials(original),
        "screenshot.jpg": take_screenshot(original),
        "foreign.png": encode_picture(photograph("coffee.png"), "png"),
        "flat.png": encode_picture(np.full((256, 256, 3), 0.5, np.float32), "png"),
        "letter.png": b"Dear Sir or Madam",
    }
    folder = tmp_path_factory.mktemp("files")
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return {name: folder / name for name in contents}


@pytest.fixture
def verify(data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.setenv("PLANTAIN_DATA", str(data))
    monkeypatch.delenv("PLANTAIN_WATERMARK_KEY", raising=False)
    monkeypatch.setattr(output.out, "width", 300)

    def run(*arguments: str | Path) -> Result:
        return run_command(monkeypatch, capsys, "verify", *arguments)

    return run


@pytest.mark.parametrize(
    ("name", "verdict", "status"),
    [
        ("original.png", "untouched", OURS),
        ("tampered.png", "tampered", OURS),
        ("stripped.png", "stripped", OURS),
        ("screenshot.jpg", "copy", OURS),
        ("foreign.png", "foreign", NOT_OURS),
        ("flat.png", "foreign", NOT_OURS),
    ],
)
def test_what_became_of_a_picture_is_told_apart(
    verify: Command, files: dict[str, Path], name: str, verdict: str, status: int
) -> None:
    told = verify(files[name], "--json")
    assert told.json[0]["verdict"] == verdict
    assert told.json[0]["ours"] is (status == OURS)
    assert told.status == status


def test_a_table_has_a_line_and_a_sentence_for_each(verify: Command, files: dict[str, Path]) -> None:
    told = verify(files["original.png"], files["screenshot.jpg"])
    assert told.status == OURS
    lines = told.out.splitlines()
    assert "untouched" in lines[1]
    assert "valid, trusted, Plantain development" in lines[1]
    assert "copy" in lines[2]
    assert "exactly as it was delivered" in lines[3]


def test_of_several_the_worst_decides(verify: Command, files: dict[str, Path]) -> None:
    assert verify(files["original.png"], files["foreign.png"]).status == NOT_OURS
    told = verify(files["original.png"], files["letter.png"], "--json")
    assert told.status == BAD_INPUT
    assert [each.get("verdict") for each in told.json] == ["untouched", None]
    assert told.json[1]["error"]["code"] == "image_unreadable"


def test_a_file_that_is_not_there_is_said(verify: Command, tmp_path: Path) -> None:
    told = verify(tmp_path / "nowhere.png")
    assert told.status == BAD_INPUT
    assert "No such file" in told.err


def test_without_a_key_nothing_is_made_up(verify: Command, files: dict[str, Path], tmp_path: Path) -> None:
    told = verify(files["original.png"], "--data", tmp_path)
    assert told.status == BAD_INPUT
    assert "PLANTAIN_WATERMARK_KEY" in told.err
    assert list(tmp_path.iterdir()) == []


def test_the_key_alone_is_enough(
    verify: Command, files: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANTAIN_WATERMARK_KEY", KEY.hex())
    told = verify(files["screenshot.jpg"], "--data", tmp_path)
    assert told.status == OURS
    assert KEY.hex() not in told.out + told.err


@pytest.mark.parametrize("key", ["not hexadecimal", "00" * 31])
def test_what_is_no_key_is_said_and_not_repeated(
    verify: Command, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("PLANTAIN_WATERMARK_KEY", key)
    told = verify(files["original.png"])
    assert told.status == BAD_INPUT
    assert "hexadecimal digits" in told.err
    assert key not in told.err


def test_a_retired_key_still_reads(
    verify: Command, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANTAIN_WATERMARK_KEY", "ab" * 32)
    monkeypatch.setenv("PLANTAIN_WATERMARK_KEY_VERSION", "2")
    monkeypatch.setenv("PLANTAIN_WATERMARK_RETIRED_KEYS", json.dumps({"1": KEY.hex()}))
    told = verify(files["stripped.png"], "--json")
    assert (told.json[0]["ours"], told.json[0]["key_version"]) == (True, 1)
