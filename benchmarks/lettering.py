"""``python -m benchmarks.lettering``: quoted words, typeset and read back; and a model that writes badly.

First, fifty quotations at 1K (``--size``): each kind of surface, drawn plainly (a sign in perspective, a
shirt, a cake), a meadow without any surface, and what the starter draws for the prompt. "Exact" is every
letter as it was asked for, capitals and spaces too; quotation marks and dashes may be of another kind.

Then a model that misspells most of its words, with a budget of drawings: how often the words are right in the
end, and how often the manifest says that they are not.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np

from benchmarks.machine import describe
from functions.contract.manifest import LetteringFacts
from functions.contract.request import JobRequest
from tests.unit.worker.typesetting.scenes import cake, meadow, shirt, sign
from worker.engines.mock import MockEngine
from worker.engines.protocol import Encoded, OnStep, Picture
from worker.lettering.letter_picture import Lettering, letter_picture
from worker.lettering.ocr_reader import OcrReader
from worker.lettering.reading import plain_text
from worker.offline.build_pipelines import build_unmarked_pipeline
from worker.offline.pipeline import OfflinePipeline, build_work
from worker.typesetting.places import Place
from worker.typesetting.text_block import list_blocks
from worker.typesetting.typefaces import FACES
from worker.typesetting.typesetter import typeset_block
from worker.vision.contrast_finder import ContrastFinder

Value = TypeVar("Value")
SIDES = {"512": 512, "1K": 1024, "2K": 2048, "4K": 4096}
WORDS = (
    *("OPEN", "Happy Birthday", "Grand Opening", "SALE 50% OFF", "Café Crème", "Mind the Gap"),
    *("Welcome Home", "Team Plantain", "Grüße aus Köln", "No. 42", "Fresh Bread Daily", "Hotel Sunrise"),
    *("I love you", "Congratulations Anna & Tom", "Beach Club 1984", "Do not feed the owls", "TAXI"),
    *("Hola, amigos!", "Just married", "Łódź 2026", "Library", "Stay curious, stay kind", "À bientôt"),
    *("Road closed", "営業中", "生日快乐"),
)
PLAIN: tuple[tuple[str, str, Callable[[int], Picture]], ...] = (
    ("sign, in perspective", 'a meadow with a sign that says "{}"', sign),
    ("shirt", 'a man in a blue shirt that says "{}"', shirt),
    ("cake", 'a cake with the words "{}"', cake),
    ("sign, none in the picture", 'a meadow with a sign that says "{}"', meadow),
    ("banner, none in the picture", 'a meadow with a banner that says "{}"', meadow),
    ("no surface named", 'a meadow with the words "{}"', meadow),
)
STARTER = (
    ("starter: sign", 'a cat with a sign that says "{}"'),
    ("starter: cake", 'a pink birthday cake with the words "{}"'),
    ("starter: shirt", 'a person in a blue shirt that says "{}"'),
    ("starter: banner", 'a castle at night with a banner "{}"'),
)
_OF_EACH = 5  # quotations on each surface: fifty in all
_MISSPELT = 0.6  # of the bad writer's words


@dataclass(frozen=True)
class Written:
    """What became of one quotation."""

    surface: str
    picture: Picture
    facts: LetteringFacts

    @property
    def is_exact(self) -> bool:
        return self.facts.read is not None and plain_text(self.facts.read) == plain_text(self.facts.text)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lettering", description=__doc__)
    parser.add_argument("--size", choices=SIDES, default="1K")
    parser.add_argument("--out", type=Path, help="a folder for the pictures")
    parser.add_argument("--jobs", type=int, default=12, help="of the model that writes badly, for each row")
    asked = parser.parse_args()
    print(describe(), "\n")
    print_typeset(list(typeset_all(SIDES[asked.size])), asked.out)
    print_bad_writer(asked.jobs)


def typeset_all(side: int) -> Iterator[Written]:
    """Yields fifty quotations, five on each kind of surface."""
    words = iter(WORDS * 2)
    reader, finder = OcrReader(), ContrastFinder()
    for surface, prompt, draw in PLAIN:
        for text in (next(words) for _ in range(_OF_EACH)):
            asked = Lettering(texts=(text,), prompt=prompt.format(text), by_model=False, is_mended=True)
            picture, [done] = letter_picture(draw(side), asked, finder, reader)
            yield Written(surface, picture, done.facts)
    pipeline = build_unmarked_pipeline()
    for surface, prompt in STARTER:
        for text in (next(words) for _ in range(_OF_EACH)):
            drawn = pipeline.draw(7, width=side, height=side, task="generate", prompt=prompt.format(text))
            [picture] = drawn.work.pictures
            yield Written(surface, picture.rgb, picture.lettering[0])


def print_typeset(done: Sequence[Written], folder: Path | None) -> None:
    print("| surface | quotations | exact | every letter | on |\n|---|--:|--:|--:|---|")
    for surface in dict.fromkeys(each.surface for each in done):
        print(_row(surface, [each for each in done if each.surface == surface]))
    print(_row("all", done), "\n")
    for each in done:
        if not each.is_exact:
            print(f"{each.surface}: “{each.facts.text}” was read as “{each.facts.read}”")
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        for n, each in enumerate(done):
            levels = np.rint(each.picture[..., ::-1] * 255).astype(np.uint8)
            cv2.imwrite(str(folder / f"{n:02}.png"), levels)


def _row(name: str, done: Sequence[Written]) -> str:
    exact, right = sum(each.is_exact for each in done), sum(bool(each.facts.matches) for each in done)
    surfaces = [str(each.facts.surface) for each in done]
    places = ", ".join(f"{surfaces.count(place)} {place}" for place in dict.fromkeys(surfaces))
    return f"| {name} | {len(done)} | {exact} ({exact / len(done):.0%}) | {right} | {places} |"


class BadWriter(MockEngine):
    """A mock that draws a board with the prompt's quoted words, most of them misspelt."""

    writes: bool | None = True
    follows_instructions = False

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def native_size(self, width: int, height: int) -> tuple[int, int]:
        return width, height

    def diffuse(self, encoded: Encoded, seed: int, on_step: OnStep) -> Picture:
        del on_step
        picture, rng = meadow(encoded.width), random.Random(seed)
        text = misspell(self._text, rng) if rng.random() < _MISSPELT else self._text
        corners = np.array([(0.15, 0.1), (0.85, 0.1), (0.85, 0.4), (0.15, 0.4)], np.float32)
        (block, *_) = list_blocks(text, FACES["Oswald"])
        typeset_block(picture, block, Place(corners, 0.2, "sign", "board"))
        return picture


def misspell(text: str, rng: random.Random) -> str:
    """Returns the text with two different letters that stand beside each other exchanged."""
    places = [n for n in range(len(text) - 1) if text[n].isalpha() and text[n + 1].isalpha()]
    n = rng.choice([n for n in places if text[n].casefold() != text[n + 1].casefold()])
    return text[:n] + text[n + 1] + text[n] + text[n + 2 :]


def print_bad_writer(jobs: int) -> None:
    print("| lettering | drawings at most | jobs | right as drawn | mended | told to be wrong | not told |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    pipeline = build_unmarked_pipeline()
    for lettering in ("model", "auto"):
        for attempts in (1, 4):
            ends = [_run_bad_writer(pipeline, n, lettering, attempts) for n in range(jobs)]
            right = sum(end.matches is True and end.method == "model" for end in ends)
            mended = sum(end.matches is True and end.method == "typeset" for end in ends)
            told = sum(end.matches is False for end in ends)
            row = (lettering, attempts, jobs, right, mended, told, jobs - right - mended - told)
            print(f"| {' | '.join(map(str, row))} |", flush=True)


def _run_bad_writer(pipeline: OfflinePipeline, n: int, lettering: str, attempts: int) -> LetteringFacts:
    text = [each for each in WORDS if each.isascii() and len(each) > 4][n % 12]
    tools = replace(pipeline.tools, engine=_always(BadWriter(text)), enlargers=_always(()))
    request = JobRequest.model_validate(
        {
            "task": "generate",
            "prompt": f'a meadow with a sign that says "{text}"',
            "lettering": lettering,
            "correction": {"attempts": attempts},
        }
    )
    work = build_work(request, model="bad-writer", width=512, height=512, seed=1_000 * n)
    done = OfflinePipeline(tools, without=("screen_output", "visible_mark", "watermark", "seal")).run(work)
    return done.pictures[0].lettering[0]


def _always(value: Value) -> Callable[[object], Value]:
    return lambda _asked: value


if __name__ == "__main__":
    main()
