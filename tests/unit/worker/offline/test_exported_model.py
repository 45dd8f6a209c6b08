"""``python -m worker.offline``, in a process of its own that has no torch to import."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from worker.engines.onnx.recipe import Precision
from worker.engines.protocol import Picture
from worker.offline.__main__ import main
from worker.pictures.decode import decode_picture
from worker.pictures.encode import encode_picture
from worker.settings import WorkerSettings
from worker.verification.build_examiner import build_examiner
from worker.watermark.watermark_keys import watermark_key

# Tracing the graphs, once for all tests, is minutes of Python where the machine is shared.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_800)]

ROOT = Path(__file__).parents[4]
WITHOUT = """
import runpy, sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "diffusers", "transformers", "onnx"):
            raise ImportError(f"{name} is asked for")
sys.meta_path.insert(0, Refuse())
runpy.run_module("worker.offline", run_name="__main__", alter_sys=True)
"""


@pytest.fixture
def draw(
    exported: Callable[[Precision], Path], tmp_path: Path
) -> Callable[..., subprocess.CompletedProcess[str]]:
    environment = {"PLANTAIN_DATA": str(tmp_path / "data"), "OMP_NUM_THREADS": "1", "PATH": ""}

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", WITHOUT, exported("int8"), *arguments]
        return subprocess.run(
            [str(each) for each in command],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture
def settings(tmp_path: Path) -> WorkerSettings:
    return WorkerSettings(
        profile="local",
        project="p",
        uploads_bucket="u",
        results_bucket="r",
        jobs_bucket="j",
        data=tmp_path / "data",
    )


def test_a_prompt_becomes_a_picture_that_is_marked_and_signed(
    draw: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path, settings: WorkerSettings
) -> None:
    file = tmp_path / "boat.png"
    ran = draw("a red boat on the sea", "-o", file, "--seed", "3", "--aspect-ratio", "3:2", "--threads", "1")
    assert ran.returncode == 0, ran.stderr
    assert "624×416" in ran.stdout
    picture = decode_picture(file.read_bytes())
    assert (picture.width, picture.height) == (624, 416)
    assert watermark_key(settings)
    found = build_examiner(settings).examine(file.read_bytes())
    assert found.mark is not None
    assert found.credentials.signature_valid


def test_an_edit_has_its_pictures_shape_and_references_may_follow(
    draw: Callable[..., subprocess.CompletedProcess[str]], photo: Callable[..., Picture], tmp_path: Path
) -> None:
    first, edited, again = tmp_path / "first.png", tmp_path / "edited.webp", tmp_path / "again.webp"
    first.write_bytes(encode_picture(photo(688, 384), "png"))
    for file in (edited, again):
        ran = draw("make the boat green", "-i", first, "-i", first, "-o", file, "--threads", "1")
        assert ran.returncode == 0, ran.stderr
    picture = decode_picture(edited.read_bytes())
    assert (picture.width, picture.height) == (688, 384)
    assert (decode_picture(again.read_bytes()).rgb == picture.rgb).all()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["a naked child", "-o", "x.png"], "prompt_blocked"),
        (["a boat", "-o", "x.png", "--steps", "1000"], "invalid_request"),
        (["a boat", "-o", "x.jpg", "--bit-depth", "16"], "invalid_request"),
        (["a boat", "-o", "x.png", "-i", "not-there.png"], "not-there.png"),
        (["a boat", "-o", "x.gif"], "x.gif"),
        (["a boat", "-o", "nowhere/x.png", "--steps", "1"], "nowhere"),
    ],
)
def test_what_cannot_be_drawn_says_why(
    exported: Callable[[Precision], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: str,
) -> None:
    monkeypatch.setenv("PLANTAIN_DATA", str(tmp_path / "data"))
    assert main([str(exported("int8")), *arguments, "--threads", "1"]) in (1, 2)
    told = capsys.readouterr().err
    assert told.splitlines()[-1].startswith(code)
    assert "Traceback" not in told
