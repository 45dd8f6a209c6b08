"""What was asked for, held against what the critic sees: one check for each thing that was said.

Only what the critic knows is checked: of a thing, a style or a place that it never learnt it says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from functions.contract.manifest import FigureFacts, IntentFacts
from worker.scene_critic.detections import Sight, Sighting
from worker.scene_critic.facts import FACTS
from worker.scene_vocabulary.colours import COLOURS
from worker.scene_vocabulary.english import NUMBERS, with_article
from worker.scene_vocabulary.subjects import SUBJECTS

SURROUNDINGS = ("setting", "place", "light", "season", "weather", "style")
"""The facts of a whole picture that an intent may name."""
_SURE = 0.5
"""The probability from which on the critic contradicts what was asked of the surroundings."""
_APART = 0.04
"""Of a side: what two centres differ by at least where one thing is beside or above the other."""
_OPPOSITES = {"right of": "left of", "below": "above", "behind": "in front of"}


@dataclass(frozen=True)
class Check:
    """``of`` is what is checked: subject, colour, count, relation, or one of ``SURROUNDINGS``."""

    of: str
    holds: bool
    reason: str
    """What is wrong, where it does not hold."""
    about: str = ""
    """The subject, where it is about one."""


def checks(sight: Sight, intent: IntentFacts) -> Iterator[Check]:
    """Everything that the intent says and the critic can tell."""
    known = known_figures(intent)
    for figure in known:
        yield from of_figure(sight, figure)
    kinds = {figure.subject for figure in known}
    if len(kinds) == 1 and len(intent.figures) == 1 and known[0].count in (1, *NUMBERS):
        yield of_count(sight, known[0].subject, known[0].count or 1)
    if intent.relation and len(kinds) == 2:
        first, second = dict.fromkeys(figure.subject for figure in known)
        yield from of_relation(sight, first, intent.relation, second)
    for name in SURROUNDINGS:
        wanted = getattr(intent, name)
        if wanted in FACTS[name]:
            yield of_surroundings(sight, name, wanted)


def known_figures(intent: IntentFacts) -> list[FigureFacts]:
    return [figure for figure in intent.figures if figure.subject in SUBJECTS]


def of_figure(sight: Sight, figure: FigureFacts) -> Iterator[Check]:
    """That it is there; and where it is, that it has its colour."""
    seen = sight.find(figure.subject)
    name = SUBJECTS[figure.subject].names[0]
    yield Check("subject", seen is not None, f"there is no {name}", figure.subject)
    if seen is not None and figure.colour in COLOURS:
        wrong = f"the {name} is {seen.colour} and not {figure.colour}"
        yield Check("colour", seen.colour == figure.colour, wrong, figure.subject)


def of_absence(sight: Sight, subject: str) -> Check:
    wrong = f"there is still {with_article('a', SUBJECTS[subject].names[0])}"
    return Check("subject", sight.find(subject) is None, wrong, subject)


def of_count(sight: Sight, subject: str, count: int) -> Check:
    """Of the only kind of thing in a picture."""
    seen, sure = sight.facts["count"]
    several = SUBJECTS[subject].plural[0]
    wrong = f"there are {NUMBERS[int(seen)]} {several}" if seen != "1" else f"there are not {count} {several}"
    return Check("count", seen == str(count) or sure < _SURE, wrong, subject)


def of_relation(sight: Sight, first: str, relation: str, second: str) -> Iterator[Check]:
    """Where both are there: what is missing stands nowhere."""
    one, other = sight.find(first), sight.find(second)
    if one is not None and other is not None:
        wrong = f"the {SUBJECTS[first].names[0]} is not {relation} the {SUBJECTS[second].names[0]}"
        yield Check("relation", _stands(one, relation, other), wrong, first)


def of_surroundings(sight: Sight, name: str, wanted: str) -> Check:
    seen, sure = sight.facts[name]
    wrong = f"the {name} is {seen} and not {wanted}" if seen else f"the {name} is not {wanted}"
    return Check(name, seen == wanted or sure < _SURE, wrong)


def _stands(one: Sighting, relation: str, other: Sighting) -> bool:
    """Whether the first stands so to the second; in front is who stands lower, being nearer."""
    if relation in _OPPOSITES:
        return _stands(other, _OPPOSITES[relation], one)
    across, down = (b - a for a, b in zip(one.centre, other.centre, strict=True))
    match relation:
        case "left of":
            return across > _APART
        case "above":
            return down > _APART
        case "in front of":
            return one.box[3] >= other.box[3] and down < _APART
        case _:  # "next to": both are there
            return True
