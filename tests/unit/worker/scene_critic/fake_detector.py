"""A detector whose detections a test chooses."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from training.critic.scene_facts import facts_of_scene
from training.scenes.ground_truth import scene_truth
from training.scenes.scene_sampling import Scene
from worker.scene_critic.detections import Detection, SceneDetections, SubjectDetector
from worker.scene_critic.picture_facts import FACTS

_CERTAIN = 0.95


class FakeDetector(SubjectDetector):
    """Returns the given detections in turn, the last one for ever. Its heat lies on the left half."""

    def __init__(self, *detections: SceneDetections) -> None:
        self._detections = list(detections)
        self.shown: list[np.ndarray] = []

    def detect(self, rgb: np.ndarray) -> SceneDetections:
        self.shown.append(rgb)
        return self._detections[min(len(self.shown), len(self._detections)) - 1]

    def heat_map(self, rgb: np.ndarray, subject: str) -> NDArray[np.float32]:
        heat = np.zeros((16, 16), np.float32)
        if any(detections.find(subject) for detections in self._detections):
            heat[4:12, :8] = _CERTAIN
        return heat


def detection(
    subject: str, colour: str = "red", x: float = 0.5, y: float = 0.5, confidence: float = _CERTAIN
) -> Detection:
    return Detection(subject, colour, 0.2, (x, y), (x - 0.2, y - 0.2, x + 0.2, y + 0.2), confidence)


def scene_showing(*subjects: Detection, sure: float = _CERTAIN, **facts: str) -> SceneDetections:
    """Returns the detections of a flat picture of a meadow on a clear day, changed by ``facts``."""
    plain = {name: answers[0] for name, answers in FACTS.items()} | {"setting": "meadow", **facts}
    return SceneDetections(subjects, {name: (answer, sure) for name, answer in plain.items()})


def perfect_detections(scene: Scene) -> SceneDetections:
    """Returns what a detector without fault would detect."""
    shown = scene_truth(scene)
    subjects = tuple(
        Detection(
            each.name,
            each.colour,
            0.1,
            ((each.box[0] + each.box[2]) / 2, (each.box[1] + each.box[3]) / 2),
            each.box,
            1.0,
        )
        for each in shown.subjects
    )
    return SceneDetections(subjects, {name: (answer, 1.0) for name, answer in facts_of_scene(scene).items()})
