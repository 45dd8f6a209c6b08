"""The notation of terms in policy files, and the patterns that it expands to.

"(fake|forged) passport" is two terms; "porn*" is every word that begins so; "{age} years old" is a term for
each age of a minor. Case, accents and everything else that ``folding`` removes need not be written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from operator import ge

from .folding import fold
from .text_views import has_ideographs, view_of

_AGES = tuple(str(age) for age in range(18))
_AGES_IN_WORDS = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
)
_STEM = "*"
_LIKE_IDEOGRAPHS = frozenset({"zh", "ja"})
_FORBIDDEN = re.compile(r"[(){}|*]")


@dataclass(frozen=True)
class TermPattern:
    """A term as it is looked for in the letters of a TextView, and how often each letter must be repeated.

    Where words are written with spaces the pattern begins with one, and ends with one unless it is a stem.
    """

    letters: str
    runs: tuple[int, ...]

    def is_written(self, runs: tuple[int, ...]) -> bool:
        """Returns True if every letter is repeated at least as often as in the term."""
        return all(map(ge, runs, self.runs))

    def is_named(self, runs: tuple[int, ...]) -> bool:
        """Returns True if every letter is repeated exactly as in the name: stretched, it is another name."""
        return runs[1:-1] == self.runs[1:-1]


def patterns_of(term: str, language: str) -> Iterator[TermPattern]:
    """Yields every pattern that ``term`` stands for. Raises ValueError for one that is not well written."""
    for plain in _with_ages(term):
        for one in _expand_groups(plain):
            yield _pattern_of(one, language)


def _with_ages(term: str) -> Iterator[str]:
    if "{age}" not in term:
        yield term
        return
    for age in (*_AGES, *_AGES_IN_WORDS):
        yield term.replace("{age}", age)


def _expand_groups(term: str) -> Iterator[str]:
    """Yields the terms without groups that a term with groups stands for, the innermost group first."""
    group = re.search(r"\(([^()]*)\)", term)
    if group is None:
        yield term
        return
    for choice in group[1].split("|"):
        yield from _expand_groups(term[: group.start()] + choice + term[group.end() :])


def _pattern_of(term: str, language: str) -> TermPattern:
    stem = term.endswith(_STEM)
    words = term.removesuffix(_STEM)
    if _FORBIDDEN.search(words):
        raise ValueError(f"the term {term!r} is not well written: see {__name__}")
    seen = view_of(fold(words))
    if not seen.letters.strip():
        raise ValueError("a term must have a letter")
    begins, ends = 0, len(seen.letters)
    if language in _LIKE_IDEOGRAPHS and has_ideographs(words):
        begins, ends = 1, ends - 1
    elif stem:
        ends -= 1
    return TermPattern(seen.letters[begins:ends], seen.runs[begins:ends])
