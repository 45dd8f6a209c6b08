"""The words that the rules of ``intent`` know, each with the name that Plantain gives to what it means."""

from __future__ import annotations


def _spellings(names: dict[str, str]) -> dict[str, str]:
    """From ``name: "its spellings"`` to a map of every spelling, and its plural, to the name."""
    found: dict[str, str] = {}
    for name, spellings in names.items():
        for spelling in (name, *filter(None, spellings.split(", "))):
            found[spelling] = found[_plural(spelling)] = name
    return found


def _plural(word: str) -> str:
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "sh", "ch", "x")) else "s")


SUBJECTS = _spellings(
    {
        "banana": "plantain",
        "boat": "sailboat, sailing boat, ship, yacht",
        "house": "cottage, home, hut, cabin",
        "tree": "oak, pine",
        "cat": "kitten, kitty",
        "dog": "puppy, hound",
        "bird": "sparrow, robin",
        "fish": "goldfish",
        "car": "automobile, motorcar",
        "robot": "android",
        "mug": "cup, coffee cup",
        "balloon": "hot air balloon, air balloon",
        "rocket": "spaceship, rocket ship",
        "flower": "tulip, rose, daisy",
        "umbrella": "parasol",
        "lighthouse": "",
    }
)

COLOURS = {
    "red": "red",
    "crimson": "red",
    "scarlet": "red",
    "orange": "orange",
    "yellow": "yellow",
    "golden": "yellow",
    "green": "green",
    "emerald": "green",
    "blue": "blue",
    "navy": "blue",
    "turquoise": "turquoise",
    "teal": "turquoise",
    "cyan": "turquoise",
    "purple": "purple",
    "violet": "purple",
    "pink": "pink",
    "rosy": "pink",
    "brown": "brown",
    "white": "white",
    "black": "black",
    "grey": "grey",
    "gray": "grey",
}

SETTINGS = _spellings(
    {
        "sea": "ocean, water, harbour, lake",
        "meadow": "field, grass, hill, lawn",
        "desert": "dune, sand",
        "city": "town, street, skyline",
        "snow": "snowfield, snowy, winter",
        "forest": "wood",
        "room": "table, kitchen, indoors, studio",
        "space": "moon, stars",
        "beach": "shore, coast",
        "mountain": "peak, alps",
    }
)

LIGHTS = {
    "night": "night",
    "midnight": "night",
    "moonlight": "night",
    "evening": "sunset",
    "dusk": "sunset",
    "sunset": "sunset",
    "dawn": "sunset",
    "sunrise": "sunset",
    "day": "day",
    "daytime": "day",
    "noon": "day",
    "sunny": "day",
    "daylight": "day",
}

COUNTS = {"one": 1, "two": 2, "three": 3, "four": 4, "1": 1, "2": 2, "3": 3, "4": 4}
