"""Judges an edit: was the change made, and is everything else unchanged?"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.drawing.judge import intent_of_scene
from training.examples.edits import Edit
from training.scenes.scene_sampling import Scene
from worker.scene_critic.checks import SceneCheck, check_absence, check_scene
from worker.scene_critic.detections import SceneDetections

_OF_THE_WHOLE = {
    "relight": ("light",),
    "move": ("setting", "place"),
    "restyle": ("style",),
    "season": ("season",),
    "weather": ("weather",),
}
"""The facts that each kind of edit changes; the other kinds change a thing."""
_KEPT = frozenset({"subject", "colour", "count", "setting", "light", "place", "style"})
"""The facts that are checked for being unchanged. Seasons and weather cannot be distinguished from light, and
relations follow from the subjects.
"""


def changed_subject(edit: Edit) -> str | None:
    """Returns the subject that the edit changes, after the edit, or before it where it is removed;
    None without one.
    """
    if edit.kind in _OF_THE_WHOLE:
        return None
    scene = edit.before if edit.kind in ("recolour", "replace", "remove") else edit.after
    return scene.figures[edit.target].subject


def shows_change(detections: SceneDetections, edit: Edit) -> bool:
    """Returns True if the change was made."""
    return all(check.holds for check in _change_checks(detections, edit))


def keeps_rest(detections: SceneDetections, edit: Edit) -> bool:
    """Returns True if everything that the edit does not mention is as in the scene after the edit."""
    changed, about = _OF_THE_WHOLE.get(edit.kind, ()), _changed_subjects(edit)
    others = (
        check
        for check in check_scene(detections, intent_of_scene(edit.after))
        if check.kind in _KEPT and check.kind not in changed and check.subject not in about
    )
    return all(check.holds for check in others if not (changed and check.kind in _surrounding_facts()))


def _surrounding_facts() -> frozenset[str]:
    """Returns the facts of the surroundings: where one of them changes, the others look different too."""
    return frozenset({"setting", "light", "place", "style"})


def _change_checks(detections: SceneDetections, edit: Edit) -> Iterator[SceneCheck]:
    after = list(check_scene(detections, intent_of_scene(edit.after)))
    if edit.kind in _OF_THE_WHOLE:
        named = _present_facts(edit.after, _OF_THE_WHOLE[edit.kind])
        yield from (check for check in after if check.kind in named)
        return
    yield from (
        check
        for check in after
        if check.subject in _changed_subjects(edit) and check.kind in ("subject", "colour")
    )
    if edit.kind in ("replace", "remove"):
        removed = edit.before.figures[edit.target].subject
        if all(figure.subject != removed for figure in edit.after.figures):
            yield check_absence(detections, removed)
    if edit.kind == "add":
        yield from (check for check in after if check.kind == "relation")


def _changed_subjects(edit: Edit) -> frozenset[str]:
    """Returns the subjects that change, as they are after the edit."""
    if edit.kind in _OF_THE_WHOLE or edit.kind == "remove":
        return frozenset()
    return frozenset({edit.after.figures[edit.target].subject})


def _present_facts(scene: Scene, names: tuple[str, ...]) -> frozenset[str]:
    """Returns the given names of facts, of ``setting`` and ``place`` only the one that the scene has."""
    return frozenset(name for name in names if name != ("setting" if scene.place else "place"))
