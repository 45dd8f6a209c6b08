"""Instructions for an editing model that mend what a check found wrong."""

from __future__ import annotations

from functions.contract.intent_facts import FigureFacts, IntentFacts
from worker.scene_critic.checks import SceneCheck, known_figures
from worker.scene_critic.detections import SceneDetections
from worker.scene_vocabulary.instructions import (
    SURROUNDINGS_INSTRUCTIONS,
    describe_figure,
    recolour_instruction,
    removal_instruction,
)
from worker.scene_vocabulary.subjects import SUBJECTS

_FROM_THE_OTHER = {
    "left of": "to the right of",
    "right of": "to the left of",
    "above": "below",
    "below": "above",
    "in front of": "behind",
    "behind": "in front of",
}


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
        return f"add {describe_figure(missing)} {side} the {SUBJECTS[there].names[0]}"
    if len(asked) == 1 and len(detections.subjects) == 1:
        shown = SUBJECTS[detections.subjects[0].subject].names[0]
        return f"replace the {shown} with {describe_figure(missing)}"
    return None
