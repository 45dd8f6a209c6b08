"""What read words do to a critic's score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from functions.contract.intent_facts import IntentFacts
from worker.lettering.reading import Reading
from worker.vision.asks import list_asks
from worker.vision.protocol import Score

_LEAST, _MOST = 0.1, 0.55
"""The factor of wrong words: nothing read, and nearly right. Either is below the usual threshold."""


def count_words(score: Score, intent: IntentFacts, readings: Mapping[str, Reading | None]) -> Score:
    """Returns the score with the words that could be read among what was checked."""
    asks = list_asks(intent)
    read = {text: reading for text, reading in readings.items() if reading and ("text", text) in asks}
    if not read:
        return score
    checked = {words for text in read if (words := asks["text", text]) in score.unchecked}
    covered = score.coverage if score.value is not None else 0.0
    wrong = [reading for reading in read.values() if not reading.is_right]
    left = 1.0 if score.value is None else score.value
    for reading in wrong:
        left *= _LEAST + (_MOST - _LEAST) * reading.similarity
    return replace(
        score,
        value=left,
        reasons=(*score.reasons, *map(_reason, wrong)),
        repairs=(*score.repairs, *(f'correct the words to "{each.asked}"' for each in wrong)),
        unchecked=tuple(words for words in score.unchecked if words not in checked),
        coverage=min(1.0, covered + len(checked) / len(asks)),
    )


def _reason(reading: Reading) -> str:
    shown = f'are "{reading.read}"' if reading.read else "are not to be read"
    return f'the words "{reading.asked}" {shown}'
