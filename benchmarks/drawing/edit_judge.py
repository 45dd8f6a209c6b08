"""What a judge's detections says of an edit: is the change made, and is the rest as it was."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.drawing.judge import wish_of
from training.examples.edits import Edit
from training.scenes.scene import Scene
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
"""What is looked at for whether it was kept: what a season or a weather does to a scene is not told apart
from what the light does, and relations follow from who is there."""


def touched(edit: Edit) -> str | None:
    """The subject that the edit is about, as it is afterwards, or as it was where it goes; None: no one."""
    if edit.kind in _OF_THE_WHOLE:
        return None
    scene = edit.before if edit.kind in ("recolour", "replace", "remove") else edit.after
    return scene.figures[edit.target].subject


def made(detections: SceneDetections, edit: Edit) -> bool:
    """Whether the change is there."""
    return all(check.holds for check in _of_the_change(detections, edit))


def kept(detections: SceneDetections, edit: Edit) -> bool:
    """Whether all that the edit does not speak of is as the scene afterwards has it."""
    changed, about = _OF_THE_WHOLE.get(edit.kind, ()), _about(edit)
    others = (
        check
        for check in check_scene(detections, wish_of(edit.after))
        if check.kind in _KEPT and check.kind not in changed and check.subject not in about
    )
    return all(check.holds for check in others if not (changed and check.kind in _surroundings()))


def _surroundings() -> frozenset[str]:
    """Where one of them changes, the rest of them looks otherwise too: only things are looked at then."""
    return frozenset({"setting", "light", "place", "style"})


def _of_the_change(detections: SceneDetections, edit: Edit) -> Iterator[SceneCheck]:
    after = list(check_scene(detections, wish_of(edit.after)))
    if edit.kind in _OF_THE_WHOLE:
        named = _named(edit.after, _OF_THE_WHOLE[edit.kind])
        yield from (check for check in after if check.kind in named)
        return
    yield from (
        check for check in after if check.subject in _about(edit) and check.kind in ("subject", "colour")
    )
    if edit.kind in ("replace", "remove"):
        gone = edit.before.figures[edit.target].subject
        if all(figure.subject != gone for figure in edit.after.figures):
            yield check_absence(detections, gone)
    if edit.kind == "add":
        yield from (check for check in after if check.kind == "relation")


def _about(edit: Edit) -> frozenset[str]:
    """The subjects that change, as they are afterwards."""
    if edit.kind in _OF_THE_WHOLE or edit.kind == "remove":
        return frozenset()
    return frozenset({edit.after.figures[edit.target].subject})


def _named(scene: Scene, names: tuple[str, ...]) -> frozenset[str]:
    """Of a setting and a place the one that the scene has."""
    return frozenset(name for name in names if name != ("setting" if scene.place else "place"))
