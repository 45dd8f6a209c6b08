"""``python -m training.sheets.contact_sheet``: 48 pictures over all tasks, each above its prompt.

All are drawn by the worker's own stages with the correction loop on; none is chosen by hand. The first seed
is used throughout, and of what the loop draws its critic keeps the best.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from functions.contract.tasks import WITHOUT_DRAWING
from worker.engines.protocol import Mask, Picture
from worker.offline.build_pipelines import build_unmarked_pipeline
from worker.offline.pipeline import OfflineDrawing, OfflinePipeline
from worker.outpainting.frame import frame_picture

from .poster import Band, Cell, Section, poster

_LARGE = 1024
SHAPES: dict[str, tuple[int, int]] = {
    "1:1": (256, 256),
    "3:2": (312, 208),
    "2:3": (208, 312),
    "16:9": (336, 192),
    "small": (64, 64),
    "large": (_LARGE, _LARGE),
}
"""Widths and heights in pixels."""
_CORRECTION = {"attempts": 8, "threshold": 1.0}
SENTENCES: tuple[tuple[str, str], ...] = (
    ("a red sailboat on the sea at sunset", "3:2"),
    ("an orange cat on the grass in spring", "1:1"),
    ("a yellow hot air balloon in the mountains at dawn", "2:3"),
    ("a white owl in the forest at night", "1:1"),
    ("a blue butterfly in a garden in summer", "1:1"),
    ("two red mushrooms in the forest", "3:2"),
    ("a turquoise umbrella on the beach as a watercolour", "1:1"),
    ("a white sailboat on the sea in neon style", "1:1"),
    ("a red house to the left of a yellow balloon in the snow", "16:9"),
    ("a red balloon in Paris", "1:1"),
    ("a pink cake on a table as a pencil drawing", "1:1"),
)
EDITS: tuple[tuple[str, str], ...] = (
    ("a red boat on the sea by day", "make the boat blue"),
    ("a white house in a meadow by day", "make it night"),
    ("a yellow car in the city by day", "replace the car with a green train"),
    ("an orange cat in a meadow by day", "put it in the snow"),
    ("a red flower in a garden by day", "turn it into watercolour"),
    ("a red apple on a table by day", "make the apple green"),
)
"""What is drawn first, and what is then changed in it."""
REGIONS: tuple[tuple[str, str, str], ...] = (
    ("a red car to the left of a green tree in a meadow by day", "the car", "make the car yellow"),
    ("a white cat to the right of a red mug on a table by day", "the mug", "make the mug blue"),
    ("a purple umbrella on the beach by day", "the umbrella", "make the umbrella orange"),
)
"""What is drawn first, the name of the part that may change, and the change."""
FRAMES: tuple[tuple[str, str], ...] = (
    ("a red lighthouse on the beach at sunset", "a red lighthouse on the beach at sunset"),
    ("a red mushroom in the forest at sunset", "a red mushroom in the forest at sunset"),
)
SEQUENCES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "a yellow robot",
        ("in the city by day", "on the beach at sunset", "in the snow", "in the forest at night"),
    ),
    ("a pink butterfly", ("in a garden by day", "in a meadow at dawn", "in the desert", "in the mountains")),
)
REFERENCE = (
    "a figurine with brown hair in a red dress on a plain background",
    ("the same figurine on the beach by day", "the same figurine in the snow at night"),
)
ENLARGED = "a red cottage in a garden in summer"
SUGGESTED = "a white boat on the sea by day"


@dataclass(frozen=True)
class Painter:
    """Draws the sheet's pictures, all from one seed."""

    pipeline: OfflinePipeline
    seed: int

    def generated(self) -> Section:
        drawn = [Cell(self._one(prompt, shape), prompt) for prompt, shape in SENTENCES]
        return Section("OfflineDrawing from a sentence", drawn)

    def edited(self) -> Section:
        cells: list[Cell] = []
        for prompt, instruction in EDITS:
            before = self._one(prompt)
            after = self._one(instruction, task="edit", pictures=[before])
            cells += [Cell(before, prompt), Cell(after, quoted(instruction), follows=True)]
        return Section("Changed by a sentence", cells)

    def edited_regions(self) -> Section:
        cells: list[Cell] = []
        for prompt, name, instruction in REGIONS:
            before = self._one(prompt)
            after = self._one(instruction, task="edit", pictures=[before], region_prompt=name)
            words = f"{quoted(instruction)}, and nothing outside {name}"
            cells += [Cell(before, prompt), Cell(after, words, follows=True)]
        return Section("Changed in one place, which a name finds", cells)

    def outpainted(self) -> Section:
        cells: list[Cell] = []
        for prompt, around in FRAMES:
            before = self._one(prompt)
            width, height = SHAPES["16:9"]
            frame, mask = frame_picture(before, width, height)
            request = {"task": "outpaint", "aspect_ratio": "16:9"}
            after = self._one(around, "16:9", pictures=[frame], mask=mask, **request)
            cells += [Cell(before, prompt), Cell(after, "continued to 16:9", follows=True)]
        return Section("Given a wider frame", cells)

    def sequences(self) -> Section:
        cells: list[Cell] = []
        for subject, scenes in SEQUENCES:
            drawn = self._all(subject, task="sequence", prompts=scenes)
            cells += [Cell(each, f"{subject} {scene}") for each, scene in zip(drawn, scenes, strict=True)]
        return Section("The same subject in every picture", cells)

    def referred(self) -> Section:
        prompt, scenes = REFERENCE
        somebody = self._one(prompt)
        again = [
            Cell(self._one(scene, pictures=[somebody]), quoted(scene), follows=n == 0)
            for n, scene in enumerate(scenes)
        ]
        return Section("The same one as in a picture that is given", [Cell(somebody, prompt), *again])

    def enlarged(self) -> Section:
        small = self._one(ENLARGED, "small")
        large = self._one(None, "large", task="upscale", size="1K", pictures=[small])
        pixels = small.repeat(4, 0).repeat(4, 1)
        return Section(
            "Enlarged",
            [
                Cell(pixels, f"{ENLARGED}, 64 pixels wide"),
                Cell(large, f"the same, enlarged to {_LARGE} pixels", follows=True),
            ],
        )

    def suggested(self) -> Section:
        before = self._one(SUGGESTED)
        edits = self._job(None, "1:1", {"task": "suggest"}, [before]).work.suggestions
        best = next(edit for edit in edits if edit.task == "edit")
        after = self._one(best.instruction, task="edit", pictures=[before])
        words = ", ".join(quoted(edit.instruction) for edit in edits[:4])
        first = Cell(before, f"{SUGGESTED}. Suggested: {words}")
        return Section("Suggested", [first, Cell(after, quoted(best.instruction), follows=True)])

    def _one(self, prompt: str | None, shape: str = "1:1", **request: Any) -> Picture:
        return self._all(prompt, shape, **request)[0]

    def _all(
        self,
        prompt: str | None,
        shape: str = "1:1",
        *,
        pictures: Sequence[Picture] = (),
        mask: Mask | None = None,
        **request: Any,
    ) -> list[Picture]:
        return self._job(prompt, shape, request, pictures, mask).last

    def _job(
        self,
        prompt: str | None,
        shape: str,
        request: dict[str, Any],
        pictures: Sequence[Picture],
        mask: Mask | None = None,
    ) -> OfflineDrawing:
        width, height = SHAPES[shape]
        asked = {"task": "generate", "prompt": prompt, **request}
        if asked["task"] not in WITHOUT_DRAWING:
            asked["correction"] = _CORRECTION
        return self.pipeline.draw(self.seed, width=width, height=height, images=pictures, mask=mask, **asked)


def quoted(words: str) -> str:
    return f"“{words}”"


def bands(painter: Painter) -> Iterator[Band]:
    yield [painter.generated()]
    yield [painter.edited()]
    yield [painter.edited_regions()]
    yield [painter.sequences()]
    yield [painter.outpainted()]
    yield [painter.referred(), painter.enlarged(), painter.suggested()]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.sheets.contact_sheet", description=__doc__)
    parser.add_argument("--model", type=Path, help="a pipeline folder; the starter that is shipped without")
    parser.add_argument("--out", type=Path, default=Path("docs/contact-sheet.png"))
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    drawn = list(bands(Painter(build_unmarked_pipeline(asked.model), asked.seed)))
    count = sum(len(section.cells) for band in drawn for section in band)
    said = (
        f"{count} pictures by the model in this repository, all from one seed, with the correction loop on."
    )
    said += " The sentences are of what it draws well."
    poster("Plantain: what the starter draws", said, drawn).save(asked.out, optimize=True)
    print(f"{count} pictures in {asked.out}")


if __name__ == "__main__":
    main()
