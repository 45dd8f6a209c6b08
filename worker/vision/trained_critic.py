"""A critic that uses the trained detector, for models that draw the scenes it was trained on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from math import prod

import cv2
import numpy as np

from functions.contract.intent_facts import IntentFacts
from worker.engines.protocol import Picture
from worker.pictures.blend import blend_pictures
from worker.pictures.pixel_art import is_pixel_art
from worker.prompt_intent.prompt_words import split_words
from worker.prompt_intent.small_words import SMALL_WORDS
from worker.scene_critic.checks import (
    SURROUNDINGS,
    SceneCheck,
    check_absence,
    check_recognisable,
    check_scene,
    known_figures,
)
from worker.scene_critic.detections import SceneDetections, SubjectDetector
from worker.scene_critic.repairs import repair_instruction
from worker.scene_vocabulary.instructions import recolour_instruction
from worker.scene_vocabulary.subjects import SUBJECTS
from worker.vision.asks import Ask, compare_asks, list_asks
from worker.vision.protocol import BeforeEdit, Score
from worker.vision.rules_critic import RuleCheck, RulesCritic, loose_colours, measure_picture

_SCORE_LEFT = {"subject": 0.2, "recognition": 0.5, "colour": 0.5, "count": 0.5, "relation": 0.5}
_SCORE_LEFT_BY_SURROUNDINGS = 0.75
"""The factor by which a failed check lowers the score. One fault of a figure, or two of the surroundings,
bring it below the usual threshold."""
_SURE = 0.8
"""The least probability, before and after an edit, at which a change is reported."""


class TrainedCritic:
    """Scores by the detections. The rules measure what the detector cannot tell, such as a blank picture.

    What neither can tell is unchecked: words outside of the scene vocabulary, sizes, texts, moods.
    """

    name = "critic"

    def __init__(self, detector: SubjectDetector) -> None:
        self._detector = detector
        self._rules = RulesCritic()

    def score(self, picture: Picture, intent: IntentFacts | None, before: BeforeEdit | None = None) -> Score:
        if intent is None:
            return self._rules.score(picture, None, before)
        rules = measure_picture(picture, _intent_for_rules(intent), before)
        missed = _missed_colours(rules, intent) if before is not None else {}
        measured = [check for check in rules if not check.holds and check not in missed.values()]
        shown = picture if before is None else _composite_edit(picture, before)
        detections = self._detector.detect(shown)
        held = [check for check in check_scene(detections, intent) if not _is_unreadable(check, detections)]
        if before is None and is_pixel_art(picture, intent):  # it will be, when it is enlarged
            held = [check for check in held if check.kind != "style"]
        held += [check_absence(detections, subject) for subject in unwanted_subjects(intent)]
        if before is None:  # what a picture had before an edit may be as hard to recognise as it likes
            held += [
                each for figure in known_figures(intent) for each in check_recognisable(detections, figure)
            ]
        checked = {check.ask for check in rules if check.ask} | _checked_asks(held, intent)
        mendable = [
            (check, repair_instruction(check, detections, intent)) for check in held if not check.holds
        ]
        if before is not None:
            was = self._detector.detect(before.picture)
            kept = list(check_unchanged(was, detections, intent))
            mendable += [(check, _recolour_instead(check, was, intent)) for check in kept if not check.holds]
            mendable += [
                (SceneCheck("colour", False, check.reason), _recolour_the_only_thing(was, colour))
                for colour, check in missed.items()
            ]
        mendable.sort(key=lambda each: _score_left(each[0]))  # the most serious fault is mended first
        left = (1 - len(measured) / len(rules)) * prod(_score_left(check) for check, _ in mendable)
        unchecked, coverage = compare_asks(list_asks(intent), checked)
        return Score(
            value=left if coverage or measured or mendable else None,
            by=self.name,
            reasons=(*(check.reason for check in measured), *(check.reason for check, _ in mendable)),
            repairs=(
                *(check.repair for check in measured if check.repair),
                *(words for _, words in mendable if words),
            ),
            unchecked=unchecked,
            coverage=coverage or 1.0,
        )


def _checked_asks(held: Sequence[SceneCheck], intent: IntentFacts) -> set[Ask]:
    """Returns what the checks decide. Of a missing subject everything is decided."""
    missing = {check.subject for check in held if check.kind == "subject" and not check.holds}
    unwanted = set(unwanted_subjects(intent))
    return (
        {(check.kind, "" if check.kind == "relation" else check.subject) for check in held}
        | {(kind, subject) for subject in missing for kind in ("colour", "count", "size")}
        | ({("relation", "")} if missing else set())
        | {("without", phrase) for phrase in intent.without if _excludes_only(phrase, unwanted)}
    )


def _excludes_only(phrase: str, subjects: Collection[str]) -> bool:
    """Returns True if ``phrase`` names one of the subjects and nothing that the detector cannot tell."""
    words = [word for word in split_words(phrase.split()) if word.text not in SMALL_WORDS]
    known = [word.is_a("subject") and word.name in subjects for word in words]
    return any(known) and all(
        is_known or word.is_a("colour") for is_known, word in zip(known, words, strict=True)
    )


def _is_unreadable(check: SceneCheck, detections: SceneDetections) -> bool:
    """Returns True for a season that the detector does not see: it often overlooks a season's few signs."""
    return check.kind == "season" and not detections.facts["season"][0]


def _score_left(check: SceneCheck) -> float:
    return _SCORE_LEFT.get(check.kind, _SCORE_LEFT_BY_SURROUNDINGS)


def _missed_colours(rules: Sequence[RuleCheck], intent: IntentFacts) -> dict[str, RuleCheck]:
    """Returns the failed check of each colour that an edit was to bring and that belongs to no thing."""
    asks = {("colour", colour): colour for colour in loose_colours(intent)}
    return {asks[check.ask]: check for check in rules if not check.holds and check.ask in asks}


def _recolour_instead(check: SceneCheck, was: SceneDetections, intent: IntentFacts) -> str | None:
    """Returns the instruction for the only thing, if it got another colour than "it" was to get."""
    wished = loose_colours(intent)
    return _recolour_the_only_thing(was, wished[0]) if wished and check.kind == "colour" else None


def _recolour_the_only_thing(was: SceneDetections, colour: str) -> str | None:
    """Returns the instruction that says what "it" is: the only thing of the picture, if there is one."""
    sure = [seen.subject for seen in was.subjects if seen.confidence >= _SURE]
    return recolour_instruction(sure[0], colour) if len(sure) == 1 else None


def _intent_for_rules(intent: IntentFacts) -> IntentFacts:
    """Returns the part of the intent that the rules must check: colours of no known subject."""
    known = known_figures(intent)
    owned = {figure.colour for figure in known}
    colours = tuple(colour for colour in intent.colours if colour not in owned)
    others = tuple(figure for figure in intent.figures if figure not in known)
    return intent.model_copy(update={"colours": colours, "figures": others, "light": None})


def unwanted_subjects(intent: IntentFacts) -> Sequence[str]:
    """Returns the subjects that the prompt excludes."""
    wished = {figure.subject for figure in intent.figures}
    words = [word for phrase in intent.without for word in split_words(phrase.split())]
    named = [word.name for word in words if word.is_a("subject")]
    return [name for name in dict.fromkeys(named) if name not in wished and name in SUBJECTS]


def check_unchanged(
    before: SceneDetections, after: SceneDetections, intent: IntentFacts
) -> Iterator[SceneCheck]:
    """Checks that everything the edit does not mention is unchanged, where both detections are confident."""
    gone, asked = unwanted_subjects(intent), {figure.subject: figure for figure in known_figures(intent)}
    wished = loose_colours(intent)  # "make it blue" does not say what
    for seen in before.subjects:
        if seen.confidence < _SURE or seen.subject in gone:
            continue
        now, figure = after.find(seen.subject), asked.get(seen.subject)
        name = SUBJECTS[seen.subject].names[0]
        if figure is None:
            yield SceneCheck("subject", now is not None, f"the {name} is gone", seen.subject)
        if now is not None and (figure is None or figure.colour is None):
            wrong = f"the {name} was {seen.colour} and is {now.colour}"
            yield SceneCheck("colour", now.colour in (seen.colour, *wished), wrong, seen.subject)
    if any(getattr(intent, name) for name in SURROUNDINGS):
        return  # the surroundings depend on each other: snow hides a meadow
    for name in SURROUNDINGS:
        (was, sure), (now_is, sure_now) = before.facts[name], after.facts[name]
        same = was == now_is or min(sure, sure_now) < _SURE
        yield SceneCheck(name, same, f"the {name} was {was or 'none'} and is {now_is or 'none'}")


def _composite_edit(picture: Picture, before: BeforeEdit) -> Picture:
    """Returns the picture as the caller will see it: the edited region over the original."""
    if before.mask is None:
        return picture
    size = (picture.shape[1], picture.shape[0])
    around = np.asarray(cv2.resize(before.picture, size, interpolation=cv2.INTER_AREA), np.float32)
    mask = np.asarray(cv2.resize(before.mask, size, interpolation=cv2.INTER_AREA), np.float32)
    return blend_pictures(around, picture, mask).astype(np.float32)
