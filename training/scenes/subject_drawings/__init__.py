"""The drawings of the subjects, each in its own frame and in any colour."""

from __future__ import annotations

from . import animals, buildings, figurine, plants, things, vehicles
from .details import SubjectDrawing

SUBJECT_DRAWINGS: dict[str, SubjectDrawing] = {
    **animals.DRAWINGS,
    **vehicles.DRAWINGS,
    **buildings.DRAWINGS,
    **plants.DRAWINGS,
    **things.DRAWINGS,
    **figurine.DRAWINGS,
}
"""The drawing of every subject of the vocabulary."""
