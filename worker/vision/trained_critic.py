"""A critic that sees the subjects, for models that draw in the world of which it learnt the truth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod

import cv2
import numpy as np

from functions.contract.manifest import IntentFacts
from worker.engines.protocol import Picture
from worker.prompts.intent_words import KNOWN
from worker.scene_critic.checks import SURROUNDINGS, Check, checks, known_figures, of_absence
from worker.scene_critic.detections import Critic as Seeing
from worker.scene_critic.detections import Sight
from worker.scene_critic.repairs import repair
from worker.scene_vocabulary.subjects import SUBJECTS
from worker.stages.composite import blend
from worker.vision.protocol import Before, Score
from worker.vision.rules_critic import RulesCritic

_LEFT = {"subject": 0.2, "colour": 0.5, "count": 0.5, "relation": 0.5}
_LEFT_OF_SURROUNDINGS = 0.75
"""What is left of the score where a check does not hold: one fault of a figure is below the usual threshold,
and so are two of the surroundings."""
_SURE = 0.8
"""The probability of what is said to have changed in an edit, before and after it."""


class TrainedCritic:
    """What the network can tell by what it sees; the rest, such as a blank picture, by the rules."""

    name = "critic"

    def __init__(self, seeing: Seeing) -> None:
        self._seeing = seeing
        self._rules = RulesCritic()

    def score(self, picture: Picture, intent: IntentFacts | None, before: Before | None = None) -> Score:
        measured = self._rules.score(picture, _rest(intent) if intent else None, before)
        if intent is None:
            return measured
        shown = picture if before is None else _composited(picture, before)
        sight = self._seeing.look(shown)
        held = [check for check in checks(sight, intent) if not _is_unread(check, sight)]
        held += [of_absence(sight, subject) for subject in unwanted(intent)]
        mendable = [(check, repair(check, sight, intent)) for check in held if not check.holds]
        if before is not None:
            kept = list(unchanged(self._seeing.look(before.picture), sight, intent))
            mendable += [(check, None) for check in kept if not check.holds]
        mendable.sort(key=lambda each: _left(each[0]))  # the gravest is mended first
        return Score(
            value=measured.value * prod(_left(check) for check, _ in mendable),
            by=self.name,
            reasons=(*measured.reasons, *(check.reason for check, _ in mendable)),
            repairs=(*measured.repairs, *(words for _, words in mendable if words)),
        )


def _is_unread(check: Check, sight: Sight) -> bool:
    """A season's few signs are often overlooked: seeing none says nothing, and seeing another one does."""
    return check.of == "season" and not sight.facts["season"][0]


def _left(check: Check) -> float:
    return _LEFT.get(check.of, _LEFT_OF_SURROUNDINGS)


def _rest(intent: IntentFacts) -> IntentFacts:
    """What the network cannot tell: colours that belong to nothing that it knows."""
    known = known_figures(intent)
    owned = {figure.colour for figure in known}
    colours = tuple(colour for colour in intent.colours if colour not in owned)
    others = tuple(figure for figure in intent.figures if figure not in known)
    return intent.model_copy(update={"colours": colours, "figures": others, "light": None})


def unwanted(intent: IntentFacts) -> Sequence[str]:
    """The subjects that must not be seen."""
    wished = {figure.subject for figure in intent.figures}
    meanings = [KNOWN.get(word) for phrase in intent.without for word in (phrase, *phrase.split())]
    named = [meaning.name for meaning in meanings if meaning is not None and meaning.kind == "subject"]
    return [name for name in dict.fromkeys(named) if name not in wished and name in SUBJECTS]


def unchanged(before: Sight, after: Sight, intent: IntentFacts) -> Iterator[Check]:
    """That what an edit does not speak of is as it was, as far as the critic is sure of both."""
    gone, asked = unwanted(intent), {figure.subject: figure for figure in known_figures(intent)}
    for seen in before.subjects:
        if seen.confidence < _SURE or seen.subject in gone:
            continue
        now, figure = after.find(seen.subject), asked.get(seen.subject)
        name = SUBJECTS[seen.subject].names[0]
        if figure is None:
            yield Check("subject", now is not None, f"the {name} is gone", seen.subject)
        if now is not None and (figure is None or figure.colour is None):
            wrong = f"the {name} was {seen.colour} and is {now.colour}"
            yield Check("colour", now.colour == seen.colour, wrong, seen.subject)
    if any(getattr(intent, name) for name in SURROUNDINGS):
        return  # what one sees of each depends on the others: snow hides a meadow
    for name in SURROUNDINGS:
        (was, sure), (now_is, sure_now) = before.facts[name], after.facts[name]
        same = was == now_is or min(sure, sure_now) < _SURE
        yield Check(name, same, f"the {name} was {was or 'none'} and is {now_is or 'none'}")


def _composited(picture: Picture, before: Before) -> Picture:
    """What will be seen once the region is cut out of the picture and laid over what was there."""
    if before.mask is None:
        return picture
    size = (picture.shape[1], picture.shape[0])
    around = np.asarray(cv2.resize(before.picture, size, interpolation=cv2.INTER_AREA), np.float32)
    mask = np.asarray(cv2.resize(before.mask, size, interpolation=cv2.INTER_AREA), np.float32)
    return blend(around, picture, mask).astype(np.float32)
