"""The clip of a day goes round: every picture stands, and the blend ends where it began."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.sheets.day_clip import BETWEEN, HELD, blend_pictures_in_turn, write_webp


def test_each_picture_stands_and_is_blended_into_the_next_and_the_last_into_the_first(tmp_path: Path) -> None:
    pictures = [np.full((16, 16, 3), level, np.float32) for level in (0.0, 1.0)]
    frames = list(blend_pictures_in_turn(pictures))
    levels = [float(frame.mean()) for frame, _ in frames]
    assert [shown for _, shown in frames].count(HELD) == 2
    assert len(frames) == 2 * (1 + BETWEEN)
    assert levels[: BETWEEN + 2] == sorted(levels[: BETWEEN + 2])
    assert levels[BETWEEN + 1 :] == sorted(levels[BETWEEN + 1 :], reverse=True)
    assert levels[-1] == pytest.approx(levels[1])
    write_webp(frames, tmp_path / "clip.webp")
    with Image.open(tmp_path / "clip.webp") as clip:
        assert (clip.size, clip.info["loop"]) == ((16, 16), 0)
        clip.seek(1)  # raises where there is one frame alone
