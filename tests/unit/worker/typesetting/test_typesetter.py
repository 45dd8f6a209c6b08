from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.unit.worker.typesetting.scenes import SIGN, meadow, sign
from worker.typesetting.ink import READABLE, choose_ink, contrast_ratio, contrast_with
from worker.typesetting.places import Backing, Place, place_of_lines
from worker.typesetting.text_block import list_blocks
from worker.typesetting.typefaces import FACES
from worker.typesetting.typesetter import typeset_block

(BLOCK,) = list_blocks("OPEN", FACES["Oswald"])
BOX = np.array([(0.2, 0.1), (0.8, 0.1), (0.8, 0.4), (0.2, 0.4)], np.float32)


def test_contrast_is_that_of_wcag() -> None:
    black, white, grey = (np.full(3, each, np.float32) for each in (0, 1, 119 / 255))
    assert contrast_ratio(black, white) == pytest.approx(21)
    assert contrast_ratio(grey, white) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(
    "colour", [(1, 1, 1), (0, 0, 0), (0.9, 0.1, 0.1), (0.2, 0.4, 0.9), (0.95, 0.85, 0.2), (0.45, 0.45, 0.45)]
)
def test_ink_is_readable_on_every_colour(colour: tuple[float, float, float]) -> None:
    surface = np.array(colour, np.float32)
    assert contrast_with(choose_ink(surface), surface) >= READABLE * 0.85


def test_only_the_place_is_touched() -> None:
    before = meadow()
    after = before.copy()
    typeset_block(after, BLOCK, Place(BOX, 0.05, "title"))
    rows, columns = np.nonzero((before != after).any(axis=2))
    assert columns.min() >= 0.2 * 256 and columns.max() <= 0.8 * 256
    assert rows.min() >= 0.1 * 256 and rows.max() <= 0.4 * 256
    assert after.dtype == np.float32 and after.min() >= 0 and after.max() <= 1


def test_the_ink_is_chosen_by_the_surface_and_not_by_its_frame() -> None:
    corners = BOX + np.array([(0, 0), (0, 0.03), (0, 0.03), (0, 0)], np.float32)
    before = np.full((200, 200, 3), (0.93, 0.88, 0.76), np.float32)
    cv2.polylines(before, [np.round(corners * 200).astype(np.int32)], True, (0.2, 0.1, 0.1), 8)
    after = before.copy()
    typeset_block(after, BLOCK, Place(corners, 0.15, "sign", panel=np.ones((100, 100), np.bool_)))
    assert after[40:66, 60:140].min() < 0.25


def test_letters_follow_the_perspective() -> None:
    before = sign()
    after = before.copy()
    typeset_block(after, BLOCK, Place(np.array(SIGN, np.float32), 0.1, "sign"))
    changed = np.asarray((np.abs(before - after) > 0.3).any(axis=2))
    halves = (changed[:, :120], changed[:, 150:])
    left, right = (np.flatnonzero(half.any(axis=1)) for half in halves)
    assert after[changed].mean() < 0.3  # in a dark ink, by what the sign is, and not by what stands around it
    assert left.max() - left.min() > right.max() - right.min()  # the sign's left edge is the longer one
    assert right.min() > left.min()  # and it slopes down


@pytest.mark.parametrize("backing", ["board", "ribbon"])
def test_words_have_a_board_or_a_ribbon_to_stand_on(backing: Backing) -> None:
    after = meadow()
    typeset_block(after, BLOCK, Place(BOX, 0.2, "sign", backing))
    middle = after[round(0.12 * 256) : round(0.38 * 256), round(0.4 * 256) : round(0.6 * 256)]
    assert (np.abs(middle - (0.55, 0.75, 0.95)).max(axis=2) > 0.1).all()  # no sky shows through


def test_on_a_busy_background_letters_have_a_glow() -> None:
    busy = np.random.default_rng(0).uniform(0, 1, (128, 128, 3)).astype(np.float32)
    after = busy.copy()
    typeset_block(after, BLOCK, Place(BOX, 0.05, "title"))
    assert (busy != after).any(axis=2).sum() > 1.2 * _covered(after, busy)


def _covered(after: np.ndarray, before: np.ndarray) -> int:
    calm = np.ones_like(before)
    letters = calm.copy()
    typeset_block(letters, BLOCK, Place(BOX, 0.05, "title"))
    return int((letters != calm).any(axis=2).sum())


def test_wrong_words_are_painted_over_in_the_surface_s_shades() -> None:
    shaded = np.linspace(0.5, 0.9, 200, dtype=np.float32)[None, :, None] * np.ones((100, 200, 3), np.float32)
    before = shaded.copy()
    before[42:58, 60:140:3] = 0.1  # scribbles
    corners = ((0.28, 0.4), (0.72, 0.4), (0.72, 0.6), (0.28, 0.6))
    typeset_block(before, list_blocks(".", FACES["Lora"])[0], place_of_lines([corners], None))
    assert np.median(np.abs(before - shaded)[40:60, 58:142]) < 0.02


def test_a_picture_of_sixteen_bit_keeps_its_depth() -> None:
    before = np.linspace(0.2, 0.3, 256 * 256, dtype=np.float32).reshape(256, 256, 1) * np.ones(3, np.float32)
    after = before.copy()
    typeset_block(after, BLOCK, Place(BOX, 0.05, "title"))
    outside = after[150:]
    assert len(np.unique(outside)) > 20_000
