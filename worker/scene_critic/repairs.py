"""Instructions for an editing model that mend what a check found wrong."""

from __future__ import annotations

from collections.abc import Callable

from functions.contract.manifest import FigureFacts, IntentFacts
from worker.scene_critic.checks import SceneCheck, known_figures
from worker.scene_critic.detections import SceneDetections
from worker.scene_vocabulary.appearance import SEASONS, STYLES
from worker.scene_vocabulary.english import NUMBERS, join_words, with_article
from worker.scene_vocabulary.lights import LIGHT_NAMES
from worker.scene_vocabulary.places import PLACES
from worker.scene_vocabulary.scene_settings import SETTINGS
from worker.scene_vocabulary.subjects import SUBJECTS

_WEATHERS = {
    "clear": "make the weather clear",
    "rain": "let it rain",
    "snow": "let it snow",
    "fog": "make it foggy",
}
_FROM_THE_OTHER = {
    "left of": "to the right of",
    "right of": "to the left of",
    "above": "below",
    "below": "above",
    "in front of": "behind",
    "behind": "in front of",
}
SURROUNDINGS_INSTRUCTIONS: dict[str, Callable[[str], str]] = {
    "setting": lambda setting: f"put it {SETTINGS[setting].phrases[0]}",
    "place": lambda place: f"put it in {PLACES[place].names[0]}",
    "light": lambda light: f"make it {LIGHT_NAMES[light][0]}",
    "season": lambda season: f"make it {SEASONS[season].name}",
    "weather": lambda weather: _WEATHERS[weather],
    "style": lambda style: f"turn it into {STYLES[style].name}",
}
"""Builds, for each fact of the surroundings, the instruction that gives it an answer."""


def repair_instruction(check: SceneCheck, detections: SceneDetections, intent: IntentFacts) -> str | None:
    """Returns the instruction that mends what ``check`` found, or None if only a new picture helps."""
    if check.kind in SURROUNDINGS_INSTRUCTIONS:
        return SURROUNDINGS_INSTRUCTIONS[check.kind](getattr(intent, check.kind))
    figure = next((each for each in known_figures(intent) if each.subject == check.subject), None)
    if check.kind == "colour" and figure and figure.colour:
        return recolour_instruction(figure.subject, figure.colour)
    if check.kind == "subject":
        return (
            _addition_instruction(figure, detections, intent)
            if figure
            else removal_instruction(check.subject)
        )
    return None


def recolour_instruction(subject: str, colour: str) -> str:
    """Returns the instruction that gives the subject a colour."""
    return f"make the {SUBJECTS[subject].names[0]} {colour}"


def removal_instruction(subject: str) -> str:
    """Returns the instruction that removes the subject."""
    return f"remove the {SUBJECTS[subject].names[0]}"


def _addition_instruction(
    missing: FigureFacts, detections: SceneDetections, intent: IntentFacts
) -> str | None:
    """Adds the figure beside the other asked subject; if a wrong subject stands alone, replaces that one."""
    asked = known_figures(intent)
    others = [each.subject for each in asked if each.subject != missing.subject]
    there = next((each for each in others if detections.find(each)), None)
    if there is not None:
        relation = intent.relation or "left of"
        if missing.subject == asked[0].subject:
            side = "to the " + relation if relation in ("left of", "right of") else relation
        else:
            side = _FROM_THE_OTHER.get(relation, "to the right of")
        return f"add {_describe_figure(missing)} {side} the {SUBJECTS[there].names[0]}"
    if len(asked) == 1 and len(detections.subjects) == 1:
        shown = SUBJECTS[detections.subjects[0].subject].names[0]
        return f"replace the {shown} with {_describe_figure(missing)}"
    return None


def _describe_figure(figure: FigureFacts) -> str:
    kind, colour = SUBJECTS[figure.subject], figure.colour or ""
    if figure.count in NUMBERS:
        return join_words(NUMBERS[figure.count], colour, kind.plural[0])
    return with_article("a", join_words(colour, kind.names[0]))
