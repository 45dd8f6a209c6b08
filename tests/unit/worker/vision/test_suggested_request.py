"""A suggestion as a request: about the same picture, and only where there is something to ask for."""

from __future__ import annotations

from typing import Any

import pytest

from functions.contract.manifest import Manifest, SuggestionFacts
from functions.contract.request import JobRequest
from worker.vision.suggested_request import build_suggested_request

PICTURE = {"uri": "gs://b/boat.png", "generation": 7}


def asked(**fields: Any) -> JobRequest:
    return JobRequest.model_validate({"task": "suggest", "images": [PICTURE], **fields})


def idea(task: str, instruction: str = "make it night", **request: Any) -> SuggestionFacts:
    return SuggestionFacts.model_validate(
        {"task": task, "instruction": instruction, "why": "x", "request": request or None}
    )


def test_an_edit_is_its_instruction_about_the_picture() -> None:
    assert build_suggested_request(idea("edit"), asked(), 512, 512) == {
        "task": "edit",
        "prompt": "make it night",
        "images": [PICTURE],
    }


@pytest.mark.parametrize(
    "where",
    [
        {"region": {"box": [0.0, 0.0, 0.5, 1.0]}},
        {"region_prompt": "the boat"},
        {"mask": {"uri": "gs://b/m.png"}},
    ],
)
def test_an_edit_keeps_the_region_and_the_model_that_were_asked_about(where: dict[str, Any]) -> None:
    request = build_suggested_request(idea("edit"), asked(**where, model="own"), 512, 512)
    assert request is not None
    assert request.items() >= {**where, "model": "own"}.items()


@pytest.mark.parametrize(
    ("width", "height", "size"), [(300, 300, "2K"), (1100, 900, "2K"), (2048, 2048, "4K"), (3000, 2000, "4K")]
)
def test_an_upscale_has_the_size_that_it_needs(width: int, height: int, size: str) -> None:
    request = build_suggested_request(idea("upscale", "Enlarge it to 2K.", size="2K"), asked(), width, height)
    assert request == {"task": "upscale", "images": [PICTURE], "size": size}


def test_a_picture_that_is_as_large_already_is_not_enlarged() -> None:
    assert build_suggested_request(idea("upscale"), asked(), 4096, 4096) is None


def test_an_outpaint_has_its_frame_and_a_models_words_for_it() -> None:
    of_rules = build_suggested_request(idea("outpaint", aspect_ratio="16:9"), asked(), 512, 512)
    of_model = build_suggested_request(idea("outpaint", "a wide sea"), asked(), 512, 512)
    assert of_rules == {"task": "outpaint", "images": [PICTURE], "aspect_ratio": "16:9"}
    assert of_model == {"prompt": "a wide sea", **(of_rules or {})}


def test_a_picture_that_is_as_wide_already_is_not_continued() -> None:
    assert build_suggested_request(idea("outpaint"), asked(), 1600, 900) is None


def test_what_is_no_prompt_is_no_suggestion() -> None:
    assert build_suggested_request(idea("edit", "\u200b"), asked(), 512, 512) is None


def test_a_suggestion_of_before_can_still_be_read() -> None:
    read = SuggestionFacts.model_validate({"instruction": "make it night", "task": "edit", "why": "x"})
    assert read.request is None
    assert Manifest.model_fields["suggestions"].default == ()
