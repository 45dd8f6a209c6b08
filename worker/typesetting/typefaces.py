"""The typefaces of typeset words: those of surfaces, and Noto Sans for what they lack.

They are under the SIL Open Font License; ``tools/vendored_npm.json`` has their versions and hashes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

_FONTS = files("worker.typesetting") / "fonts"
_NOTO = (
    "NotoSans-Bold.ttf",
    "NotoSansHebrew-Bold.woff2",
    "NotoSansArabic-Bold.woff2",
    "NotoSansThai-Bold.woff2",
)
_HAN = ("NotoSansSC-Bold.woff2", "NotoSansJP-Bold.woff2", "NotoSansKR-Bold.woff2")
_JAPANESE = ("NotoSansJP-Bold.woff2", "NotoSansSC-Bold.woff2", "NotoSansKR-Bold.woff2")
_KEPT = 64  # fonts at a size that stay open: 0.1 to 3 MB each
_PROBE = 32  # pixels: the size at which a font is asked for its characters
_ABSENT = "\U0010fffe"  # no font has it: every font shows its own sign for a character that it lacks
_RIGHT_TO_LEFT = ("R", "AL")


@dataclass(frozen=True)
class Typeface:
    """A font, and how it is set."""

    name: str
    file: str
    line_height: float = 1.15
    """Of the size."""


PLAIN = Typeface("Noto Sans", "NotoSans-Bold.ttf", 1.2)
SERIF = Typeface("Lora", "Lora-Bold.ttf", 1.15)
FACES = {
    face.name: face
    for face in (
        PLAIN,
        SERIF,
        Typeface("Oswald", "Oswald-SemiBold.ttf", 1.12),
        Typeface("Pacifico", "Pacifico-Regular.ttf", 1.3),
        Typeface("Fredoka", "Fredoka-SemiBold.ttf", 1.1),
    )
}
"""The typefaces of surfaces, by name."""


@dataclass(frozen=True)
class Run:
    """A piece of a line that one font sets, in one direction."""

    text: str
    file: str
    is_right_to_left: bool = False


@lru_cache(maxsize=_KEPT)
def open_font(file: str, size: int) -> ImageFont.FreeTypeFont:
    """Returns a font at ``size`` pixels. raqm shapes the letters."""
    return ImageFont.truetype(BytesIO((_FONTS / file).read_bytes()), size)


@lru_cache(maxsize=4096)
def has_glyph(file: str, character: str) -> bool:
    """Returns True if the font draws the character, or draws nothing for it because nothing is to be seen."""
    if character.isspace() or unicodedata.category(character) in ("Cf", "Mn"):
        return True
    font = _probe(file)
    shown = _drawing(font, character)
    return any(shown) and shown != _drawing(font, _ABSENT)


def missing_characters(text: str) -> str:
    """Returns the characters of ``text`` that no font here has, each once."""
    every = (*_NOTO, *_HAN)
    lacking = [each for each in text if not any(has_glyph(file, each) for file in every)]
    return "".join(dict.fromkeys(lacking))


def choose_face(text: str, wanted: Typeface) -> Typeface:
    """Returns the wanted typeface if it has all of the text, else the plain one."""
    return wanted if all(has_glyph(wanted.file, each) for each in text) else PLAIN


def split_runs(line: str, face: Typeface) -> list[Run]:
    """Returns the runs of a line from left to right, as they stand in the picture.

    Each script has a font of its own. Where the line begins from right to left, so do its pieces.
    """
    order = [face.file, *_NOTO, *(_JAPANESE if any("\u3040" <= each <= "\u30ff" for each in line) else _HAN)]
    pieces = [list(_by_font(text, is_rtl, order)) for text, is_rtl in _directed(line)]
    shown = [piece[::-1] if piece[0].is_right_to_left else piece for piece in pieces]
    return [run for piece in (shown[::-1] if _begins_right_to_left(line) else shown) for run in piece]


def _by_font(text: str, is_rtl: bool, order: list[str]) -> Iterator[Run]:
    """Yields runs of one font each; a mark stays with its letter, and a space with what stands before it."""
    pieces: list[tuple[str, str]] = []
    for character in text:
        is_bound = character.isspace() or unicodedata.category(character) in ("Cf", "Mn", "Mc")
        file = (
            pieces[-1][1]
            if pieces and is_bound
            else next((file for file in order if has_glyph(file, character)), order[0])
        )
        if pieces and pieces[-1][1] == file:
            pieces[-1] = (pieces[-1][0] + character, file)
        else:
            pieces.append((character, file))
    for piece, file in pieces:
        yield Run(piece, file, is_rtl)


def _directed(line: str) -> Iterator[tuple[str, bool]]:
    """Yields the pieces of a line that run in one direction. What has none belongs to the piece before it."""
    base = _begins_right_to_left(line)
    piece, is_rtl = "", base
    for character in line:
        kind = unicodedata.bidirectional(character)
        here = True if kind in _RIGHT_TO_LEFT else False if kind in ("L", "EN", "AN") else is_rtl
        if here != is_rtl and piece:
            yield piece, is_rtl
            piece = ""
        piece, is_rtl = piece + character, here
    if piece:
        yield piece, is_rtl


def _begins_right_to_left(line: str) -> bool:
    kinds = (unicodedata.bidirectional(each) for each in line)
    return next((kind in _RIGHT_TO_LEFT for kind in kinds if kind in ("L", *_RIGHT_TO_LEFT)), False)


def _drawing(font: ImageFont.FreeTypeFont, character: str) -> bytes:
    image = Image.new("L", (3 * _PROBE, 3 * _PROBE))
    ImageDraw.Draw(image).text((_PROBE, _PROBE), character, 255, font)
    return image.tobytes()


@lru_cache(maxsize=32)
def _probe(file: str) -> ImageFont.FreeTypeFont:
    data = BytesIO((_FONTS / file).read_bytes())
    return ImageFont.truetype(data, _PROBE, layout_engine=ImageFont.Layout.BASIC)
