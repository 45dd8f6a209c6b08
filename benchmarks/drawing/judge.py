"""The judge: a critic of another shape, trained on other scenes than the one in the correction loop.

It sees pictures, and holds them against the scenes that were asked for: never against what the rules made of
the words, and never against what the loop's critic thinks.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from benchmarks.drawing.shares import Share
from functions.contract.intent_facts import FigureFacts, IntentFacts
from training.scenes.scene_sampling import Scene, render_scene
from worker.engines.protocol import Picture
from worker.offline.pipeline import STARTER_SIDE
from worker.pictures.pixel_levels import levels_to_floats
from worker.scene_critic.checkpoint import load_detector
from worker.scene_critic.checks import check_scene
from worker.scene_critic.detections import SceneDetections, SubjectDetector
from worker.scene_vocabulary.colours import COLOURS
from worker.scene_vocabulary.subjects import SUBJECTS

OF_FIGURES = frozenset({"subject", "colour", "count", "relation"})


@dataclass(frozen=True)
class Judge:
    critic: SubjectDetector

    @classmethod
    def load(cls) -> Judge:
        return cls(SubjectDetector(load_detector("judge")))

    def detect(self, picture: Picture) -> SceneDetections:
        return self.critic.detect(picture)

    def shows(self, picture: Picture, scene: Scene) -> bool:
        """Returns True if all facts of the figures are right: subjects, colours, numbers and places."""
        return all(self.answers(picture, scene))

    def answers(self, picture: Picture, scene: Scene) -> list[bool]:
        checks = check_scene(self.detect(picture), intent_of_scene(scene))
        return [check.holds for check in checks if check.kind in OF_FIGURES]

    def shows_surroundings(self, picture: Picture, scene: Scene, said: Mapping[str, str]) -> bool:
        """Returns True if setting, light and the like are right, as far as they were ``said``."""
        checks = check_scene(self.detect(picture), intent_of_scene(scene))
        return all(check.holds for check in checks if check.kind not in OF_FIGURES and said[check.kind])


def intent_of_scene(scene: Scene) -> IntentFacts:
    """Returns the scene's ground truth as an intent."""
    figures = tuple(
        FigureFacts(subject=figure.subject, colour=figure.colour, count=figure.count)
        for figure in scene.figures
    )
    return IntentFacts(
        by="truth",
        prompt="",
        figures=figures,
        relation=scene.relation or None,
        setting=None if scene.place else scene.setting,
        light=scene.light,
        place=scene.place or None,
        season=scene.season or None,
        weather=scene.weather,
        style=scene.style,
    )


def measure_judge(judge: Judge, scenes: Sequence[Scene]) -> tuple[Share, Share]:
    """Returns the share of right renders that the judge recognises, and of wrong ones that it refuses.

    The wrong ones are the same scenes with one change: a subject, a colour, the order or the number.
    """
    rng = random.Random(len(scenes))
    right = Share.of_all(judge.shows(render_square(scene), scene) for scene in scenes)
    wrong = Share.of_all(not judge.shows(render_square(_spoil_scene(scene, rng)), scene) for scene in scenes)
    return right, wrong


def render_square(scene: Scene, side: int = STARTER_SIDE) -> Picture:
    return levels_to_floats(render_scene(scene, side, side))


def _spoil_scene(scene: Scene, rng: random.Random) -> Scene:
    return rng.choice([spoil for spoil in _SPOILS if _applies(spoil, scene)])(scene, rng)


def _other_subject(scene: Scene, rng: random.Random) -> Scene:
    figure = rng.choice(scene.figures)
    there = {each.subject for each in scene.figures} | {"figurine"}
    changed = replace(
        figure, subject=rng.choice([name for name in SUBJECTS if name not in there]), character=None
    )
    return _with(scene, figure, changed)


def _other_colour(scene: Scene, rng: random.Random) -> Scene:
    figure = rng.choice(scene.figures)
    return _with(scene, figure, replace(figure, colour=_other(COLOURS, figure.colour, rng)))


def _other_order(scene: Scene, rng: random.Random) -> Scene:
    del rng
    one, two = scene.figures
    return replace(scene, figures=(replace(one, slot=two.slot), replace(two, slot=one.slot)))


def _other_number(scene: Scene, rng: random.Random) -> Scene:
    [figure] = scene.figures
    return _with(
        scene, figure, replace(figure, count=rng.choice([n for n in (2, 3, 4) if n != figure.count]))
    )


_SPOILS: tuple[Callable[[Scene, random.Random], Scene], ...] = (
    _other_subject,
    _other_colour,
    _other_order,
    _other_number,
)


def _applies(spoil: Callable[[Scene, random.Random], Scene], scene: Scene) -> bool:
    if spoil is _other_order:
        return len(scene.figures) == 2
    return spoil is not _other_number or scene.figures[0].count > 1


def _with(scene: Scene, old: object, new: object) -> Scene:
    figures = tuple(new if figure is old else figure for figure in scene.figures)
    return replace(scene, figures=figures)


def _other(choices: Iterable[str], but: str, rng: random.Random) -> str:
    return rng.choice([each for each in choices if each != but])
