"""Detections in a picture: each subject with its colour and position, and facts about the whole."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from worker.scene_critic.network import CELL, DetectionNetwork
from worker.scene_critic.picture_facts import FACTS
from worker.scene_vocabulary.colours import COLOURS
from worker.scene_vocabulary.subjects import SUBJECTS

AREA = 4096
"""Pixels of the scaled picture that the network is given; it was trained at this size."""
LEAST_SHARE = 0.02
"""The least share of cells that a detected subject covers; fewer count as noise."""
_NAMES, _COLOURS = tuple(SUBJECTS), tuple(COLOURS)

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Detection:
    """One subject in a picture, with all of its copies."""

    subject: str
    colour: str
    share: float
    """The share of the picture's cells that it covers."""
    centre: tuple[float, float]
    """x and y, in shares of the sides."""
    box: Box
    """Left, top, right, bottom, in shares of the sides."""
    confidence: float
    """The mean probability of the subject over its cells."""


@dataclass(frozen=True)
class SceneDetections:
    """The detected subjects, the largest first, and the answer to each of ``FACTS`` with its probability."""

    subjects: tuple[Detection, ...]
    facts: dict[str, tuple[str, float]]

    def find(self, subject: str) -> Detection | None:
        """Returns the detection of ``subject``, or None."""
        return next((seen for seen in self.subjects if seen.subject == subject), None)


class SubjectDetector:
    """Detects subjects in pictures: float32 (H, W, 3) in 0–1, of any size."""

    def __init__(self, network: DetectionNetwork) -> None:
        self._network = network

    def detect(self, rgb: np.ndarray) -> SceneDetections:
        """Returns everything that the network detects."""
        subject, colour, facts = self._read(_scale_to_network(rgb))
        return SceneDetections(_find_detections(subject, colour), facts)

    def heat_map(self, rgb: np.ndarray, subject: str) -> NDArray[np.float32]:
        """Returns the probability of ``subject`` in each half cell: (rows, columns) in 0–1.

        It is the mean over the picture and three copies that are shifted by half a cell.
        """
        small, number = _scale_to_network(rgb), 1 + _NAMES.index(subject)
        rows, columns = (2 * side // CELL for side in small.shape[:2])
        total = np.zeros((rows, columns), np.float32)
        for down in (0, 1):
            for across in (0, 1):
                half_cells = (
                    self._read(_shift_by_half_cells(small, down, across))[0][number].repeat(2, 0).repeat(2, 1)
                )
                total += half_cells[down : down + rows, across : across + columns]
        return total / 4

    @torch.inference_mode()
    def _read(
        self, small: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], dict[str, tuple[str, float]]]:
        seen = self._network(torch.from_numpy(small).permute(2, 0, 1)[None])
        facts: dict[str, tuple[str, float]] = {}
        for name, logits in seen.facts.items():
            sureness, answer = logits[0].softmax(0).max(0)
            facts[name] = FACTS[name][int(answer)], float(sureness)
        return seen.subject[0].softmax(0).numpy(), seen.colour[0].softmax(0).numpy(), facts


def _shift_by_half_cells(small: NDArray[np.float32], down: int, across: int) -> NDArray[np.float32]:
    """Returns the picture shifted by ``down`` and ``across`` half cells; each shift adds a cell."""
    half = CELL // 2
    edges = [(half * by, half * by) for by in (down, across)]
    return np.pad(small, (*edges, (0, 0)), mode="edge")


def _scale_to_network(rgb: np.ndarray) -> NDArray[np.float32]:
    """Returns the picture at about ``AREA`` pixels, its sides multiples of a cell."""
    height, width = rgb.shape[:2]
    scale = (AREA / (height * width)) ** 0.5
    rows, columns = (max(1, round(side * scale / CELL)) for side in (height, width))
    size = (columns * CELL, rows * CELL)
    small = cv2.resize(rgb.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return small.clip(0, 1).astype(np.float32)


def _find_detections(subject: NDArray[np.float32], colour: NDArray[np.float32]) -> tuple[Detection, ...]:
    winner = subject.argmax(0)
    found = [
        _make_detection(number, winner == number, subject[number], colour)
        for number in np.unique(winner)
        if number and float((winner == number).mean()) >= LEAST_SHARE
    ]
    return tuple(sorted(found, key=lambda seen: -seen.share))


def _make_detection(
    number: int, cells: NDArray[np.bool_], heat: NDArray[np.float32], colour: NDArray[np.float32]
) -> Detection:
    rows, columns = cells.shape
    y, x = np.nonzero(cells)
    tone = colour[1:, cells].sum(axis=1)
    return Detection(
        _NAMES[number - 1],
        _COLOURS[int(tone.argmax())],
        float(cells.mean()),
        (float((x + 0.5).mean() / columns), float((y + 0.5).mean() / rows)),
        (
            float(x.min() / columns),
            float(y.min() / rows),
            float((x.max() + 1) / columns),
            float((y.max() + 1) / rows),
        ),
        float(heat[cells].mean()),
    )
