from __future__ import annotations

import numpy as np
import pytest

from worker.typesetting.text_block import choose_block, draw_block, join_blocks, list_blocks
from worker.typesetting.typefaces import FACES, PLAIN

OSWALD = FACES["Oswald"]


def test_words_are_broken_into_lines_of_about_one_length() -> None:
    lines = [block.lines for block in list_blocks("Happy Birthday to you", OSWALD)]
    assert lines[:3] == [
        ("Happy Birthday to you",),
        ("Happy", "Birthday to you"),
        ("Happy", "Birthday", "to you"),
    ] or lines[1] == ("Happy Birthday", "to you")
    assert all(" ".join(each) == "Happy Birthday to you" for each in lines)


def test_the_shape_of_the_place_decides_on_the_lines() -> None:
    blocks = list_blocks("Grand Opening", OSWALD)
    assert choose_block(blocks, 900, 100).lines == ("Grand Opening",)
    assert choose_block(blocks, 300, 300).lines == ("Grand", "Opening")


def test_chinese_breaks_between_letters() -> None:
    assert choose_block(list_blocks("你好世界欢迎光临", PLAIN), 200, 200).lines != ("你好世界欢迎光临",)


@pytest.mark.parametrize("size", [20, 90, 400])
def test_a_block_fills_its_room_and_is_cut_to_its_letters(size: int) -> None:
    (block,) = list_blocks("OPEN", OSWALD)
    letters = draw_block(block, size)
    assert letters.shape == pytest.approx((block.height * size, block.width * size), abs=0.04 * size + 2)
    assert all(edge.any() for edge in (letters[0], letters[-1], letters[:, 0], letters[:, -1]))
    assert block.size_in(block.width * size, 10_000) == pytest.approx(size)


def test_letters_are_drawn_at_their_size_and_not_enlarged() -> None:
    (block,) = list_blocks("H", OSWALD)
    letters = draw_block(block, 600)
    between = np.count_nonzero((letters > 0) & (letters < 255)) / letters.size
    assert between < 0.02  # grey pixels at the edges alone


def test_texts_of_one_surface_stand_below_each_other() -> None:
    blocks = join_blocks([list_blocks("SALE", OSWALD), list_blocks("All summer", OSWALD)])
    assert blocks[0].lines == ("SALE", "All summer")


def test_many_words_are_set_in_bounded_time() -> None:
    assert list_blocks(" ".join("abcdefghij" * 4)[:80], PLAIN)
