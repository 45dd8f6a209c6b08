"""What a reader of words gives: lines, and how well they agree with the words that were asked for."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Protocol

from worker.engines.protocol import Picture

Corners = tuple[tuple[float, float], ...]
"""Four corners (x, y) in fractions of the sides: upper left, upper right, lower right, lower left."""

SIDES = (960, 480, 1280)
"""The sizes in pixels at which a picture is read until its words are right: at the largest one reading takes
up to 0.6 GB."""
_MOST_ENLARGED = 2
_MORE_WORDS = 2  # a reader splits words: "GRAND OPEN ING" has one more than was asked for
_SAME_ROW = 0.6  # of a line's height: nearer centres are on one row
_TYPOGRAPHY = str.maketrans(
    {"’": "'", "‘": "'", "`": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "..."}
)


@dataclass(frozen=True)
class ReadLine:
    """A line of words in a picture."""

    text: str
    corners: Corners
    confidence: float
    """From 0 to 1."""

    @property
    def centre(self) -> tuple[float, float]:
        return sum(x for x, _ in self.corners) / 4, sum(y for _, y in self.corners) / 4

    @property
    def height(self) -> float:
        (_, top_left), (_, top_right), (_, bottom_right), (_, bottom_left) = self.corners
        return (bottom_left + bottom_right - top_left - top_right) / 2


@dataclass(frozen=True)
class Reading:
    """The words of a picture that are the nearest to those asked for."""

    asked: str
    read: str | None
    """As they were read; None if the picture shows nothing like them."""
    similarity: float
    """From 0 to 1; 1 if every letter and digit is right. Case, spaces and the kind of a quotation mark or a
    dash do not count."""
    lines: tuple[ReadLine, ...] = ()
    """The lines that they stand in."""
    by: str | None = None
    """The reader's name."""

    @property
    def is_right(self) -> bool:
        return self.similarity == 1.0


class TextReader(Protocol):
    """Reads words in pictures."""

    name: str

    def can_read(self, text: str) -> bool:
        """Returns True if the reader knows every character of ``text``."""
        ...

    def read(self, picture: Picture, side: int) -> tuple[ReadLine, ...]:
        """Returns the lines of words that the picture shows, in the order in which people read.

        The networks see it with its longer side at ``side`` pixels.
        """
        ...


def plain_text(text: str) -> str:
    """Returns the text as it is compared: no marks of typography, one space between words."""
    return " ".join(unicodedata.normalize("NFKC", text.translate(_TYPOGRAPHY)).split())


def find_words(asked: str, lines: Sequence[ReadLine], by: str | None = None) -> Reading:
    """Returns the nearest run of words; at less than half of the letters right, ``read`` is None."""
    wanted = _letters_of(asked)
    words = [(word, line) for line in lines for word in line.text.split()]
    most = max(len(asked.split()) + _MORE_WORDS, 1)
    best = Reading(asked, None, 0.0, by=by)
    for start in range(len(words)):
        for end in range(start + 1, min(start + most, len(words)) + 1):
            text = " ".join(word for word, _ in words[start:end])
            similarity = _similarity(wanted, _letters_of(text))
            if similarity > max(best.similarity, 0.5):
                held = tuple(dict.fromkeys(line for _, line in words[start:end]))
                best = Reading(asked, text, similarity, held, by)
    return best


def read_asked(
    picture: Picture, texts: Sequence[str], reader: TextReader | None
) -> dict[str, Reading | None]:
    """Returns the reading of each text, the best that a size of the picture gives; None: it cannot be read.

    Small letters need a large picture, and of letters that are too large the reader sees pieces.
    """
    found: dict[str, Reading | None] = dict.fromkeys(texts)
    if reader is None:
        return found
    found |= {text: Reading(text, None, 0.0, by=reader.name) for text in found if reader.can_read(text)}
    for side in _sides_for(picture):
        wrong = [each for each in found.values() if each and not each.is_right]
        if not wrong:
            break
        lines = reader.read(picture, side)
        found |= {
            each.asked: max(each, find_words(each.asked, lines, reader.name), key=_rank) for each in wrong
        }
    return found


def _sides_for(picture: Picture) -> list[int]:
    """Returns the sizes at which a reader looks. A small picture shows no more when it is enlarged."""
    most = max(_MOST_ENLARGED * max(picture.shape[:2]), min(SIDES))
    return [side for side in SIDES if side <= most]


def _rank(reading: Reading) -> float:
    return reading.similarity


def in_reading_order(lines: Sequence[ReadLine]) -> tuple[ReadLine, ...]:
    """Returns the lines row by row, each row from left to right."""
    rows: list[list[ReadLine]] = []
    for line in sorted(lines, key=lambda line: line.centre[1]):
        above = rows[-1][0] if rows else None
        if above and line.centre[1] - above.centre[1] < _SAME_ROW * min(line.height, above.height):
            rows[-1].append(line)
        else:
            rows.append([line])
    return tuple(line for row in rows for line in sorted(row, key=lambda line: line.centre[0]))


def _letters_of(text: str) -> str:
    return plain_text(text).casefold().replace(" ", "")


def _similarity(wanted: str, read: str) -> float:
    if wanted == read:
        return 1.0
    return min(SequenceMatcher(None, wanted, read, autojunk=False).ratio(), 0.99)
