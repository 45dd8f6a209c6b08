"""What the scenes are of: kinds of subjects, each drawn in its own frame in any colour."""

from __future__ import annotations

from . import animals, buildings, figurine, plants, things, vehicles
from .figurine import Character
from .kind import Kind

SUBJECTS: dict[str, Kind] = {
    **animals.KINDS,
    **vehicles.KINDS,
    **buildings.KINDS,
    **plants.KINDS,
    **things.KINDS,
    **figurine.KINDS,
}

__all__ = ["SUBJECTS", "Character", "Kind"]
