"""A critic that measures pixels: whether a picture is blank, and has the requested colours and light."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from functions.contract.manifest import IntentFacts
from worker.engines.protocol import Picture
from worker.vision.colours import COLOUR_NAMES, share_of_colour
from worker.vision.protocol import BeforeEdit, Score

_MIN_CONTRAST = 0.03  # standard deviation of luma below which a picture is blank
_MIN_SHARE = 0.01  # share of the pixels that must have a requested colour
_MIN_CHANGE = 0.01  # mean difference below which an edit did nothing
_NIGHT_BELOW, _DAY_ABOVE = 0.5, 0.3  # mean luma


@dataclass(frozen=True)
class _RuleCheck:
    """One measurement. ``reason`` and ``repair`` are for when it does not hold."""

    holds: bool
    reason: str
    repair: str | None = None


class RulesCritic:
    """Scores the share of the checks that hold."""

    name = "rules"

    def score(self, picture: Picture, intent: IntentFacts | None, before: BeforeEdit | None = None) -> Score:
        checks = [_RuleCheck(not is_blank(picture), "the picture is blank"), *_check_intent(picture, intent)]
        if before is not None:
            checks.append(_RuleCheck(mean_change(before, picture) >= _MIN_CHANGE, "nothing was changed"))
        failed = [check for check in checks if not check.holds]
        return Score(
            value=1 - len(failed) / len(checks),
            by=self.name,
            reasons=tuple(check.reason for check in failed),
            repairs=tuple(check.repair for check in failed if check.repair),
        )


def _check_intent(picture: Picture, intent: IntentFacts | None) -> Iterator[_RuleCheck]:
    if intent is None:
        return
    owners = {figure.colour: figure.subject for figure in intent.figures if figure.colour}
    for colour in intent.colours:
        if colour in COLOUR_NAMES:
            repair = f"make the {owners[colour]} {colour}" if colour in owners else None
            yield _RuleCheck(share_of_colour(picture, colour) >= _MIN_SHARE, f"{colour} is missing", repair)
    if intent.light in ("night", "day"):
        wrong = f"the light is not {intent.light}"
        yield _RuleCheck(_has_light(picture, intent.light), wrong, f"make it {intent.light}")


def is_blank(picture: Picture) -> bool:
    """Returns True if the picture has next to no contrast, or values that are not finite."""
    return not np.isfinite(picture).all() or float(luma_of(picture).std()) < _MIN_CONTRAST


def _has_light(picture: Picture, light: str) -> bool:
    brightness = float(luma_of(picture).mean())
    return brightness < _NIGHT_BELOW if light == "night" else brightness > _DAY_ABOVE


def mean_change(before: BeforeEdit, after: Picture) -> float:
    """Returns the mean absolute difference, in 0–1, where the edit was allowed, at the size of ``after``."""
    size = (after.shape[1], after.shape[0])
    difference = np.abs(cv2.resize(before.picture, size, interpolation=cv2.INTER_AREA) - after).mean(axis=2)
    if before.mask is None:
        return float(difference.mean())
    open_to_change = cv2.resize(before.mask, size, interpolation=cv2.INTER_AREA) > 0
    return float(difference[open_to_change].mean()) if open_to_change.any() else 0.0


def luma_of(picture: Picture) -> np.ndarray:
    return picture @ np.array([0.299, 0.587, 0.114], np.float32)
