"""A suggester that measures a picture: its light, its main colour, its size and its shape."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from functions.contract.manifest import SuggestionFacts
from worker.engines.protocol import Mask, Picture
from worker.vision.colours import COLOUR_NAMES, pixels_of_colour
from worker.vision.contrast_finder import ContrastFinder
from worker.vision.protocol import Suggestions

_MOST = 6
_DARK, _BRIGHT = 0.35, 0.55  # mean luma
_SMALL = 1024  # pixels of the shorter side below which an upscale helps
_NEARLY_SQUARE = 1.2  # the greatest ratio of the sides
CONTRASTING_COLOURS = {
    "red": "blue",
    "orange": "turquoise",
    "yellow": "purple",
    "green": "red",
    "turquoise": "orange",
    "blue": "yellow",
    "purple": "yellow",
    "pink": "green",
    "brown": "blue",
    "white": "red",
    "black": "yellow",
    "grey": "orange",
}


class RulesSuggester:
    """Suggests edits that fit the measurements."""

    name = "rules"

    def suggest(self, picture: Picture, region: Mask | None) -> Suggestions:
        ideas = _suggest_for_picture(picture) if region is None else _suggest_for_region(picture, region)
        return Suggestions(self.name, tuple(ideas)[:_MOST])


def _suggest_for_picture(picture: Picture) -> Iterator[SuggestionFacts]:
    yield from _suggest_light(picture)
    found = ContrastFinder().find(picture, "")
    if found is not None:
        yield _suggest_colour(picture, found.mask, "what stands out the most")
    yield _edit_suggestion(
        "turn it into a watercolour", "Another style keeps the scene and changes its mood."
    )
    yield _edit_suggestion("make it snow", "Another season is a different picture of the same scene.")
    yield from suggest_frames(picture.shape[1], picture.shape[0])


def suggest_frames(width: int, height: int) -> Iterator[SuggestionFacts]:
    """Suggests a larger size and a wider frame, if the picture is small or nearly square."""
    if min(height, width) < _SMALL:
        yield SuggestionFacts(
            instruction="Enlarge it to 2K.",
            task="upscale",
            why=f"It is only {width}×{height} pixels.",
            request={"size": "2K"},
        )
    if max(height, width) < min(height, width) * _NEARLY_SQUARE:
        yield SuggestionFacts(
            instruction="Continue the scene to both sides, 16:9.",
            task="outpaint",
            why="It is nearly square: a wider frame would give the scene room.",
            request={"aspect_ratio": "16:9"},
        )


def _suggest_light(picture: Picture) -> Iterator[SuggestionFacts]:
    luma = float((picture @ np.array([0.299, 0.587, 0.114], np.float32)).mean())
    if luma < _DARK:
        yield _edit_suggestion("make it day", "The picture is dark.")
    elif luma > _BRIGHT:
        yield _edit_suggestion("make it night", "The picture is bright: by night it has another mood.")
    else:
        yield _edit_suggestion(
            "make it sunset", "Evening light warms a picture that is neither bright nor dark."
        )


def _suggest_for_region(picture: Picture, region: Mask) -> Iterator[SuggestionFacts]:
    yield _suggest_colour(picture, region, "the region")
    yield _edit_suggestion("remove it", "What is behind it would be seen.")
    yield _edit_suggestion("replace it with a flower", "Something else in its place tells another story.")


def _suggest_colour(picture: Picture, mask: Mask, where: str) -> SuggestionFacts:
    inside = mask > 0.5 if (mask > 0.5).any() else np.ones(mask.shape, np.bool_)
    shares = {name: float(pixels_of_colour(picture, name)[inside].mean()) for name in sorted(COLOUR_NAMES)}
    colour = max(shares, key=lambda name: shares[name])
    return _edit_suggestion(
        f"make what is {colour} {CONTRASTING_COLOURS[colour]}", f"The main colour of {where} is {colour}."
    )


def _edit_suggestion(instruction: str, why: str) -> SuggestionFacts:
    return SuggestionFacts(instruction=instruction, task="edit", why=why)
