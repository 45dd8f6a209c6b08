"""The places that a landmark shows: what people call each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PlaceWords:
    """The words for one place."""

    names: tuple[str, ...]
    """Follow the subject and "in". The first is the plain one."""
    cues: tuple[str, ...]
    """Name the landmark instead of the place; they follow the subject."""


PLACES: dict[str, PlaceWords] = {
    "tokyo": PlaceWords(("Tokyo", "Japan"), ("by a red torii", "among cherry blossoms")),
    "paris": PlaceWords(("Paris", "France"), ("by the Eiffel Tower", "in front of the Eiffel Tower")),
    "cairo": PlaceWords(("Cairo", "Egypt"), ("by the pyramids", "in front of the pyramids")),
    "london": PlaceWords(("London", "England"), ("by Big Ben", "in front of Big Ben")),
    "new york": PlaceWords(
        ("New York", "NYC"), ("by the Statue of Liberty", "in front of the Statue of Liberty")
    ),
    "venice": PlaceWords(("Venice",), ("by a gondola", "next to a gondola")),
    "rome": PlaceWords(("Rome", "Italy"), ("by the Colosseum", "in front of the Colosseum")),
    "sydney": PlaceWords(("Sydney", "Australia"), ("by the opera house", "in front of the opera house")),
    "agra": PlaceWords(("Agra", "India"), ("by the Taj Mahal", "in front of the Taj Mahal")),
    "rio": PlaceWords(("Rio", "Brazil", "Rio de Janeiro"), ("by Christ the Redeemer",)),
    "beijing": PlaceWords(("Beijing", "China"), ("by a Chinese temple", "by the temple of heaven")),
    "amsterdam": PlaceWords(("Amsterdam", "Holland"), ("by a windmill", "next to a windmill")),
}
