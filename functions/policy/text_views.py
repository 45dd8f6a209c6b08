"""The ways in which a text may be read. A term is found if it stands in any of them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from operator import itemgetter

from .folding import fold, with_spaces_for_invisible, without_leet

_BLANKS = re.compile(r"[^\S\n]+")
_HYPHENS = re.compile(r"[-_'’‐‑・]")
_STOPS = re.compile(r"[^\w \u0900-\u0903\u093a-\u094f\u0962\u0963]")  # Hindi's vowel signs are no \w
_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # kana and Chinese characters
_UNSPACED = re.compile(f"[{_IDEOGRAPHS}]")
_INSIDE_WORDS = re.compile(r"(?<=[^\W_])(?:[^\w\s]|_)+(?=[^\W_])")
# "p oo r n" as well. Nothing follows the chain in the pattern: what may not end it is cut off afterwards,
# as a pattern that went back through the chain would do so again from each of its letters.
_SPELT = re.compile(r"(?<!\w)([^\W_])\1*(?![^\W_])(?:[\W_]{1,3}([^\W_])\2*(?![^\W_])){2,}")
_REST_OF_A_WORD = re.compile(r"[@$!|¡€£¥¢]*[^\W_]")
_AN_A = re.compile(r"(?<!\w)a(?= \w(?!\w))")  # "a n u d e" is an article, and a word that is spelt out
_GAP = re.compile(r"[\W_]+")
_ARTICLE = re.compile(r"(?<!\w)(?:[وفبكل]?ال|لل|[وفبل](?=\w{3}))(?=\w{2})")


@dataclass(frozen=True)
class TextView:
    """A text as words with one space around each: ``letters`` has no letter twice in a row.

    ``runs[n]`` is how often letter n was written in a row, so that "booob" still differs from "bob". Digits
    and ideographs are never counted together. A space with a run of one is only that, or a hyphen; a comma or
    any other sign between two words makes it longer.
    """

    letters: str
    runs: tuple[int, ...]


def view_of(text: str) -> TextView:
    """Returns one reading of a folded ``text``."""
    words = _STOPS.sub("  ", _HYPHENS.sub(" ", _BLANKS.sub(" ", text)))
    spaced = f" {words.strip()} ".replace("l", "i")
    letters: list[str] = []
    runs: list[int] = []
    for letter in spaced:
        if letters and letter == letters[-1] and _is_repeatable(letter):
            runs[-1] += 1
        else:
            letters.append(letter)
            runs.append(1)
    return TextView("".join(letters), tuple(runs))


def _is_repeatable(letter: str) -> bool:
    return letter == " " or (letter.isalpha() and not _UNSPACED.match(letter))


def views_of(text: str) -> tuple[TextView, ...]:
    """Returns every reading of ``text`` that differs from the others."""
    plain = tuple(fold(each) for each in dict.fromkeys((text, with_spaces_for_invisible(text))))
    readings = dict.fromkeys((*plain, *map(without_leet, plain)))
    for reading in tuple(readings):
        spelt = join_spelt_letters(reading)
        readings |= dict.fromkeys(
            (
                _INSIDE_WORDS.sub("", reading),
                spelt,
                without_leet(spelt),
                join_spelt_letters(_AN_A.sub(" ", reading)),
                _ARTICLE.sub("", reading),
                _ARTICLE.sub("", spelt),
            )
        )
    return tuple(dict.fromkeys(view_of(reading) for reading in readings))


def join_spelt_letters(text: str) -> str:
    """Joins letters that are spelt out one by one to words: "p o r n", "p.o.r.n" and "色 情" too."""
    return _SPELT.sub(_join_spelt, text)


def _join_spelt(found: re.Match[str]) -> str:
    """Removes the most frequent sign between the letters; any other sign separates two words.

    Where no sign occurs twice nothing is spelt out: "a e||a" is a word and one with signs for letters.
    """
    end = _end_of_spelt(found)
    spelt, rest = found.string[found.start() : end], found.string[end : found.end()]
    inside, times = max(Counter(_GAP.findall(spelt)).items(), key=itemgetter(1), default=("", 0))
    if times < 2:
        return found[0]
    return _GAP.sub(lambda gap: "" if gap[0] == inside else _as_gap(gap[0]), spelt) + rest


def _end_of_spelt(found: re.Match[str]) -> int:
    """Returns where the spelt-out letters end: the "h" of "h@nd" is not one of them, it begins a word."""
    end = found.end()
    for gap in reversed(tuple(_GAP.finditer(found.string, found.start(), end))):
        if not _REST_OF_A_WORD.match(found.string, end):
            return end
        end = gap.start()
    return end


def _as_gap(gap: str) -> str:
    """Returns a space. Other signs stay beside it, because a name does not continue behind a comma."""
    return " " if gap.isspace() else f" {gap} "


def has_ideographs(text: str) -> bool:
    """Returns True if ``text`` has kana or Chinese characters, which are written without spaces
    between words.
    """
    return bool(_UNSPACED.search(text))
