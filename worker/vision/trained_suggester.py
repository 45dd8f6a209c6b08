"""A suggester that uses the trained detector: it names the subject, its colour and the light."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from functions.contract.manifest import SuggestionFacts
from worker.engines.protocol import Mask, Picture
from worker.scene_critic.detections import Detection, SceneDetections, SubjectDetector
from worker.scene_vocabulary.english import with_article
from worker.scene_vocabulary.instructions import (
    SURROUNDINGS_INSTRUCTIONS,
    recolour_instruction,
    removal_instruction,
)
from worker.scene_vocabulary.scene_settings import SETTINGS
from worker.scene_vocabulary.subjects import SUBJECTS
from worker.vision.protocol import Suggester, Suggestions
from worker.vision.rules_suggester import CONTRASTING_COLOURS, RulesSuggester, suggest_frames

_MOST = 6
_SURE = 0.55  # the least mean probability of a subject that is named
_LIKELY = 0.6  # the same for facts about the whole picture
_OTHER_LIGHT = {"day": "sunset", "sunset": "night", "night": "day", "dawn": "night"}
_MOODS = {
    "day": "Evening light would warm it.",
    "sunset": "It is evening: a little later the lights are on.",
    "night": "It is dark: by day one sees more of it.",
    "dawn": "It is early: the same place by night tells another story.",
}


class TrainedSuggester:
    """Suggests edits of detected subjects. ``fallback`` is asked if none is detected with confidence."""

    name = "critic"

    def __init__(self, detector: SubjectDetector, fallback: Suggester | None = None) -> None:
        self._detector = detector
        self._fallback = fallback or RulesSuggester()

    def suggest(self, picture: Picture, region: Mask | None) -> Suggestions:
        detections = self._detector.detect(picture)
        seen = [each for each in detections.subjects if each.confidence >= _SURE]
        if region is not None:
            seen = [each for each in seen if self._is_in(picture, each, region)]
        if not seen:
            return self._fallback.suggest(picture, region)
        ideas = (
            _suggest_for_region(seen[0])
            if region is not None
            else _suggest_for_picture(picture, detections, seen)
        )
        return Suggestions(self.name, tuple(ideas)[:_MOST])

    def _is_in(self, picture: Picture, seen: Detection, region: Mask) -> bool:
        """Returns True if most of the subject lies in the region."""
        heat = self._detector.heat_map(picture, seen.subject)
        size = (heat.shape[1], heat.shape[0])
        inside = np.asarray(cv2.resize(region, size, interpolation=cv2.INTER_AREA), np.float32)
        return float((heat * inside).sum()) > 0.5 * float(heat.sum())


def _suggest_for_picture(
    picture: Picture, detections: SceneDetections, seen: list[Detection]
) -> Iterator[SuggestionFacts]:
    main = seen[0]
    yield _suggest_colour(main)
    light, sure = detections.facts["light"]
    setting = detections.facts["setting"][0]
    if sure >= _LIKELY and (not setting or len(SETTINGS[setting].lights) > 1):
        yield _edit_suggestion(SURROUNDINGS_INSTRUCTIONS["light"](_OTHER_LIGHT[light]), _MOODS[light])
    yield from _suggest_weather(detections)
    if len(seen) == 1 and detections.facts["count"][0] == "1":
        yield _suggest_company(main)
    else:
        yield _edit_suggestion(
            removal_instruction(seen[-1].subject), f"The {_name_of(main)} would have the picture to itself."
        )
    style = "watercolour" if detections.facts["style"][0] != "watercolour" else "pencil"
    yield _edit_suggestion(
        SURROUNDINGS_INSTRUCTIONS["style"](style), "Another style keeps the scene and changes its mood."
    )
    yield from suggest_frames(picture.shape[1], picture.shape[0])


def _suggest_for_region(seen: Detection) -> Iterator[SuggestionFacts]:
    yield _suggest_colour(seen)
    yield _edit_suggestion(
        removal_instruction(seen.subject), f"What is behind the {_name_of(seen)} would be seen."
    )
    other = _other_subject(seen.subject)
    words = f"replace the {_name_of(seen)} with {with_article('a', other)}"
    yield _edit_suggestion(
        words, f"{with_article('a', other).capitalize()} in its place tells another story."
    )


def _suggest_colour(seen: Detection) -> SuggestionFacts:
    colour = CONTRASTING_COLOURS[seen.colour]
    return _edit_suggestion(
        recolour_instruction(seen.subject, colour),
        f"The {_name_of(seen)} is {seen.colour}: {colour} would stand out.",
    )


def _suggest_weather(detections: SceneDetections) -> Iterator[SuggestionFacts]:
    setting = detections.facts["setting"][0]
    if not setting or not SETTINGS[setting].outdoors or detections.facts["weather"][0] != "clear":
        return
    if SETTINGS[setting].seasons and detections.facts["season"][0] != "winter":
        yield _edit_suggestion(
            SURROUNDINGS_INSTRUCTIONS["season"]("winter"), "Winter makes another picture of the same place."
        )
    else:
        yield _edit_suggestion(
            SURROUNDINGS_INSTRUCTIONS["weather"]("fog"), "Fog quietens everything behind it."
        )


def _suggest_company(seen: Detection) -> SuggestionFacts:
    other = _other_subject(seen.subject)
    side = "left" if seen.centre[0] > 0.5 else "right"
    words = f"add {with_article('a', other)} to the {side} of the {_name_of(seen)}"
    return _edit_suggestion(words, f"The {_name_of(seen)} is alone, and there is room on the {side}.")


def _other_subject(subject: str) -> str:
    """Returns the next subject that is usual in the same settings, or else the next of all."""
    names = list(SUBJECTS)
    following = names[names.index(subject) + 1 :] + names[: names.index(subject)]
    homes = set(SUBJECTS[subject].homes)
    same_settings = [name for name in following if homes & set(SUBJECTS[name].homes)]
    return SUBJECTS[(same_settings or following)[0]].names[0]


def _name_of(seen: Detection) -> str:
    return SUBJECTS[seen.subject].names[0]


def _edit_suggestion(instruction: str, why: str) -> SuggestionFacts:
    return SuggestionFacts(instruction=instruction, task="edit", why=why)
