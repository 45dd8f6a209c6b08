"""Folds texts that read the same to one spelling. Each step is a function from text to text that hides
nothing.

The steps follow Unicode's NFKC and case folding (UAX #15), its default ignorable characters, and UTS #39.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Literal

from .confusables import ARABIC, CAPITALS, LEET, SMALL

Step = Callable[[str], str]

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3\U000e0000-\U000e0fff]"
)
"""Zero-width characters, direction marks, variation selectors, fillers, tags: all are default ignorable."""

_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u093c\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
"""Accents and overlays, the Arabic vowels and stretching, the Hindi nukta. A matra is a vowel, and stays."""

_KATAKANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}  # to hiragana
_LEET_WORD = re.compile(r"[\w@$€£¥¢]+(?:[!|¡]+[\w@$€£¥¢]+)*")
_FOREIGN_DIGIT = re.compile(r"[^\D0-9]")
# 12yo and 1080p are what they are, 12yyooo too. Without (?!\1) a long run of one letter could be divided
# among the four in very many ways, and all of them would be tried.
_AGE_OR_UNIT = re.compile(r"\d+(?:([a-z])\1*(?!\1)){0,4}\Z")
_LETTER = re.compile(r"[^\W\d_]")
_MARKS_IN_A_ROW = 30  # as UAX #15's stream-safe format has it
_MANY_MARKS = re.compile(rf"[^\w\x00-\x7f]{{{_MARKS_IN_A_ROW + 1},}}")


def normalized(form: Literal["NFC", "NFD", "NFKC"], text: str) -> str:
    """Returns ``text`` in ``form``, with no more marks in a row than any language has.

    Normalization sorts the marks, which takes time that grows with the square of their number.
    """
    return unicodedata.normalize(form, _MANY_MARKS.sub(_with_fewer_marks, text))


def _with_fewer_marks(signs: re.Match[str]) -> str:
    kept: list[str] = []
    in_a_row = 0
    for sign in signs[0]:
        in_a_row = in_a_row + 1 if unicodedata.combining(sign) else 0
        if in_a_row <= _MARKS_IN_A_ROW:
            kept.append(sign)
    return "".join(kept)


def to_compatible(text: str) -> str:
    """Replaces full-width, mathematical, circled and small letters by plain ones, and digits by 0 to 9."""
    plain = normalized("NFKC", text.translate(CAPITALS))
    return _FOREIGN_DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), plain)


def without_invisible(text: str) -> str:
    """Removes invisible characters."""
    return _INVISIBLE.sub("", text)


def with_spaces_for_invisible(text: str) -> str:
    """Replaces each invisible character by a space: it may stand between two words."""
    return _INVISIBLE.sub(" ", text)


def to_caseless(text: str) -> str:
    """Removes the differences of upper and lower case."""
    return to_compatible(to_compatible(text).casefold())


def without_accents(text: str) -> str:
    """Removes accents; Hindi keeps its vowels and Japanese its voicing."""
    return normalized("NFC", _MARKS.sub("", normalized("NFD", text)))


def to_latin_lookalikes(text: str) -> str:
    """Replaces letters of other scripts by the Latin letter that they look like."""
    return text.translate(SMALL)


def to_one_keyboard(text: str) -> str:
    """Writes Arabic letters that are typed differently, and the two kana, in one way."""
    return text.translate(ARABIC).translate(_KATAKANA)


def without_leet(text: str) -> str:
    """Replaces digits and signs inside a word by the letters that they stand for; numbers stay numbers."""
    return _LEET_WORD.sub(_unleeted_word, text)


def _unleeted_word(found: re.Match[str]) -> str:
    word = found[0]
    if _AGE_OR_UNIT.match(word) or not _LETTER.search(word):
        return word
    return word.translate(LEET)


STEPS: tuple[Step, ...] = (
    to_compatible,
    without_invisible,
    to_caseless,
    without_accents,
    to_latin_lookalikes,
    to_one_keyboard,
)
"""What every text goes through, and every term of the policy."""


def fold(text: str) -> str:
    """Returns ``text`` after all of STEPS; folding twice changes nothing more."""
    if text.isascii():
        return text.lower()  # all that the steps change of it
    for step in STEPS:
        text = step(text)
    return text
