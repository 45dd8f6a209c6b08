"""The contact sheet has 48 pictures over all tasks, and asks only for what the starter was trained on."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.worker.stages.making import noise
from training.sheets.contact_sheet import EDITS, FRAMES, REFERENCE, REGIONS, SENTENCES, SEQUENCES, SHAPES
from training.sheets.poster import WIDTH, PosterCell, PosterSection, arrange_rows, draw_poster
from worker.prompt_intent.intent_rules import read_intent
from worker.scene_vocabulary.subjects import SUBJECTS
from worker.vision.trained_critic import unwanted_subjects

pytestmark = pytest.mark.slow

WIDE, SQUARE = noise(160, 90), noise(90, 90)


def test_there_are_48_pictures() -> None:
    pairs = len(EDITS) + len(REGIONS) + len(FRAMES)
    sequences = sum(len(scenes) for _, scenes in SEQUENCES)
    references, enlarged, suggested = 1 + len(REFERENCE[1]), 2, 2
    assert len(SENTENCES) + 2 * pairs + sequences + references + enlarged + suggested == 48


def test_several_shapes_and_styles_are_shown() -> None:
    assert len({shape for _, shape in SENTENCES}) >= 4 and {shape for _, shape in SENTENCES} <= set(SHAPES)
    assert len({read_intent(prompt).style for prompt, _ in SENTENCES}) >= 4


@pytest.mark.parametrize(
    "prompt",
    [
        *(prompt for prompt, _ in SENTENCES),
        *(prompt for prompt, _ in EDITS),
        *(prompt for prompt, _, _ in REGIONS),
        *(prompt for prompt, _ in FRAMES),
        *(f"{subject}, {scene}" for subject, scenes in SEQUENCES for scene in scenes),
    ],
)
def test_what_is_drawn_is_something_that_the_critic_can_check(prompt: str) -> None:
    intent = read_intent(prompt)
    assert intent.figures and all(figure.subject in SUBJECTS for figure in intent.figures)
    assert all(figure.colour for figure in intent.figures)
    assert not unwanted_subjects(intent)


def test_rows_have_about_one_height_and_a_cell_stays_with_the_one_it_follows() -> None:
    pair = [PosterCell(SQUARE, "before"), PosterCell(SQUARE, "after", follows=True)]
    laid = arrange_rows(pair * 7)
    assert len(laid) > 1
    assert max(map(len, laid)) - min(map(len, laid)) <= len(pair)
    assert all(not row[0].follows and row[-1].follows for row in laid)
    assert [cell for row in laid for cell in row] == pair * 7


def test_a_page_is_as_wide_as_it_should_be_and_shows_every_section() -> None:
    cells = [
        PosterCell(WIDE, "a wide one"),
        PosterCell(SQUARE, "a square one with quite a lot of words below it"),
    ]
    one = draw_poster("Title", "and what it is", [[PosterSection("One", cells)]])
    beside = draw_poster(
        "Title", "and what it is", [[PosterSection("One", cells), PosterSection("Two", [*cells])]]
    )
    below = draw_poster(
        "Title", "and what it is", [[PosterSection("One", cells)], [PosterSection("Two", cells * 9)]]
    )
    assert one.width == beside.width == below.width == WIDTH
    assert beside.height <= one.height < below.height
    assert len(np.unique(np.asarray(one).reshape(-1, 3), axis=0)) > 100
