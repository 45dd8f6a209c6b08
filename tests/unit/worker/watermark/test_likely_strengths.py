"""The first strength that is tried is the faintest that probably lasts."""

from __future__ import annotations

from typing import Any

import pytest

from worker.watermark.informed_embedding import deviation_at
from worker.watermark.watermarker import FAINTER, LIKELY, STRENGTHS, likely_strengths

ALL = (*FAINTER, *STRENGTHS)


class ForeseenEmbedding:
    """An embedding whose mark lasts from the deviation of ``faintest`` decibels on."""

    def __init__(self, faintest: float) -> None:
        self._least = deviation_at(faintest)
        self.rounds = 0

    def improve(self, deviation: float) -> None:
        self.rounds += 1

    def foresee_score(self, deviation: float) -> float:
        return LIKELY + (0.01 if deviation >= self._least else -0.01)


@pytest.mark.parametrize("n", range(len(ALL)))
def test_a_plain_picture_begins_with_the_faintest_that_lasts(n: int) -> None:
    embedding: Any = ForeseenEmbedding(ALL[n])
    assert likely_strengths(embedding, ALL) == ALL[n:]
    assert embedding.rounds == 1


def test_where_none_lasts_the_strongest_is_left() -> None:
    embedding: Any = ForeseenEmbedding(30.0)
    assert likely_strengths(embedding, ALL) == ALL[-1:]


def test_another_picture_is_tried_at_all_of_its_strengths() -> None:
    embedding: Any = ForeseenEmbedding(30.0)
    assert likely_strengths(embedding, STRENGTHS) == STRENGTHS
