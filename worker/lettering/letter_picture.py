"""Writes the quoted words of a prompt into a picture, and reads them there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from functions.contract.manifest import LetteringFacts
from functions.contract.region import Region
from worker.engines.protocol import Mask, Picture
from worker.lettering.reading import Reading, TextReader, read_asked
from worker.typesetting.places import Place, Wanted, find_place, place_in_region, place_of_lines
from worker.typesetting.surface_words import Surface, find_surface
from worker.typesetting.text_block import TextBlock, choose_block, join_blocks, list_blocks
from worker.typesetting.typefaces import SERIF, choose_face, missing_characters
from worker.typesetting.typesetter import typeset_block
from worker.vision.protocol import Finder

MAX_TEXTS = 6
"""Quoted words of a picture that are written; the reader of prompts takes at most 80 characters each."""
MAX_CHARACTERS = 80


@dataclass(frozen=True, kw_only=True)
class Lettering:
    """What is to be written."""

    texts: Sequence[str]
    prompt: str
    """As the caller wrote it: it names the surfaces."""
    by_model: bool
    """True if the model has written them, as far as it can."""
    is_mended: bool
    """True if the model's wrong words are replaced."""
    region: Region | None = None
    free: Mask | None = None
    """Where the picture may change; None: everywhere."""
    has_panels: bool = True
    """False if the picture's model draws no signs and no banners."""


@dataclass(frozen=True)
class LetteredWords:
    """Words of a finished picture."""

    facts: LetteringFacts
    reading: Reading | None


@dataclass(frozen=True)
class _Setting:
    """Words that were typeset together, at one place."""

    block: TextBlock
    place: Place


def letter_picture(
    picture: Picture, asked: Lettering, finder: Finder, reader: TextReader | None
) -> tuple[Picture, list[LetteredWords]]:
    """Returns the picture with its words, float32 (H, W, 3), and what became of each of them."""
    first = read_asked(picture, asked.texts, reader) if asked.by_model else dict.fromkeys(asked.texts)
    wrong = [text for text, reading in first.items() if not asked.by_model or _is_wrong(reading)]
    problems = {text: problem for n, text in enumerate(asked.texts) if (problem := _problem(n, text))}
    settable = [text for text in wrong if text not in problems]
    if not settable or (asked.by_model and not asked.is_mended):
        told = problems if not asked.by_model else {}
        return picture, [_words(text, asked, first[text], None, told.get(text)) for text in first]
    lettered, placed = _typeset(picture, settable, asked, finder, first)
    last = read_asked(lettered, asked.texts, reader)
    unread = [text for text, setting in placed.items() if setting.place.is_found and _is_wrong(last[text])]
    if unread:  # what was taken for a surface is none that can be read
        lettered, placed = _typeset(picture, settable, asked, finder, first, calm=unread)
        last = read_asked(lettered, asked.texts, reader)
    problems |= {text: "there is no room for the words" for text in settable if text not in placed}
    return lettered, [
        _words(text, asked, last[text], placed.get(text), problems.get(text) if text in wrong else None)
        for text in first
    ]


def _typeset(
    picture: Picture,
    texts: Sequence[str],
    asked: Lettering,
    finder: Finder,
    readings: dict[str, Reading | None],
    calm: Collection[str] = (),
) -> tuple[Picture, dict[str, _Setting]]:
    """Returns a copy of the picture with the words, and where each of them stands.

    The words of one surface stand together. Those of ``calm`` are set in a calm place.
    """
    lettered, settings = picture.copy(), dict[str, _Setting]()
    for group, surface in _by_surface(texts, asked):
        face = choose_face(" ".join(group), surface.face if surface else SERIF)
        blocks = join_blocks([list_blocks(text, face) for text in group])
        lines = [line.corners for text in group if (reading := readings[text]) for line in reading.lines]
        if asked.region is not None:
            place = place_in_region(asked.region)
        elif lines:
            place = place_of_lines(lines, surface)
        else:
            wanted = Wanted(surface, asked.has_panels, is_calm=not set(calm).isdisjoint(group))
            taken = [setting.place for setting in settings.values()]
            place = find_place(picture, blocks, wanted, finder, asked.free, taken)
        if place is None:
            continue
        block = choose_block(blocks, *place.room_in(*picture.shape[1::-1]))
        typeset_block(lettered, block, place)
        settings |= dict.fromkeys(group, _Setting(block, place))
    if asked.free is not None:
        lettered[asked.free == 0] = picture[asked.free == 0]
    return lettered, settings


def _by_surface(texts: Sequence[str], asked: Lettering) -> list[tuple[list[str], Surface | None]]:
    """Returns the words of each surface; all words go into the region of the request, if it has one."""
    groups: dict[str | None, tuple[list[str], Surface | None]] = {}
    for text in texts:
        surface = find_surface(asked.prompt, text)
        key = surface.name if surface and asked.region is None else None
        groups.setdefault(key, ([], surface))[0].append(text)
    return list(groups.values())


def _problem(n: int, text: str) -> str | None:
    """Returns why words cannot be typeset."""
    if n >= MAX_TEXTS:
        return f"at most {MAX_TEXTS} quotations of a picture are typeset"
    if len(text) > MAX_CHARACTERS:
        return f"at most {MAX_CHARACTERS} characters of a quotation are typeset"
    missing = missing_characters(text)
    return f"no font here has the characters {missing}" if missing else None


def _is_wrong(reading: Reading | None) -> bool:
    """Returns True for words that were read otherwise; those that cannot be read are left to the model."""
    return reading is not None and not reading.is_right


def _words(
    text: str, asked: Lettering, reading: Reading | None, setting: _Setting | None, problem: str | None
) -> LetteredWords:
    by_model = asked.by_model and reading is not None and reading.read is not None
    facts = LetteringFacts(
        text=text,
        method="typeset" if setting else "model" if by_model else None,
        surface=setting.place.surface if setting else None,
        box=setting.place.box if setting else None,
        font=setting.block.face.name if setting else None,
        read=reading.read if reading else None,
        similarity=round(reading.similarity, 4) if reading else None,
        matches=reading.is_right if reading else None,
        by=reading.by if reading else None,
        problem=problem,
    )
    return LetteredWords(facts, reading)
