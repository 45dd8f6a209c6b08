"""A page of captioned pictures, in sections with justified rows, in Pillow's own typeface."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from worker.engines.protocol import Picture

WIDTH = 1840
_MARGIN, _GAP, _ARROW = 56, 18, 40
_TALL = 232  # of a picture, about
_MOST = 1.3  # times that
_PAPER, _INK, _FAINT, _ACCENT = (251, 248, 240), (46, 42, 56), (120, 114, 124), (214, 96, 60)
_TITLE, _HEADING, _CAPTION = 46, 27, 16
_LINE = 1.32
_ROUND = 10


@dataclass(frozen=True)
class PosterCell:
    """A picture and its caption. ``follows`` draws an arrow from the cell before it."""

    picture: Picture
    caption: str
    follows: bool = False

    @property
    def ratio(self) -> float:
        return self.picture.shape[1] / self.picture.shape[0]


@dataclass(frozen=True)
class PosterSection:
    """A title and its cells."""

    title: str
    cells: Sequence[PosterCell]


PosterBand = Sequence[PosterSection]
"""Sections side by side. A single section has as many rows as it needs; several share one row."""


def draw_poster(title: str, subtitle: str, bands: Sequence[PosterBand]) -> Image.Image:
    """Draws the page."""
    page = Image.new("RGB", (WIDTH, 40_000), _PAPER)
    pen = ImageDraw.Draw(page)
    pen.text((_MARGIN, _MARGIN), title, fill=_INK, font=_load_font(_TITLE))
    y = _MARGIN + round(_TITLE * _LINE) + 6
    pen.text((_MARGIN, y), subtitle, fill=_FAINT, font=_load_font(_CAPTION + 3))
    y += round(1.6 * _CAPTION) + _GAP
    for band in bands:
        y += _GAP + round(_HEADING * _LINE) + 10
        beginnings = {id(section.cells[0]): section.title for section in band}
        cells = [cell for section in band for cell in section.cells]
        for row in arrange_rows(cells) if len(band) == 1 else [cells]:
            y += _draw_row(page, pen, row, y, beginnings) + _GAP
    return page.crop((0, 0, WIDTH, y + _MARGIN // 2))


def arrange_rows(cells: Sequence[PosterCell]) -> list[list[PosterCell]]:
    """Arranges the cells in rows of about equal height. A cell that follows another stays in its row."""
    groups: list[list[PosterCell]] = []
    for cell in cells:
        if cell.follows and groups:
            groups[-1].append(cell)
        else:
            groups.append([cell])
    best: list[tuple[float, list[list[PosterCell]]]] = [(0.0, [])]
    for end in range(1, len(groups) + 1):
        options: list[tuple[float, list[list[PosterCell]]]] = []
        for start in range(end):
            row = [cell for group in groups[start:end] for cell in group]
            cost, before = best[start]
            options.append((cost + log(_full_height(row) / _TALL) ** 2, [*before, row]))
        best.append(min(options, key=lambda option: option[0]))
    return best[-1][1]


def _full_height(row: Sequence[PosterCell]) -> float:
    """Returns the height at which the row is as wide as the page."""
    return (WIDTH - 2 * _MARGIN - _gaps(row)) / sum(cell.ratio for cell in row)


def _gaps(row: Sequence[PosterCell]) -> int:
    return sum(_ARROW if cell.follows else _GAP for cell in row[1:])


def _draw_row(
    page: Image.Image, pen: ImageDraw.ImageDraw, row: Sequence[PosterCell], y: int, titles: Mapping[int, str]
) -> int:
    """Draws a row with its top at ``y``, and a title above each cell that has one. Returns its height."""
    tall = min(round(_full_height(row)), round(_MOST * _TALL))
    x, lines = _MARGIN, 0
    for n, cell in enumerate(row):
        if n:
            x += _ARROW if cell.follows else _GAP
        if cell.follows:
            _draw_arrow(pen, x - _ARROW // 2, y + tall // 2)
        if title := titles.get(id(cell)):
            pen.text((x, y - round(_HEADING * _LINE) - 10), title, fill=_ACCENT, font=_load_font(_HEADING))
        wide = round(tall * cell.ratio)
        _paste_picture(page, cell.picture, x, y, wide, tall)
        lines = max(lines, _write_caption(pen, cell.caption, x, y + tall + 8, wide))
        x += wide
    return tall + 8 + round(lines * _CAPTION * _LINE)


def _paste_picture(page: Image.Image, picture: Picture, x: int, y: int, wide: int, tall: int) -> None:
    smaller = picture.shape[0] > tall
    method = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    sized = np.clip(cv2.resize(picture, (wide, tall), interpolation=method), 0, 1)
    corners = Image.new("L", (4 * wide, 4 * tall), 0)
    ImageDraw.Draw(corners).rounded_rectangle((0, 0, 4 * wide - 1, 4 * tall - 1), 4 * _ROUND, fill=255)
    levels = np.rint(sized * 255).astype(np.uint8)
    page.paste(Image.fromarray(levels), (x, y), corners.resize((wide, tall), Image.Resampling.LANCZOS))


def _write_caption(pen: ImageDraw.ImageDraw, text: str, x: int, y: int, wide: int) -> int:
    """Writes the words in lines that fit. Returns the number of lines."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and _load_font(_CAPTION).getlength(longer) > wide:
            lines.append(word)
        else:
            lines[-1] = longer
    for n, line in enumerate(lines):
        pen.text((x, y + round(n * _CAPTION * _LINE)), line, fill=_INK, font=_load_font(_CAPTION))
    return len(lines)


def _draw_arrow(pen: ImageDraw.ImageDraw, x: int, y: int) -> None:
    pen.line((x - 10, y, x + 8, y), fill=_ACCENT, width=3)
    pen.polygon(((x + 12, y), (x + 3, y - 7), (x + 3, y + 7)), fill=_ACCENT)


@lru_cache(maxsize=8)
def _load_font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=size)
