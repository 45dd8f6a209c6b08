"""A model that writes, one that cannot, and one that writes badly."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from functions.contract.manifest import LetteringFacts
from tests.unit.worker.stages.making import tools, work
from tests.unit.worker.typesetting.scenes import meadow, sign
from worker.engines.mock import MockEngine
from worker.engines.protocol import Brief, Encoded
from worker.lettering.letter_picture import Lettering, letter_picture
from worker.lettering.ocr_reader import OcrReader
from worker.lettering.reading import ReadLine
from worker.stages.correct import correct
from worker.stages.diffuse import diffuse
from worker.stages.encode import encode
from worker.stages.intent import intent
from worker.stages.lettering import has_quoted_words, lettering
from worker.stages.tools import IntakeTools
from worker.stages.work import PictureInProgress, Work
from worker.typesetting.places import Place
from worker.typesetting.text_block import list_blocks
from worker.typesetting.typefaces import FACES
from worker.typesetting.typesetter import typeset_block
from worker.vision.contrast_finder import ContrastFinder

READER = OcrReader()
PROMPT = 'a meadow with a sign that says "OPEN"'
SIDE = 256
BOARD = np.array([(0.2, 0.1), (0.8, 0.1), (0.8, 0.4), (0.2, 0.4)], np.float32)


class Scribe(MockEngine):
    """Draws a meadow with a board on which it writes these words, one after the other."""

    writes: bool | None = True

    def __init__(self, *words: str) -> None:
        super().__init__()
        self._words = list(words)
        self.briefs: list[Brief] = []
        self.drawings = 0

    def native_size(self, width: int, height: int) -> tuple[int, int]:
        return width, height

    def encode(self, brief: Brief) -> Encoded:
        self.briefs.append(brief)
        return super().encode(brief)

    def diffuse(self, encoded: Encoded, seed: int, on_step: object) -> np.ndarray:
        del on_step, seed
        self.drawings += 1
        picture = meadow(encoded.width)
        word = self._words[min(self.drawings, len(self._words)) - 1] if self._words else ""
        if word:
            (block, *_) = list_blocks(word, FACES["Oswald"])
            typeset_block(picture, block, Place(BOARD, 0.2, "sign", "board"))
        return picture


def draw(scribe: Scribe, *, attempts: int = 1, reads: bool = True, **request: object) -> Work:
    kit = replace(tools(scribe), reader=READER if reads else None)
    fields: dict[str, Any] = {"prompt": PROMPT, "correction": {"attempts": attempts}, **request}
    asked = work(SIDE, SIDE, **fields)
    return lettering(correct(diffuse(encode(intent(asked, IntakeTools()), kit), kit), kit), kit)


def words_of(done: Work) -> LetteringFacts:
    [facts] = done.pictures[0].lettering
    return facts


@pytest.mark.slow
def test_what_the_model_writes_is_read_and_counts() -> None:
    done = draw(Scribe("OPEN"))
    assert words_of(done) == LetteringFacts(
        text="OPEN", method="model", read="OPEN", similarity=1.0, matches=True, by="pp-ocrv6"
    )
    [attempt] = done.pictures[0].attempts
    assert attempt.unchecked == ("meadow", "sign") or 'the words "OPEN"' not in attempt.unchecked


@pytest.mark.slow
def test_wrong_words_are_drawn_again_until_they_are_right() -> None:
    scribe = Scribe("OPNE", "OPEN")
    scribe.follows_instructions = False
    done = draw(scribe, attempts=4)
    assert scribe.drawings == 2
    first, second = done.pictures[0].attempts
    assert first.reasons == ('the words "OPEN" are "OPNE"',)
    assert second.chosen and words_of(done).method == "model"


@pytest.mark.slow
def test_words_that_stay_wrong_are_mended() -> None:
    done = draw(Scribe("OPNE"), attempts=2)
    facts = words_of(done)
    assert (facts.method, facts.read, facts.matches, facts.surface) == ("typeset", "OPEN", True, "sign")
    [chosen] = [attempt for attempt in done.pictures[0].attempts if attempt.chosen]
    assert not any("words" in reason for reason in chosen.reasons)


@pytest.mark.slow
def test_with_the_model_alone_wrong_words_are_reported() -> None:
    done = draw(Scribe("OPNE"), lettering="model")
    facts = words_of(done)
    assert (facts.method, facts.read, facts.matches, facts.problem) == ("model", "OPNE", False, None)
    assert done.pictures[0].attempts[0].reasons == ('the words "OPEN" are "OPNE"',)


@pytest.mark.slow
def test_a_model_that_cannot_write_is_not_asked_to_and_its_words_are_typeset() -> None:
    scribe = Scribe()
    scribe.writes = False
    done = draw(scribe)
    facts = words_of(done)
    assert (facts.method, facts.read, facts.font, facts.surface) == ("typeset", "OPEN", "Oswald", "sign")
    assert scribe.briefs[0].prompt == "a meadow with a sign"
    assert done.intent is not None and done.intent.prompt == "a meadow with a sign"
    assert 'the words "OPEN"' not in done.pictures[0].attempts[0].unchecked


class Misreading:
    """A reader that sees "OPNE" in the first picture, and "OPEN" in every other."""

    name = "misreading"

    def __init__(self) -> None:
        self.pictures: list[np.ndarray] = []

    def can_read(self, text: str) -> bool:
        return bool(text)

    def read(self, picture: np.ndarray, side: int) -> tuple[ReadLine, ...]:
        del side
        self.pictures.append(picture)
        text = "OPNE" if len(self.pictures) == 1 else "OPEN"
        return (ReadLine(text, ((0.1, 0.1), (0.2, 0.1), (0.2, 0.2), (0.1, 0.2)), 1.0),)


def test_words_that_cannot_be_read_on_what_was_found_get_a_place_of_their_own() -> None:
    asked = Lettering(texts=("OPEN",), prompt=PROMPT, by_model=False, is_mended=True)
    reader = Misreading()
    picture, [words] = letter_picture(sign(SIDE), asked, ContrastFinder(), reader)
    assert words.facts.matches and words.facts.surface == "sign"
    on_the_sign, in_a_calm_place = reader.pictures
    assert (picture == in_a_calm_place).all() and (on_the_sign != in_a_calm_place).any()


def test_without_a_reader_words_are_typeset_and_unchecked() -> None:
    done = draw(Scribe(), reads=False, lettering="typeset")
    facts = words_of(done)
    assert (facts.method, facts.read, facts.matches, facts.by) == ("typeset", None, None, None)
    assert 'the words "OPEN"' in done.pictures[0].attempts[0].unchecked


def test_characters_without_a_glyph_are_reported_and_not_drawn() -> None:
    done = draw(Scribe(), reads=False, lettering="typeset", prompt='a meadow with a sign "I ♥ NY"')
    facts = words_of(done)
    assert facts.method is None and facts.problem == "no font here has the characters ♥"
    assert (done.pictures[0].rgb == meadow(SIDE)).all()


def test_words_go_where_the_request_says() -> None:
    region = {"box": [0.1, 0.5, 0.9, 0.9]}
    done = draw(Scribe(), reads=False, lettering="typeset", lettering_region=region)
    facts = words_of(done)
    assert (facts.surface, facts.box) == ("region", (0.1, 0.5, 0.9, 0.9))
    changed = (done.pictures[0].rgb != meadow(SIDE)).any(axis=2)
    assert changed[round(0.5 * SIDE) : round(0.9 * SIDE)].any() and not changed[: round(0.42 * SIDE)].any()


def test_outside_of_the_mask_nothing_is_written() -> None:
    kit = tools(Scribe())
    mask = np.zeros((SIDE, SIDE), np.float32)
    mask[20:120, 30:220] = 1
    before = meadow(SIDE)
    asked = work(
        SIDE,
        SIDE,
        task="edit",
        images=[{"uri": "gs://a/b"}],
        prompt='add a sign "OPEN"',
        lettering="typeset",
        region={"box": [0.1, 0.1, 0.9, 0.5]},
    )
    asked.mask, asked.images = mask, (before,)
    asked = intent(asked, IntakeTools())
    asked.pictures = [PictureInProgress(n=0, seed=1, rgb=before.copy())]
    done = lettering(asked, kit)
    changed = (done.pictures[0].rgb != before).any(axis=2)
    assert changed.any() and not changed[mask == 0].any()


@pytest.mark.parametrize(
    ("request_fields", "applies"),
    [
        ({}, True),
        ({"lettering": "none"}, False),
        ({"prompt": "a red boat"}, False),
    ],
)
def test_the_stage_is_for_quoted_words(request_fields: dict[str, Any], applies: bool) -> None:
    fields: dict[str, Any] = {"prompt": PROMPT, **request_fields}
    asked = intent(work(**fields), IntakeTools())
    assert has_quoted_words(asked) is applies
