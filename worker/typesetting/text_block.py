"""Words as lines of letters: broken so that they are as large as their place allows, and drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from worker.typesetting.typefaces import Run, Typeface, open_font, split_runs

Coverage = NDArray[np.uint8]
"""(h, w), 0 to 255: how much of each pixel the letters cover."""

_REFERENCE = 128  # pixels: the size at which lines are measured
_LARGEST = 2000  # pixels of letters
_MOST_LINES = 4
_WORTH_A_LINE = 1.15  # how much larger letters must become for one more line
_WORDS_APART = 3000  # from here on (CJK) a line may break between any two letters


@dataclass(frozen=True)
class TextBlock:
    """Lines of one typeface at one size, centred."""

    lines: tuple[str, ...]
    face: Typeface
    width: float
    """Of what is drawn, in shares of the size; as ``height``."""
    height: float

    @property
    def aspect(self) -> float:
        return self.width / self.height

    def size_in(self, width: float, height: float) -> float:
        """Returns the size in pixels at which the block fills a rectangle."""
        return min(width / self.width, height / self.height, _LARGEST)


def list_blocks(text: str, face: Typeface) -> list[TextBlock]:
    """Returns the block of one line, of two lines and so on, each with its lines of about the same length."""
    return [_measure(lines, face) for lines in _breakings(text, face)]


def choose_block(blocks: Sequence[TextBlock], width: float, height: float) -> TextBlock:
    """Returns the block that is the largest in a rectangle; one line more only if that is clearly larger."""
    best = blocks[0]
    for block in blocks[1:]:
        if block.size_in(width, height) > _WORTH_A_LINE * best.size_in(width, height):
            best = block
    return best


def join_blocks(options: Sequence[Sequence[TextBlock]]) -> Sequence[TextBlock]:
    """Returns blocks of several texts below each other, from the blocks that each of them can have."""
    if len(options) == 1:
        return options[0]
    most = max(map(len, options))
    chosen = [[blocks[min(n, len(blocks) - 1)] for blocks in options] for n in range(most)]
    joined = [tuple(line for block in blocks for line in block.lines) for blocks in chosen]
    return [_measure(lines, options[0][0].face) for lines in joined]


def draw_block(block: TextBlock, size: float) -> Coverage:
    """Returns the letters at ``size`` pixels, cut to what they cover."""
    pixels = max(1, int(size))
    margin = pixels
    width = round(max(_length(line, block.face, pixels) for line in block.lines)) + 2 * margin
    step = block.face.line_height * pixels
    image = Image.new("L", (width, round(step * (len(block.lines) - 1)) + 3 * margin), 0)
    pen = ImageDraw.Draw(image)
    for n, line in enumerate(block.lines):
        x = (width - _length(line, block.face, pixels)) / 2
        for run in split_runs(line, block.face):
            font, direction = open_font(run.file, pixels), _direction(run)
            pen.text((x, 1.5 * margin + n * step), run.text, 255, font, anchor="ls", direction=direction)
            x += font.getlength(run.text, direction=direction)
    box = image.getbbox()
    return np.asarray(image.crop(box) if box else image.crop((0, 0, 1, 1)), np.uint8)


@lru_cache(maxsize=256)
def _measure(lines: tuple[str, ...], face: Typeface) -> TextBlock:
    height, width = draw_block(TextBlock(lines, face, 1, 1), _REFERENCE).shape
    return TextBlock(lines, face, width / _REFERENCE, height / _REFERENCE)


def _breakings(text: str, face: Typeface) -> Iterator[tuple[str, ...]]:
    """Yields the best lines for each number of lines: those whose longest line is the shortest."""
    words, glue = _words_of(text)
    for count in range(1, min(_MOST_LINES, len(words)) + 1):
        splits = combinations(range(1, len(words)), count - 1)
        lines = (_join(words, (0, *split, len(words)), glue) for split in splits)
        yield min(lines, key=lambda broken: max(_length(line, face, _REFERENCE) for line in broken))


def _words_of(text: str) -> tuple[list[str], str]:
    """Returns what lines are made of, and what stands between two of them in a line."""
    words = text.split()
    if len(words) == 1 and len(text) > 5 and all(ord(each) >= _WORDS_APART for each in text):
        return list(text), ""
    return words[:24] + ([" ".join(words[24:])] if len(words) > 24 else []), " "


def _join(words: Sequence[str], ends: Sequence[int], glue: str) -> tuple[str, ...]:
    return tuple(glue.join(words[start:end]) for start, end in pairwise(ends))


@lru_cache(maxsize=8192)
def _length(line: str, face: Typeface, pixels: int) -> float:
    return sum(
        open_font(run.file, pixels).getlength(run.text, direction=_direction(run))
        for run in split_runs(line, face)
    )


def _direction(run: Run) -> str:
    return "rtl" if run.is_right_to_left else "ltr"
