"""Suggests edits from what the critic sees: of this subject, in this colour, by this light."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from functions.contract.manifest import SuggestionFacts
from worker.engines.protocol import Mask, Picture
from worker.scene_critic.detections import Critic as Seeing
from worker.scene_critic.detections import Sight, Sighting
from worker.scene_critic.repairs import SURROUNDINGS, recoloured, removed
from worker.scene_vocabulary.english import with_article
from worker.scene_vocabulary.scene_settings import SETTINGS
from worker.scene_vocabulary.subjects import SUBJECTS
from worker.vision.protocol import Suggester, Suggestions
from worker.vision.rules_suggester import OPPOSITES, RulesSuggester, of_frame

_MOST = 6
_SURE = 0.55  # the mean probability of a subject that is spoken of
_LIKELY = 0.6  # the same of what the whole picture shows
_OTHER_LIGHT = {"day": "sunset", "sunset": "night", "night": "day", "dawn": "night"}
_MOODS = {
    "day": "Evening light would warm it.",
    "sunset": "It is evening: a little later the lights are on.",
    "night": "It is dark: by day one sees more of it.",
    "dawn": "It is early: the same place by night tells another story.",
}


class TrainedSuggester:
    """``beneath`` is asked where the critic is not sure to see anything that it knows."""

    name = "critic"

    def __init__(self, seeing: Seeing, beneath: Suggester | None = None) -> None:
        self._seeing = seeing
        self._beneath = beneath or RulesSuggester()

    def suggest(self, picture: Picture, region: Mask | None) -> Suggestions:
        sight = self._seeing.look(picture)
        seen = [each for each in sight.subjects if each.confidence >= _SURE]
        if region is not None:
            seen = [each for each in seen if self._is_in(picture, each, region)]
        if not seen:
            return self._beneath.suggest(picture, region)
        ideas = _for_region(seen[0]) if region is not None else _for_all(picture, sight, seen)
        return Suggestions(self.name, tuple(ideas)[:_MOST])

    def _is_in(self, picture: Picture, seen: Sighting, region: Mask) -> bool:
        """Whether most of the subject lies in the region."""
        heat = self._seeing.heat(picture, seen.subject)
        size = (heat.shape[1], heat.shape[0])
        inside = np.asarray(cv2.resize(region, size, interpolation=cv2.INTER_AREA), np.float32)
        return float((heat * inside).sum()) > 0.5 * float(heat.sum())


def _for_all(picture: Picture, sight: Sight, seen: list[Sighting]) -> Iterator[SuggestionFacts]:
    main = seen[0]
    yield _recoloured(main)
    light, sure = sight.facts["light"]
    setting = sight.facts["setting"][0]
    if sure >= _LIKELY and (not setting or len(SETTINGS[setting].lights) > 1):
        yield _edit(SURROUNDINGS["light"](_OTHER_LIGHT[light]), _MOODS[light])
    yield from _of_weather(sight)
    if len(seen) == 1 and sight.facts["count"][0] == "1":
        yield _company(main)
    else:
        yield _edit(removed(seen[-1].subject), f"The {_name(main)} would have the picture to itself.")
    style = "watercolour" if sight.facts["style"][0] != "watercolour" else "pencil"
    yield _edit(SURROUNDINGS["style"](style), "Another hand keeps the scene and changes its mood.")
    yield from of_frame(picture.shape[1], picture.shape[0])


def _for_region(seen: Sighting) -> Iterator[SuggestionFacts]:
    yield _recoloured(seen)
    yield _edit(removed(seen.subject), f"What is behind the {_name(seen)} would be seen.")
    other = _neighbour(seen.subject)
    words = f"replace the {_name(seen)} with {with_article('a', other)}"
    yield _edit(words, f"{with_article('a', other).capitalize()} in its place tells another story.")


def _recoloured(seen: Sighting) -> SuggestionFacts:
    colour = OPPOSITES[seen.colour]
    return _edit(
        recoloured(seen.subject, colour), f"The {_name(seen)} is {seen.colour}: {colour} would stand out."
    )


def _of_weather(sight: Sight) -> Iterator[SuggestionFacts]:
    setting = sight.facts["setting"][0]
    if not setting or not SETTINGS[setting].outdoors or sight.facts["weather"][0] != "clear":
        return
    if SETTINGS[setting].seasons and sight.facts["season"][0] != "winter":
        yield _edit(SURROUNDINGS["season"]("winter"), "Winter makes another picture of the same place.")
    else:
        yield _edit(SURROUNDINGS["weather"]("fog"), "Fog quietens everything behind it.")


def _company(seen: Sighting) -> SuggestionFacts:
    other = _neighbour(seen.subject)
    side = "left" if seen.centre[0] > 0.5 else "right"
    words = f"add {with_article('a', other)} to the {side} of the {_name(seen)}"
    return _edit(words, f"The {_name(seen)} is alone, and there is room on the {side}.")


def _neighbour(subject: str) -> str:
    """Something that is at home where the subject is; the next one of the list, where nothing else is."""
    names = list(SUBJECTS)
    following = names[names.index(subject) + 1 :] + names[: names.index(subject)]
    homes = set(SUBJECTS[subject].homes)
    at_home = [name for name in following if homes & set(SUBJECTS[name].homes)]
    return SUBJECTS[(at_home or following)[0]].names[0]


def _name(seen: Sighting) -> str:
    return SUBJECTS[seen.subject].names[0]


def _edit(instruction: str, why: str) -> SuggestionFacts:
    return SuggestionFacts(instruction=instruction, task="edit", why=why)
