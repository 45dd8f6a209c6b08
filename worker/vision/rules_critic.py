"""A critic that measures pixels: whether a picture is blank, and has the requested colours and light.

It sees no subjects: what it cannot measure it lists as unchecked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from functions.contract.intent_facts import IntentFacts
from worker.engines.protocol import Picture
from worker.vision.asks import Ask, compare_asks, list_asks
from worker.vision.colours import COLOUR_NAMES, pixels_of_colour, share_of_colour
from worker.vision.protocol import BeforeEdit, Score

_MIN_CONTRAST = 0.03  # standard deviation of luma below which a picture is blank
_MIN_SHARE = 0.01  # share of the pixels that must have a requested colour
_MIN_CHANGE = 0.01  # mean difference below which an edit did nothing
_NIGHT_BELOW, _DAY_ABOVE = 0.5, 0.3  # mean luma


@dataclass(frozen=True)
class RuleCheck:
    """One measurement. ``reason`` and ``repair`` are for when it does not hold."""

    holds: bool
    reason: str
    repair: str | None = None
    ask: Ask | None = None
    """What was asked for; None for what every picture must have."""


class RulesCritic:
    """Scores the share of the checks that hold."""

    name = "rules"

    def score(self, picture: Picture, intent: IntentFacts | None, before: BeforeEdit | None = None) -> Score:
        checks = measure_picture(picture, intent, before)
        failed = [check for check in checks if not check.holds]
        checked = {check.ask for check in checks if check.ask}
        unchecked, coverage = compare_asks(list_asks(intent) if intent else {}, checked)
        return Score(
            value=1 - len(failed) / len(checks) if failed or coverage else None,
            by=self.name,
            reasons=tuple(check.reason for check in failed),
            repairs=tuple(check.repair for check in failed if check.repair),
            unchecked=unchecked,
            coverage=coverage or 1.0,
        )


def measure_picture(
    picture: Picture, intent: IntentFacts | None, before: BeforeEdit | None = None
) -> list[RuleCheck]:
    """Returns the checks of what every picture must have, and of the colours and the light asked for."""
    checks = [
        RuleCheck(not is_blank(picture), "the picture is blank"),
        *_check_intent(picture, intent, before),
    ]
    if before is not None:
        checks.append(RuleCheck(mean_change(before, picture) >= _MIN_CHANGE, "nothing was changed"))
    return checks


def loose_colours(intent: IntentFacts) -> tuple[str, ...]:
    """Returns the colours that belong to no thing: "make it blue"."""
    owned = {figure.colour for figure in intent.figures}
    return tuple(colour for colour in intent.colours if colour not in owned)


def _check_intent(
    picture: Picture, intent: IntentFacts | None, before: BeforeEdit | None
) -> Iterator[RuleCheck]:
    if intent is None:
        return
    owners = {figure.colour: figure.subject for figure in intent.figures if figure.colour}
    for colour in filter(COLOUR_NAMES.__contains__, intent.colours):
        ask = ("colour", owners.get(colour, colour))
        if before is not None and colour not in owners:
            gained = _gain_of_colour(before, picture, colour) >= _MIN_SHARE
            yield RuleCheck(gained, f"nothing became {colour}", None, ask)
        else:
            repair = f"make the {owners[colour]} {colour}" if colour in owners else None
            holds = share_of_colour(picture, colour) >= _MIN_SHARE
            yield RuleCheck(holds, f"{colour} is missing", repair, ask)
    if intent.light in ("night", "day"):
        wrong = f"the light is not {intent.light}"
        holds = _has_light(picture, intent.light)
        yield RuleCheck(holds, wrong, f"make it {intent.light}", ("light", ""))


def is_blank(picture: Picture) -> bool:
    """Returns True if the picture has next to no contrast, or values that are not finite."""
    return not np.isfinite(picture).all() or float(luma_of(picture).std()) < _MIN_CONTRAST


def _has_light(picture: Picture, light: str) -> bool:
    brightness = float(luma_of(picture).mean())
    return brightness < _NIGHT_BELOW if light == "night" else brightness > _DAY_ABOVE


def mean_change(before: BeforeEdit, after: Picture) -> float:
    """Returns the mean absolute difference, in 0–1, where the edit was allowed, at the size of ``after``."""
    was = _resize_to(after, before.picture)
    return _mean_inside(before, np.abs(was - after).mean(axis=2))


def _gain_of_colour(before: BeforeEdit, after: Picture, colour: str) -> float:
    """Returns by how much the colour's share of the pixels has grown where the edit was allowed."""
    was = pixels_of_colour(_resize_to(after, before.picture), colour)
    now = pixels_of_colour(after, colour)
    return _mean_inside(before, now.astype(np.float32) - was)


def _mean_inside(before: BeforeEdit, values: np.ndarray) -> float:
    """Returns the mean of ``values`` (H, W) where the edit was allowed; 0 if it was allowed nowhere."""
    if before.mask is None:
        return float(values.mean())
    open_to_change = _resize_to(values, before.mask) > 0
    return float(values[open_to_change].mean()) if open_to_change.any() else 0.0


def _resize_to(like: np.ndarray, image: np.ndarray) -> np.ndarray:
    return cv2.resize(image, (like.shape[1], like.shape[0]), interpolation=cv2.INTER_AREA)


def luma_of(picture: Picture) -> np.ndarray:
    return picture @ np.array([0.299, 0.587, 0.114], np.float32)
