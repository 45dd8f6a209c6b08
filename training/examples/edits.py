"""Edits: a scene before and after one change."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from training.scenes.character_sampling import sample_character
from training.scenes.composition import Figure, Scene
from training.scenes.holdout import is_held_out
from training.scenes.scene_sampling import Layout, mirror_figures, move_to_place, sample_figure, sample_scene
from worker.scene_vocabulary.appearance import SEASONS, STYLES, WEATHERS
from worker.scene_vocabulary.colours import COLOURS
from worker.scene_vocabulary.lights import LIGHTS
from worker.scene_vocabulary.places import PLACES
from worker.scene_vocabulary.scene_settings import SETTINGS
from worker.scene_vocabulary.subjects import SUBJECTS

EDIT_KINDS: dict[str, int] = {
    "recolour": 5,
    "relight": 3,
    "replace": 3,
    "move": 2,
    "add": 3,
    "remove": 2,
    "restyle": 1,
    "season": 2,
    "weather": 2,
}
"""The kinds of edits, with their sampling weights."""


class SampleScene(Protocol):
    """Samples the scene that an edit starts from."""

    def __call__(self, layout: Layout | None = None) -> Scene: ...


@dataclass(frozen=True)
class Edit:
    """A scene before and after one change."""

    before: Scene
    after: Scene
    kind: str
    """A key of ``EDIT_KINDS``."""
    target: int = 0
    """The index of the changed or removed figure (in ``before``) or of the added one (in ``after``)."""


def sample_edit(
    rng: random.Random, *, wide: bool = True, held_out: bool = False, kind: str | None = None
) -> Edit:
    """Samples an edit; ``wide`` as in :func:`~training.scenes.scene_sampling.sample_scene`.

    With ``held_out`` the scene before the edit is a held-out one; without, neither scene is.
    ``kind`` is the only kind to sample; None for any.
    """
    wanted = kind or rng.choices(tuple(EDIT_KINDS), weights=tuple(EDIT_KINDS.values()))[0]

    def draw(layout: Layout | None = None) -> Scene:
        return mirror_figures(sample_scene(rng, wide=wide, held_out=held_out, layout=layout), rng)

    while True:
        edit = _MAKERS[wanted](rng, draw)
        if edit is not None and (held_out or not (is_held_out(edit.before) or is_held_out(edit.after))):
            return edit


def has_weather(scene: Scene) -> bool:
    """Returns True if the scene can show weather."""
    return bool(scene.place) or SETTINGS[scene.setting].outdoors


def has_lights(scene: Scene) -> bool:
    """Returns True if the scene can show several lights."""
    return bool(scene.place) or len(SETTINGS[scene.setting].lights) > 1


def _recolour_figure(rng: random.Random, draw: SampleScene) -> Edit:
    before = draw()
    target = rng.randrange(len(before.figures))
    figure = before.figures[target]
    changed = replace(figure, colour=_pick_other(COLOURS, figure.colour, rng))
    return Edit(before, _with_figure(before, target, changed), "recolour", target)


def _replace_figure(rng: random.Random, draw: SampleScene) -> Edit:
    before = draw()
    target = rng.randrange(len(before.figures))
    figure = before.figures[target]
    taken = {other.subject for other in before.figures}
    subject = rng.choice([name for name in SUBJECTS if name not in taken])
    # In half of the cases only the subject changes, and the instruction names no colour.
    colour = _pick_other(COLOURS, figure.colour, rng) if rng.random() < 0.5 else figure.colour
    character = sample_character(rng) if subject == "figurine" else None
    changed = replace(figure, subject=subject, colour=colour, character=character)
    return Edit(before, _with_figure(before, target, changed), "replace", target)


def _change_light(rng: random.Random, draw: SampleScene) -> Edit | None:
    before = draw()
    if not has_lights(before):
        return None
    return Edit(before, replace(before, light=_pick_other(LIGHTS, before.light, rng)), "relight")


def _move_figure(rng: random.Random, draw: SampleScene) -> Edit | None:
    before = draw()
    if before.place or before.season or before.weather != "clear":
        return None
    figure = before.figures[0]
    alone = len(before.figures) == 1 and figure.count == 1 and figure.slot == "centre"
    if alone and figure.size == "normal" and rng.random() < 0.2:
        return Edit(before, move_to_place(before, rng.choice(tuple(PLACES)), rng), "move")
    setting = _pick_other(SETTINGS, before.setting, rng)
    if before.light not in SETTINGS[setting].lights:
        return None
    return Edit(before, replace(before, setting=setting), "move")


def _add_figure(rng: random.Random, draw: SampleScene) -> Edit:
    """Adds a figure in a relation to the first, or a smaller one beside a figure in the middle."""
    if rng.random() < 0.35:
        after = draw("one")
        while after.place or after.word or after.position != "centre" or after.figures[0].size == "large":
            after = draw("one")
        first = after.figures[0]
        after = replace(after, figures=(first, sample_figure(rng, "aside", but=first.subject)))
    else:
        after = draw("pair")
        if rng.random() < 0.5:
            after = replace(after, figures=after.figures[::-1])
        # The picture before does not show to which side the added figure looks.
        after = _with_figure(after, 1, replace(after.figures[1], flip=False))
    return Edit(replace(after, figures=after.figures[:1]), after, "add", 1)


def _remove_figure(rng: random.Random, draw: SampleScene) -> Edit:
    added = _add_figure(rng, draw)
    return Edit(added.after, added.before, "remove", 1)


def _change_style(rng: random.Random, draw: SampleScene) -> Edit:
    before = draw()
    return Edit(before, replace(before, style=_pick_other(STYLES, before.style, rng)), "restyle")


def _change_season(rng: random.Random, draw: SampleScene) -> Edit | None:
    before = draw()
    if before.place or not SETTINGS[before.setting].seasons:
        return None
    return Edit(before, replace(before, season=_pick_other(SEASONS, before.season, rng)), "season")


def _change_weather(rng: random.Random, draw: SampleScene) -> Edit | None:
    before = draw()
    if not has_weather(before):
        return None
    return Edit(before, replace(before, weather=_pick_other(WEATHERS, before.weather, rng)), "weather")


_MAKERS: dict[str, Callable[[random.Random, SampleScene], Edit | None]] = {
    "recolour": _recolour_figure,
    "relight": _change_light,
    "replace": _replace_figure,
    "move": _move_figure,
    "add": _add_figure,
    "remove": _remove_figure,
    "restyle": _change_style,
    "season": _change_season,
    "weather": _change_weather,
}


def _pick_other(choices: Iterable[str], but: str, rng: random.Random) -> str:
    return rng.choice([name for name in choices if name != but])


def _with_figure(scene: Scene, target: int, figure: Figure) -> Scene:
    figures = (*scene.figures[:target], figure, *scene.figures[target + 1 :])
    return replace(scene, figures=figures)
