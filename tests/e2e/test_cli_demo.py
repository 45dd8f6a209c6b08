"""``make demo``, with the mock engine: both ways into Plantain, and two pictures at the end."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[2]


def test_the_demo_names_two_pictures_that_open(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "local.demo", "--data", str(tmp_path), "--model", "mock"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    paths = [tmp_path / "demo" / name for name in ("generated.png", "edited.png")]
    *_, first, second, _, studio = (line.strip() for line in ended.stdout.splitlines())
    assert [first, second] == [str(path) for path in paths]
    assert re.search(r"http://127\.0\.0\.1:\d+/ while `make demo KEEP=1`", studio)
    for path in paths:
        with Image.open(path) as picture:
            picture.load()
            assert picture.size == (512, 512)
    assert not (tmp_path / "stack.json").exists()
