"""Checks of detections against an intent: one check for each thing that the prompt says.

A subject, a style or a place that the detector never learnt is not checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from functions.contract.intent_facts import FigureFacts, IntentFacts
from worker.scene_critic.detections import Detection, SceneDetections
from worker.scene_critic.picture_facts import FACTS
from worker.scene_vocabulary.colours import COLOURS
from worker.scene_vocabulary.english import NUMBERS, with_article
from worker.scene_vocabulary.subjects import SUBJECTS

SURROUNDINGS = ("setting", "place", "light", "season", "weather", "style")
"""The facts about a whole picture that an intent may name."""
_SURE = 0.5
"""The least probability at which a detected fact contradicts the intent."""
_RECOGNISABLE = 0.7
"""The least confidence at which a subject counts as well drawn. Of 191 renders out of the autoencoder
seven have less, of 197 of its drawings 23, and most of these are blobs."""
_APART = 0.04
"""The least distance of two centres, in shares of a side, if one thing is beside or above the other."""
_OPPOSITES = {"right of": "left of", "below": "above", "behind": "in front of"}


@dataclass(frozen=True)
class SceneCheck:
    """One thing that the prompt says, and whether the picture shows it.

    ``kind`` is subject, recognition, colour, count, relation, or one of ``SURROUNDINGS``.
    """

    kind: str
    holds: bool
    reason: str
    """What is wrong if the check does not hold."""
    subject: str = ""
    """The subject that the check is about; "" for the surroundings."""


def check_scene(detections: SceneDetections, intent: IntentFacts) -> Iterator[SceneCheck]:
    """Yields a check of everything that the intent says and the detector can tell."""
    known = known_figures(intent)
    for figure in known:
        yield from check_figure(detections, figure)
    kinds = {figure.subject for figure in known}
    if len(kinds) == 1 and len(intent.figures) == 1:
        if known[0].several:
            yield check_several(detections, known[0].subject)
        elif known[0].count in (1, *NUMBERS):
            yield check_count(detections, known[0].subject, known[0].count or 1)
    if intent.relation and len(kinds) == 2:
        first, second = dict.fromkeys(figure.subject for figure in known)
        yield from check_relation(detections, first, intent.relation, second)
    for name in SURROUNDINGS:
        wanted = getattr(intent, name)
        if wanted in FACTS[name]:
            yield check_surroundings(detections, name, wanted)


def known_figures(intent: IntentFacts) -> list[FigureFacts]:
    """Returns the figures whose subject the detector knows."""
    return [figure for figure in intent.figures if figure.subject in SUBJECTS]


def check_figure(detections: SceneDetections, figure: FigureFacts) -> Iterator[SceneCheck]:
    """Checks that the figure is present and, if so, has the requested colour."""
    seen = detections.find(figure.subject)
    name = SUBJECTS[figure.subject].names[0]
    yield SceneCheck("subject", seen is not None, f"there is no {name}", figure.subject)
    if seen is not None and figure.colour in COLOURS:
        wrong = f"the {name} is {seen.colour} and not {figure.colour}"
        yield SceneCheck("colour", seen.colour == figure.colour, wrong, figure.subject)


def check_recognisable(detections: SceneDetections, figure: FigureFacts) -> Iterator[SceneCheck]:
    """Checks that the figure, if it is present, looks like nothing else; yields nothing if it is missing."""
    seen = detections.find(figure.subject)
    if seen is not None:
        wrong = f"the {SUBJECTS[figure.subject].names[0]} is hard to recognise"
        yield SceneCheck("recognition", seen.confidence >= _RECOGNISABLE, wrong, figure.subject)


def check_absence(detections: SceneDetections, subject: str) -> SceneCheck:
    """Checks that the subject is absent."""
    wrong = f"there is still {with_article('a', SUBJECTS[subject].names[0])}"
    return SceneCheck("subject", detections.find(subject) is None, wrong, subject)


def check_count(detections: SceneDetections, subject: str, count: int) -> SceneCheck:
    """Checks the number of copies of the only subject."""
    seen, sure = detections.facts["count"]
    several = SUBJECTS[subject].plural[0]
    wrong = f"there are {NUMBERS[int(seen)]} {several}" if seen != "1" else f"there are not {count} {several}"
    return SceneCheck("count", seen == str(count) or sure < _SURE, wrong, subject)


def check_several(detections: SceneDetections, subject: str) -> SceneCheck:
    """Checks that there is more than one copy of the only subject."""
    seen, sure = detections.facts["count"]
    wrong = f"there is only one {SUBJECTS[subject].names[0]}"
    return SceneCheck("count", seen != "1" or sure < _SURE, wrong, subject)


def check_relation(
    detections: SceneDetections, first: str, relation: str, second: str
) -> Iterator[SceneCheck]:
    """Checks how two subjects stand to each other; yields nothing if one of them is missing."""
    one, other = detections.find(first), detections.find(second)
    if one is not None and other is not None:
        wrong = f"the {SUBJECTS[first].names[0]} is not {relation} the {SUBJECTS[second].names[0]}"
        yield SceneCheck("relation", _is_in_relation(one, relation, other), wrong, first)


def check_surroundings(detections: SceneDetections, name: str, wanted: str) -> SceneCheck:
    """Checks the fact ``name`` of the whole picture."""
    seen, sure = detections.facts[name]
    wrong = f"the {name} is {seen} and not {wanted}" if seen else f"the {name} is not {wanted}"
    return SceneCheck(name, seen == wanted or sure < _SURE, wrong)


def _is_in_relation(one: Detection, relation: str, other: Detection) -> bool:
    """Returns True if ``one`` stands in that relation to ``other``. The nearer thing stands lower."""
    if relation in _OPPOSITES:
        return _is_in_relation(other, _OPPOSITES[relation], one)
    across, down = (b - a for a, b in zip(one.centre, other.centre, strict=True))
    match relation:
        case "left of":
            return across > _APART
        case "above":
            return down > _APART
        case "in front of":
            return one.box[3] >= other.box[3] and down < _APART
        case _:  # "next to": it is enough that both are present
            return True
