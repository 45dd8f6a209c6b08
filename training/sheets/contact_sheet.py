"""``python -m training.sheets.contact_sheet`` draws 48 pictures over all tasks, each above its prompt.

The worker's own stages draw them with the correction loop on. All have the same seed; the critic, and no
person, chooses among the loop's attempts.
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

from .poster import PosterBand, PosterCell, PosterSection, draw_poster

_LARGE = 1024
SHAPES: dict[str, tuple[int, int]] = {
    "1:1": (256, 256),
    "3:2": (312, 208),
    "2:3": (208, 312),
    "16:9": (336, 192),
    "small": (64, 64),
    "large": (_LARGE, _LARGE),
}
"""Width and height of each shape, in pixels."""
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
"""The prompt of the first picture, and the edit of it."""
REGIONS: tuple[tuple[str, str, str], ...] = (
    ("a red car to the left of a green tree in a meadow by day", "the car", "make the car yellow"),
    ("a white cat to the right of a red mug on a table by day", "the mug", "make the mug blue"),
    ("a purple umbrella on the beach by day", "the umbrella", "make the umbrella orange"),
)
"""The prompt of the first picture, the name of the part that may change, and the edit."""
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
class SheetPainter:
    """Draws the sections of the sheet, all from one seed."""

    pipeline: OfflinePipeline
    seed: int

    def draw_generated(self) -> PosterSection:
        drawn = [PosterCell(self._draw_one(prompt, shape), prompt) for prompt, shape in SENTENCES]
        return PosterSection("Drawn from a sentence", drawn)

    def draw_edits(self) -> PosterSection:
        cells: list[PosterCell] = []
        for prompt, instruction in EDITS:
            before = self._draw_one(prompt)
            after = self._draw_one(instruction, task="edit", pictures=[before])
            cells += [PosterCell(before, prompt), PosterCell(after, quote(instruction), follows=True)]
        return PosterSection("Changed by a sentence", cells)

    def draw_region_edits(self) -> PosterSection:
        cells: list[PosterCell] = []
        for prompt, name, instruction in REGIONS:
            before = self._draw_one(prompt)
            after = self._draw_one(instruction, task="edit", pictures=[before], region_prompt=name)
            words = f"{quote(instruction)}, and nothing outside {name}"
            cells += [PosterCell(before, prompt), PosterCell(after, words, follows=True)]
        return PosterSection("Changed in one place, which a name finds", cells)

    def draw_outpaints(self) -> PosterSection:
        cells: list[PosterCell] = []
        for prompt, around in FRAMES:
            before = self._draw_one(prompt)
            width, height = SHAPES["16:9"]
            frame, mask = frame_picture(before, width, height)
            request = {"task": "outpaint", "aspect_ratio": "16:9"}
            after = self._draw_one(around, "16:9", pictures=[frame], mask=mask, **request)
            cells += [PosterCell(before, prompt), PosterCell(after, "continued to 16:9", follows=True)]
        return PosterSection("Given a wider frame", cells)

    def draw_sequences(self) -> PosterSection:
        cells: list[PosterCell] = []
        for subject, scenes in SEQUENCES:
            drawn = self._draw_all(subject, task="sequence", prompts=scenes)
            cells += [
                PosterCell(each, f"{subject} {scene}") for each, scene in zip(drawn, scenes, strict=True)
            ]
        return PosterSection("The same subject in every picture", cells)

    def draw_references(self) -> PosterSection:
        prompt, scenes = REFERENCE
        reference = self._draw_one(prompt)
        again = [
            PosterCell(self._draw_one(scene, pictures=[reference]), quote(scene), follows=n == 0)
            for n, scene in enumerate(scenes)
        ]
        return PosterSection(
            "The same one as in a picture that is given", [PosterCell(reference, prompt), *again]
        )

    def draw_upscales(self) -> PosterSection:
        small = self._draw_one(ENLARGED, "small")
        large = self._draw_one(None, "large", task="upscale", size="1K", pictures=[small])
        pixels = small.repeat(4, 0).repeat(4, 1)
        return PosterSection(
            "Enlarged",
            [
                PosterCell(pixels, f"{ENLARGED}, 64 pixels wide"),
                PosterCell(large, f"the same, enlarged to {_LARGE} pixels", follows=True),
            ],
        )

    def draw_suggestion(self) -> PosterSection:
        before = self._draw_one(SUGGESTED)
        edits = self._run_job(None, "1:1", {"task": "suggest"}, [before]).work.suggestions
        best = next(edit for edit in edits if edit.task == "edit")
        after = self._draw_one(best.instruction, task="edit", pictures=[before])
        words = ", ".join(quote(edit.instruction) for edit in edits[:4])
        first = PosterCell(before, f"{SUGGESTED}. Suggested: {words}")
        return PosterSection("Suggested", [first, PosterCell(after, quote(best.instruction), follows=True)])

    def _draw_one(self, prompt: str | None, shape: str = "1:1", **request: Any) -> Picture:
        return self._draw_all(prompt, shape, **request)[0]

    def _draw_all(
        self,
        prompt: str | None,
        shape: str = "1:1",
        *,
        pictures: Sequence[Picture] = (),
        mask: Mask | None = None,
        **request: Any,
    ) -> list[Picture]:
        return self._run_job(prompt, shape, request, pictures, mask).last

    def _run_job(
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


def quote(words: str) -> str:
    return f"“{words}”"


def draw_bands(painter: SheetPainter) -> Iterator[PosterBand]:
    yield [painter.draw_generated()]
    yield [painter.draw_edits()]
    yield [painter.draw_region_edits()]
    yield [painter.draw_sequences()]
    yield [painter.draw_outpaints()]
    yield [painter.draw_references(), painter.draw_upscales(), painter.draw_suggestion()]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.sheets.contact_sheet", description=__doc__)
    parser.add_argument("--model", type=Path, help="a pipeline folder; the starter that is shipped without")
    parser.add_argument("--out", type=Path, default=Path("docs/contact-sheet.png"))
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    drawn = list(draw_bands(SheetPainter(build_unmarked_pipeline(asked.model), asked.seed)))
    count = sum(len(section.cells) for band in drawn for section in band)
    said = (
        f"{count} pictures by the model in this repository, all from one seed, with the correction loop on."
    )
    said += " The sentences are of what it draws well."
    draw_poster("Plantain: what the starter draws", said, drawn).save(asked.out, optimize=True)
    print(f"{count} pictures in {asked.out}")


if __name__ == "__main__":
    main()
