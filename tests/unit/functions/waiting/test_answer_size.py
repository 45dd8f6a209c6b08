"""How many bytes an answer with pictures may have, told before anything is drawn."""

from __future__ import annotations

import pytest

from functions.contract.errors import AnswerTooLarge
from functions.waiting.answer_size import check_answer_size, check_encoded_size


@pytest.mark.parametrize(
    ("side", "count", "kind", "is_streamed"),
    [(1024, 10, "png", False), (2048, 1, "png", True), (4096, 1, "webp", False), (4096, 1, "jpeg", False)],
)
def test_what_fits(side: int, count: int, kind: str, is_streamed: bool) -> None:
    check_answer_size(side, side, count, kind, is_streamed=is_streamed)


@pytest.mark.parametrize(
    ("side", "count", "kind", "is_streamed", "advice"),
    [
        (4096, 1, "png", False, "WebP or JPEG"),
        (2048, 2, "png", True, "fewer pictures"),
        (4096, 1, "jpeg", True, "as URLs"),
    ],
)
def test_what_does_not_fit_is_told_with_what_to_ask_for(
    side: int, count: int, kind: str, is_streamed: bool, advice: str
) -> None:
    with pytest.raises(AnswerTooLarge, match=advice):
        check_answer_size(side, side, count, kind, is_streamed=is_streamed)


def test_sixteen_bits_take_twice_as_much() -> None:
    with pytest.raises(AnswerTooLarge):
        check_answer_size(2048, 2048, 2, "png", bit_depth=16)


def test_the_best_quality_takes_more() -> None:
    check_answer_size(4096, 4096, 1, "jpeg", quality=92)
    check_answer_size(4096, 4096, 1, "webp", quality=100)
    with pytest.raises(AnswerTooLarge):
        check_answer_size(4096, 4096, 1, "jpeg", quality=93)


def test_finished_pictures_are_counted_in_base64() -> None:
    check_encoded_size(24 * 2**20)
    with pytest.raises(AnswerTooLarge, match="32 MB"):
        check_encoded_size(25 * 2**20)
