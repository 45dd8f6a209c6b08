from __future__ import annotations

import pytest

from worker.lettering.reading import Reading
from worker.lettering.words_score import count_words
from worker.prompt_intent.intent_rules import read_intent
from worker.vision.protocol import Score

INTENT = read_intent('a red boat with a sign that says "OPEN"')  # subject, colour, words
WORDS = 'the words "OPEN"'
SEEN = Score(1.0, "critic", unchecked=(WORDS,), coverage=2 / 3)


def test_right_words_are_checked() -> None:
    score = count_words(SEEN, INTENT, {"OPEN": Reading("OPEN", "OPEN", 1.0)})
    assert score.reported == pytest.approx(1.0)
    assert (score.unchecked, score.reasons) == ((), ())


def test_wrong_words_are_a_fault_below_the_usual_threshold() -> None:
    nearly = count_words(SEEN, INTENT, {"OPEN": Reading("OPEN", "OPNE", 0.9)})
    nothing = count_words(SEEN, INTENT, {"OPEN": Reading("OPEN", None, 0.0)})
    assert nothing.rank < nearly.rank < 0.6
    assert nearly.reasons == ('the words "OPEN" are "OPNE"',)
    assert nothing.reasons == ('the words "OPEN" are not to be read',)
    assert nearly.repairs == ('correct the words to "OPEN"',)
    assert nearly.unchecked == ()


def test_words_that_cannot_be_read_stay_unchecked() -> None:
    assert count_words(SEEN, INTENT, {"OPEN": None}) == SEEN


def test_where_nothing_else_could_be_checked_the_words_are_the_score() -> None:
    nothing = Score(None, "rules", unchecked=("unicorn", WORDS))
    intent = read_intent('"OPEN"', scenes_only=True).model_copy(update={"unrecognized": ("unicorn",)})
    score = count_words(nothing, intent, {"OPEN": Reading("OPEN", "OPEN", 1.0)})
    assert score.reported == pytest.approx(0.5)
    assert score.unchecked == ("unicorn",)
