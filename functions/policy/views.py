"""The ways in which a text may be read. A term is found if it stands in any of them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from .folding import folded, unleeted

_WORD = re.compile(r"[\w\u0900-\u0903\u093a-\u094f\u0962\u0963]+")  # Hindi's vowel signs are no \w
_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # kana and Chinese characters
_UNSPACED = re.compile(f"[{_IDEOGRAPHS}]")
_INSIDE_WORDS = re.compile(r"(?<=[^\W_])(?:[^\w\s]|_)+(?=[^\W_])")
# "p oo r n" as well; but the "h" of "h@nd" is not spelt out, it begins a word.
_SPELT = re.compile(r"(?<!\w)([^\W_])\1*(?:[\W_]{1,3}([^\W_])\2*){2,}(?![@$!|¡€£¥¢]*\w)")
_AN_A = re.compile(r"(?<!\w)a(?= \w(?!\w))")  # "a n u d e" is an article, and a word that is spelt out
_GAP = re.compile(r"[\W_]+")
_ARTICLE = re.compile(r"(?<!\w)(?:[وفبكل]?ال|لل|[وفبل](?=\w{3}))(?=\w{2})")


@dataclass(frozen=True)
class View:
    """A text as words with one space around each: ``letters`` has no letter twice in a row.

    ``runs[n]`` is how often letter n was written in a row, so that "booob" still differs from "bob". Digits
    and ideographs are never counted together.
    """

    letters: str
    runs: tuple[int, ...]


def view(text: str) -> View:
    """One reading of a folded ``text``."""
    spaced = f" {' '.join(_WORD.findall(text.replace('_', ' ')))} ".replace("l", "i")
    letters: list[str] = []
    runs: list[int] = []
    for letter in spaced:
        if letters and letter == letters[-1] and _repeats(letter):
            runs[-1] += 1
        else:
            letters.append(letter)
            runs.append(1)
    return View("".join(letters), tuple(runs))


def _repeats(letter: str) -> bool:
    return letter == " " or (letter.isalpha() and not _UNSPACED.match(letter))


def views(text: str) -> tuple[View, ...]:
    """Every reading of ``text`` that differs from the others."""
    plain = folded(text)
    readings = dict.fromkeys((plain, unleeted(plain)))
    for reading in tuple(readings):
        spelt = together(reading)
        readings |= dict.fromkeys(
            (
                _INSIDE_WORDS.sub("", reading),
                spelt,
                unleeted(spelt),
                together(_AN_A.sub(" ", reading)),
                _ARTICLE.sub("", reading),
                _ARTICLE.sub("", spelt),
            )
        )
    return tuple(dict.fromkeys(view(reading) for reading in readings))


def together(text: str) -> str:
    """Letters that are spelt out one by one are words again: "p o r n", "p.o.r.n" and "色 情" too."""
    return _SPELT.sub(_joined, text)


def _joined(found: re.Match[str]) -> str:
    """The sign that is most between the letters belongs there; any other one is between two words.

    Where none is there twice nothing is spelt out: "a e||a" is a word and one with signs for letters.
    """
    inside, times = Counter(_GAP.findall(found[0])).most_common(1)[0]
    if times == 1:
        return found[0]
    return _GAP.sub(lambda gap: "" if gap[0] == inside else " ", found[0])


def is_unspaced(text: str) -> bool:
    """Whether ``text`` has kana or Chinese characters, which are written without spaces between words."""
    return bool(_UNSPACED.search(text))
